/** A hop of a causal path: who sent the cause, who sent the effect. */
export type WireHop = readonly [from: string, to: string];

/** An event as its canonical bytes say it; everything the hash covers. */
export interface WireEvent {
  readonly type: string;
  readonly payload: unknown;
  readonly id: string;
  readonly sender: string;
  readonly causationId: string | undefined;
  /** The ids of all causes, for what a batch handler emitted. */
  readonly causes: readonly string[] | undefined;
  readonly correlationId: string;
  readonly depth: number;
  readonly path: readonly WireHop[];
  /** How many hops were left out of the middle of `path`. */
  readonly omittedHops: number;
  /** The keys of `context.origin` other than `nodeId`. */
  readonly origin: Readonly<Record<string, unknown>> | undefined;
  /** The keys of `context` other than `causal`, `origin` and `integrity`. */
  readonly context: Readonly<Record<string, unknown>> | undefined;
}

/** An event's canonical bytes with their hash. */
export interface EncodedEvent {
  readonly bytes: Uint8Array;
  /** SHA-256 of `bytes`. */
  readonly hash: Uint8Array;
  /** `context.integrity`, which the hash leaves out. */
  readonly integrity: unknown;
}

/** An error as it crosses: enough to rebuild it. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly cause: WireError | undefined;
}

/** What a frame holds. */
export type Message =
  | {
      readonly kind: 'deliver';
      /** The addressed node, or `undefined` for a broadcast. */
      readonly target: string | undefined;
      /** One event, or several when `batch`. */
      readonly events: readonly EncodedEvent[];
      readonly batch: boolean;
      /** The number the sender waits under, 1 to 2^53-1; 0 when it waits for nothing. For a broadcast: that of its stream. */
      readonly request: number;
      /** Milliseconds left for the answer when the frame was made; 0 when unbounded. */
      readonly remainingMs: number;
      readonly priority: number;
      readonly key: string | undefined;
      /** The sender's name for this event, by which a repetition is recognised. */
      readonly dedupeKey: string | undefined;
    }
  | { readonly kind: 'reply'; readonly request: number /** An encoded payload. */; readonly value: Uint8Array }
  | { readonly kind: 'failure'; readonly request: number; readonly error: WireError }
  | { readonly kind: 'cancel'; readonly request: number; readonly reason: string }
  /** The answer is a stream: the instance that sent this makes it. */
  | { readonly kind: 'stream'; readonly request: number }
  | {
      readonly kind: 'items';
      readonly request: number;
      /** The number of the first of them; the first of the stream is 0. */
      readonly first: number;
      /** Encoded payloads, at least one. */
      readonly items: readonly Uint8Array[];
    }
  /** The stream is over; `count`: of all its items. */
  | { readonly kind: 'end'; readonly request: number; readonly count: number; readonly value: Uint8Array }
  | { readonly kind: 'broken'; readonly request: number; readonly count: number; readonly error: WireError }
  | {
      readonly kind: 'credit';
      readonly request: number;
      /** Up to so many items may be sent, counted from the beginning of the stream. */
      readonly items: number;
      /** Another may be sent as long as those before it have fewer bytes than this. */
      readonly bytes: number;
    }
  /** Asks, under a number of its own, for the stream that came with a broadcast under the number `stream`. */
  | { readonly kind: 'subscribe'; readonly request: number; readonly stream: number }
  /** So many items in all the consumer was too slow for. */
  | { readonly kind: 'dropped'; readonly request: number; readonly count: number };

/** A message of one kind. */
export type MessageOf<K extends Message['kind']> = Extract<Message, { kind: K }>;

/** A decoded frame. */
export interface Frame {
  /** The instance that made it, and where replies go. */
  readonly from: string;
  /** Unique among the frames of that instance, growing: what a receiver recognises a repeated frame by. */
  readonly sequence: number;
  readonly messages: readonly Message[];
}
