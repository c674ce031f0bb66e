/** What a space is willing to read off a wire, and to put on it. Both ends of a wire must agree, or one refuses the other. */
export interface WireLimits {
  /** The longest frame, in bytes. */
  readonly maxFrameBytes: number;
  /** The most MessagePack values, keys and containers included, in one payload. */
  readonly maxItems: number;
  /** How many containers (arrays, objects, maps, sets, errors) may stand inside each other in one payload. */
  readonly maxDepth: number;
  /** The longest encoded payload, in bytes. Leave a frame some room for the envelope around it. */
  readonly maxPayloadBytes: number;
}

/** The limits where none are given: a frame of 1 MiB, with 64 KiB of it kept for what surrounds the payload. */
export const defaultWireLimits: WireLimits = {
  maxFrameBytes: 1_048_576,
  maxItems: 100_000,
  maxDepth: 64,
  maxPayloadBytes: 983_040,
};

/** The limits of the fields around a payload, which no configuration changes. Lengths are in UTF-16 units. */
export const envelopeLimits = {
  /** Event types, event ids, node ids, correlation ids and instance ids; none of them may be empty. */
  maxNameLength: 512,
  /** The ordering key of a delivery, and its key against repetition. */
  maxKeyLength: 1_024,
  /** Hops in a causal path. */
  maxPathHops: 64,
  /** Events in a batch. */
  maxBatchEvents: 10_000,
  /** Ids in `causes`: those of a whole batch. */
  maxCauses: 10_000,
  /** The causal depth of an event. */
  maxCausalDepth: 1_000_000,
  /** Values that an event may hold beside its payload, and a frame beside its events and payloads. */
  maxItems: 50_000,
  /** Bytes of a bigint's magnitude. */
  maxBigintBytes: 1_024,
  /** An error's message, a reason for cancelling. */
  maxMessageLength: 8_192,
  /** Errors in a chain of causes, the first included. */
  maxErrorChain: 8,
} as const;
