import type { NatsConnection } from '@nats-io/nats-core';

/** Certificates for TLS. Paths are for Node, Deno and Bun; browsers have certificates of their own, and take none from here. */
export interface TlsOptions {
  /** The authorities that servers are checked against, as PEM. @default those of the machine */
  readonly ca?: string;
  readonly caFile?: string;
  /** What proves this client to servers that ask for it, as PEM. */
  readonly cert?: string;
  readonly certFile?: string;
  readonly key?: string;
  readonly keyFile?: string;
  /** TLS from the first byte, for servers that want it so. @default `false` */
  readonly handshakeFirst?: boolean;
}

/** How a space joins others over NATS. */
export interface NatsTransportOptions {
  /**
   * URLs of servers, tried in random order: `nats://`, or `tls://` for TLS, which then holds for all of them; by WebSocket `ws://` or
   * `wss://`. They may name who signs in: `nats://user:password@host`, `nats://token@host`. @default `nats://localhost:4222`, or `ws://localhost:9222` by WebSocket
   */
  readonly servers?: string | readonly string[];
  /** Spaces of other names share nothing with this one on the same servers. At most 64 characters. @default `happen` */
  readonly space?: string;
  /** Names the connection in the server's monitoring. */
  readonly name?: string;

  /** Signs in with a name and `password`. */
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** Signs in with an nkey: its seed (`SU…`), which is the private key. It is the Ed25519 key that can be the identity of a node. */
  readonly nkey?: string;
  /** Signs in with a JWT: the content of a credentials file. */
  readonly credentials?: string;
  readonly tls?: TlsOptions | boolean;

  /** Whether a server without JetStream is refused. @default `false` */
  readonly jetstream?: boolean;
  /** Whether to connect again once the connection is lost. @default `true` */
  readonly reconnect?: boolean;
  /** How long to wait between two attempts: milliseconds, or a string such as `"2s"`. @default 2 000 ms */
  readonly reconnectTimeWait?: number | string;
  /** How often to try each server in vain before giving up; -1: for ever. @default -1 */
  readonly maxReconnectAttempts?: number;
  /**
   * How often the server is asked whether it is there; after the second time without an answer the connection counts as lost.
   * Milliseconds, or a string. @default 1 000 ms, so that a connection that leads nowhere is noticed within five seconds
   */
  readonly pingInterval?: number | string;

  /** How many bytes of frames wait at most while there is no connection, or a slow one; what is more is refused. @default 16 MiB */
  readonly outboxBytes?: number;
  /**
   * The longest frame, 1 024 to 67 108 864 bytes. Frames longer than the server's own limit go in parts. A space also needs
   * `limits: { maxFrameBytes, maxPayloadBytes }` for events longer than a megabyte. @default 67 108 864
   */
  readonly maxFrameBytes?: number;
  /**
   * Whether what is sent to several nodes of one process shares a frame, which goes by the subject of one of them: who may hear
   * that one may hear what is for the others then. @default where the server lets in everybody, who may hear everything anyway
   */
  readonly shareFrames?: boolean;
}

/** A transport over a connection that is there already, and that stays when the space closes. */
export interface GivenConnectionOptions
  extends Pick<NatsTransportOptions, 'space' | 'outboxBytes' | 'maxFrameBytes' | 'shareFrames' | 'jetstream'> {
  /** Made with `noEcho: true`: a space must not hear itself. So two spaces on one connection do not hear each other. */
  readonly connection: NatsConnection;
}

/** What the transport works with, defaults filled in. */
export interface Settings {
  readonly space: string;
  readonly jetstream: boolean;
  readonly outboxBytes: number;
  readonly maxFrameBytes: number;
  /** Where the server lets in everybody, unless it is said. */
  readonly shareFrames: boolean | undefined;
  readonly reconnect: boolean;
  readonly reconnectTimeWaitMs: number;
  readonly maxReconnectAttempts: number;
  readonly pingIntervalMs: number;
}
