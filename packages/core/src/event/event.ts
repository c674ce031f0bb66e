/** A hop of a causal path: the sender of the cause, the sender of the effect. */
export type Hop = readonly [from: string, to: string];

/** Where an event stands in the web of causes. Filled by the framework; a sender can't forge it. */
export interface Causal {
  /** A UUIDv7 (RFC 9562): sortable by time, monotonic within a space, with 62 random bits. */
  readonly id: string;
  /** The id of the node that sent the event. */
  readonly sender: string;
  /** The id of the event that caused this one; absent at a root. */
  readonly causationId?: string;
  /** The ids of all causes, when a handler of a batch emitted the event. */
  readonly causes?: readonly string[];
  /** Shared by everything that followed from one root: its id, unless the root named another. */
  readonly correlationId: string;
  /**
   * The hops from the root to here, `[]` at a root. Of a chain longer than 64 hops the first 8 and the last 55 are kept;
   * `omittedHops` counts the rest.
   */
  readonly path: readonly Hop[];
  /** How many hops `path` leaves out of its middle; 0 for chains of up to 64. */
  readonly omittedHops: number;
  /** How many events lie between the root (0) and this one. */
  readonly depth: number;
  /** SHA-256 of the event's canonical bytes (see `docs/wire-format.md`), as 64 hexadecimal digits. */
  readonly hash: string;
}

/** Who an event comes from. */
export interface Origin {
  /** The node that sent this event. Filled by the framework. */
  readonly nodeId: string;
  /** The original source, as the sender claims it (a user's id, say); inherited along the chain. */
  readonly sourceId?: string;
  /** What `sourceId` names, such as `user`; inherited along the chain. */
  readonly sourceType?: string;
  readonly [key: string]: unknown;
}

/** What travels with an event beside its payload. */
export interface EventContext {
  readonly causal: Causal;
  readonly origin: Origin;
  /** Inherited along the chain unless a sender gives it anew. */
  // the user's own data, untyped by design
  readonly user?: any;
  /** Where the sender runs, from its space's config. */
  readonly system?: { readonly environment?: string; readonly region?: string };
  // any other key is the sender's own
  readonly [key: string]: any;
}

/** An event as a handler receives it: immutable. */
// an event left untyped has an untyped payload
export interface HappenEvent<T extends string = string, P = any> {
  readonly type: T;
  readonly payload: P;
  readonly context: EventContext;
}

/** An event as a sender writes it. */
// an event left untyped has an untyped payload
export interface Outgoing<T extends string = string, P = any> {
  /** 1 to 512 characters; `system.*` and `node.*` are the framework's own. */
  readonly type: T;
  readonly payload?: P;
  /** What travels along; `causal` (but for a root's `correlationId`) and `origin.nodeId` are overwritten. */
  readonly context?: object;
}
