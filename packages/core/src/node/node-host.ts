import type { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import type { FlowRecord } from '../flow/flow-record.js';
import type { FlowInterceptor } from '../flow/flow-watching.js';
import type { AsyncTracker } from '../host/host.js';
import type { Latencies } from '../metrics/latencies.js';
import type { Clock } from '../ports/clock.js';
import type { Crypto } from '../ports/crypto.js';
import type { LagSeverity } from './lag.js';
import type { NodeCore } from './node-core.js';

/** What a node needs from its space. */
export interface NodeHost {
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly tracker: AsyncTracker<FlowRecord>;
  readonly tracksPromises: boolean;
  /** The extensions that look at flows; `undefined` when none does. */
  readonly flowInterceptor: FlowInterceptor | undefined;
  /** @param isTaken whether an asker gets it */
  reportFailure(error: HappenError, nodeId: string, event: HappenEvent | undefined, isTaken?: boolean): void;
  /** @param isAsked whether an asker is told */
  reportUnhandled(event: HappenEvent, nodeId: string, isAsked: boolean): void;
  reportPressure(nodeId: string, high: boolean, waiting: number, limit: number): void;
  /** So many wait at the node that it has fallen behind, or further behind. */
  nodeFellBehind(nodeId: string, severity: LagSeverity, waiting: number): void;
  nodeCaughtUp(nodeId: string): void;
  /** The node listens to other types than before. */
  interestsChanged(node: NodeCore): void;
  /** Nothing runs or waits at the node any more. */
  nodeIdle(node: NodeCore): void;
  readonly counts: NodeCounts;
  /** `undefined` where latencies are not measured. */
  readonly latencies: Latencies | undefined;
}

/** What a space counts of its nodes. */
export interface NodeCounts {
  /** Deliveries whose flows have ended, whatever they came to. */
  handled: number;
  /** Steps that threw, and flows that an extension refused. */
  handlerFailures: number;
  notAccepted: number;
  unhandled: number;
  queueFull: number;
  /** Events and batches that did not fit the schema of their type, or whose schema failed. */
  schemaRejected: number;
}
