import type { NatsTransportOptions } from '@happen/nats';

/** A duration: milliseconds, or a string of a number and `ms`, `s`, `m`, `h` or `d`, such as `"5m"`. */
export type Duration = number | string;

/** Where one kind of runtime finds the servers. */
export interface NatsEndpoint {
  /** URLs of servers, tried in random order. */
  readonly servers?: string | readonly string[];
  /** Whether the server must have JetStream: one without it is refused. @default `false` */
  readonly jetstream?: boolean;
}

/**
 * How the space connects. One pair of `servers` and `jetstream` for every runtime, or one for each kind (`server`, `browser`):
 * not both. The rest holds everywhere, and is what `natsTransport` of `@happen/nats` takes.
 */
export interface NatsConnectionConfig
  extends NatsEndpoint,
    Omit<NatsTransportOptions, 'servers' | 'jetstream' | 'reconnectTimeWait' | 'space'> {
  /** Where Node, Deno and Bun connect. @default the environment's `NATS_URL`, else `nats://localhost:4222` */
  readonly server?: NatsEndpoint;
  /** Where pages and their workers connect, by WebSocket. @default `ws://localhost:9222` */
  readonly browser?: NatsEndpoint;
  /** How long to wait between two attempts. @default 2 000 ms */
  readonly reconnectTimeWait?: Duration;
}

/** Everything about NATS. */
export interface NatsConfig {
  /** Spaces of other names share nothing with this one, on the same servers. @default `happen` */
  readonly space?: string;
  readonly connection?: NatsConnectionConfig;
  /**
   * What the space makes of the server. Only what is off or at most once is available yet; anything else is refused with
   * `HAPPEN_NOT_AVAILABLE`.
   */
  readonly capabilities?: {
    readonly persistence?: {
      readonly enabled?: boolean;
      readonly keyValue?: {
        readonly enabled?: boolean;
        readonly buckets?: { readonly state?: string; readonly temporal?: string };
      };
      readonly temporal?: {
        readonly enabled?: boolean;
        readonly history?: number;
        readonly maxAge?: Duration;
        /** Which events leave a snapshot: a pattern of types, or a function of the type. */
        readonly events?: string | ((type: string) => boolean);
      };
    };
    readonly delivery?: {
      readonly mode?: 'at-most-once' | 'at-least-once' | 'exactly-once';
      /** The same as the mode `exactly-once`. */
      readonly exactlyOnce?: boolean;
      readonly deduplication?: boolean;
      readonly deduplicationWindow?: Duration;
    };
    readonly flowControl?: {
      readonly enabled?: boolean;
      /** In bytes. */
      readonly maxPending?: number;
    };
  };
  readonly regions?: {
    readonly primary?: string;
    readonly replicas?: readonly string[];
    readonly coordination?: {
      readonly strategy?: 'primary-replica';
      readonly conflictResolution?: 'last-writer-wins';
    };
  };
}
