import type { HappenEvent } from '../event/event.js';
import type { ErrorCode } from '../errors/error-codes.js';
import type { HappenError } from '../errors/happen-error.js';
import type { FrameRefusal } from '../identity/refusal.js';
import type { LagSeverity } from '../node/lag.js';
import type { ConnectionStatus } from '../ports/transport.js';

/** How far a node lags behind. */
export interface LagMetrics {
  /** How many events wait for it, in its queue and for their keys. */
  readonly messagesWaiting: number;
}

/** What an imbalance looks like. */
export type ImbalancePattern = 'network-partition' | 'node-failure' | 'processing-bottleneck' | 'system-overload';

/** The framework's own events and their payloads. */
export interface SystemEvents {
  /** A handler threw, or something failed that nobody waits for. */
  'node.error': {
    readonly nodeId: string;
    readonly code: ErrorCode;
    readonly message: string;
    readonly error: HappenError;
    /** The type and id of the event concerned, where there is one. */
    readonly type?: string;
    readonly eventId?: string;
  };
  /** An event reached a node, or a space, in which nothing handles its type. */
  'node.unhandled': {
    readonly nodeId: string | undefined;
    readonly type: string;
    readonly eventId: string;
    readonly sender: string;
  };
  /** The waiting events of a node crossed `backpressureThreshold`, upwards or back. */
  'node.backpressure': {
    readonly nodeId: string;
    readonly level: 'high' | 'normal';
    readonly waiting: number;
    readonly limit: number;
  };
  /**
   * Events pile up at a node of this space: more than 100 wait (`minor`), or as many as its `backpressureThreshold` says where
   * those are fewer, more than 500 (`moderate`), or more than 1 000 (`severe`). Told again when the severity rises, not when
   * it falls. `pattern` is `system-overload` while `system.down` holds, else `processing-bottleneck`; `affectedNodes` are all
   * that are down, this one included.
   */
  'node.down': {
    readonly nodeId: string;
    readonly lagMetrics: LagMetrics;
    readonly pattern: ImbalancePattern;
    readonly affectedNodes: readonly string[];
    readonly severity: LagSeverity;
  };
  /** What `node.down` told of is over: no more than half of what made it `minor` wait. */
  'node.up': { readonly nodeId: string };
  /**
   * Of the nodes of this space that listen to anything, more than half, and two at least, are down: `warning`; as many are
   * severely so: `critical`. Told again when a warning becomes critical.
   */
  'system.down': {
    readonly level: 'warning' | 'critical';
    readonly affectedNodes: readonly string[];
    readonly pattern: ImbalancePattern;
  };
  /** What `system.down` told of is over; `affectedNodes` are those that were down until then. */
  'system.up': { readonly affectedNodes: readonly string[] };
  /** The transport's connection changed. */
  'system.connection-status': { readonly status: ConnectionStatus; readonly reason?: string };
  /** A node of this space lives at another instance as well, although one of the two was created with `exclusive: true`. */
  'system.node-conflict': { readonly nodeId: string; readonly instance: string };
  /** A frame from elsewhere, or something in it, was refused by `security`. `nodeId`: who it says it is from, unproven. */
  'system.frame-refused': { readonly reason: FrameRefusal; readonly nodeId: string | undefined };
}

/** A type of the framework's own. */
export type SystemEventType = keyof SystemEvents;

/** An event of the framework's own, as `happen.on` hands it over. */
export type SystemEvent<T extends SystemEventType = SystemEventType> = HappenEvent<T, SystemEvents[T]>;
