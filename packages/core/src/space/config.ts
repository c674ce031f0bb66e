import type { AnyEvents, SchemasFor } from '../event/event-map.js';
import type { Extension } from '../extension/extension.js';
import type { ConcurrencySettings } from '../node/inbox.js';
import type { Clock } from '../ports/clock.js';
import type { Crypto } from '../ports/crypto.js';
import type { Logger } from '../ports/logger.js';
import type { Signer } from '../identity/key-pair.js';
import type { SecurityConfig } from '../identity/security-config.js';
import type { Store } from '../ports/store.js';
import type { WireLimits } from '../wire/limits.js';
import type { Isolation } from '../event/isolation.js';
import type { JoinableTransport } from '../link/define-transport.js';

/** The config of a space. Every part has a default; an unknown key or a wrong value is an error that names its path. */
export interface SpaceConfig<X extends readonly Extension[] = readonly Extension[]> {
  /** Joins other spaces; without one the space lives within this process alone. */
  readonly transport?: JoinableTransport;
  /** Where extensions keep what must outlive the nodes. The space closes it. */
  readonly store?: Store;
  /** Random bytes and SHA-256, and Ed25519 if something is signed, in place of the runtime's. */
  readonly crypto?: Crypto;
  readonly extensions?: X;
  /** How nodes take events: for all, and for the ids that a pattern matches (the longest one wins). */
  readonly concurrency?: {
    readonly default?: Partial<ConcurrencySettings>;
    readonly patterns?: Readonly<Record<string, Partial<ConcurrencySettings>>>;
  };
  /** Signatures of frames, or of events. @default nothing is signed */
  readonly security?: SecurityConfig;
  /** @default `freeze`, but `trust` when `NODE_ENV` is `production` */
  readonly isolation?: Isolation;
  readonly causality?: {
    /**
     * `automatic` follows causes through `await`, timers and callbacks where the runtime can; `explicit` only until a
     * handler's first `await`, and through `context.node` for as long as wanted, at less cost.
     *
     * @default `automatic`
     */
    readonly tracking?: 'automatic' | 'explicit';
    /** The deepest event of a causal chain; one more is refused. 1 to 100 000. @default 1000 */
    readonly maxDepth?: number;
    /**
     * How many events `happen.causality` remembers: the latest that were emitted or received here, without their payloads,
     * at most 200 bytes each where names are short. 0 to 1 000 000; 0 remembers nothing. @default 1000
     */
    readonly memory?: number;
  };
  /** Makes event ids, in place of UUIDv7: non-empty strings of up to 512 characters, never the same twice. */
  readonly ids?: () => string;
  /** A pino logger fits. @default silent */
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly metrics?: {
    /** Whether `metrics()` has latencies. They cost a few readings of the clock for each event. @default `false` */
    readonly latencies?: boolean;
  };
  /** Put into `context.system` of every event. */
  readonly system?: { readonly environment?: string; readonly region?: string };
  /** What is taken from a wire at most. */
  readonly limits?: Partial<WireLimits>;
}

/** How one node differs from its space. `M`: the events it takes. */
export interface NodeOptions<M = AnyEvents> {
  /**
   * Schemas for the payloads of its types, by type (exact, no pattern): Zod's or any other that follow Standard Schema. An event
   * that does not fit reaches no handler and is answered with `HAPPEN_SCHEMA_REJECTED`; handlers get what the schema makes of
   * the payload. Events of such a type are taken one by one from a batch, unless a handler says otherwise.
   */
  readonly events?: SchemasFor<M>;
  /**
   * Who may send to the node: ids of nodes (`checkout`, `api-*`), or sources with a scheme (`tenant:acme:*`), which are
   * matched against `origin.sourceId`. @default everybody
   */
  readonly acceptFrom?: readonly string[];
  readonly concurrency?: Partial<ConcurrencySettings>;
  /**
   * Whether the node is meant to live in one place alone. If a node of this id lives in two spaces and either is exclusive, both
   * spaces are told (`system.node-conflict`) by a transport that knows who lives where: memory and NATS do. Both go on.
   *
   * @default `false`: several instances of a node share its work
   */
  readonly exclusive?: boolean;
  /**
   * The node's key pair, for one that outlives the process: what `createIdentity` made, a seed that it exported, or a signer
   * of your own (a hardware module, a key of the browser's that can't be read out).
   *
   * @default one that is made when first needed, and is gone with the process
   */
  readonly identity?: Uint8Array | Signer;
}

/** What is known of a node that lives elsewhere. */
export interface ReferenceOptions<M = AnyEvents> {
  /**
   * The schemas that the node attaches to its types. What is sent to the reference, and leaves the process, is checked by them
   * first, and again by the node. Asynchronous ones are left to the node.
   */
  readonly events?: SchemasFor<M>;
}
