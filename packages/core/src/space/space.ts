import type { Causality } from '../causality/answers.js';
import type { AnyEvents, CommonEvents, EventsOfSchemas } from '../event/event-map.js';
import type { Extension } from '../extension/extension.js';
import type { NodeArray } from '../node/node-array.js';
import type { Node, NodeRef } from '../node/node.js';
import type { EventSchemas } from '../schema/standard-schema.js';
import type { NodeOptions, ReferenceOptions } from './config.js';
import type { Unfinished } from './closing.js';
import type { SpaceHealth } from './health.js';
import type { SpaceMetrics } from './metrics.js';
import type { SystemEvent, SystemEventType } from './system-events.js';

/** What is said when a space closes. */
export interface CloseOptions {
  /** How long running flows may take to finish, in milliseconds. @default 10 000 */
  readonly timeout?: number;
}

/** What `close` leaves behind. */
export interface CloseResult {
  /** The flows that had not finished when the time was over; their `signal` has been aborted. */
  readonly unfinished: readonly Unfinished[];
}

/**
 * Nodes that reach each other, in this process and beyond. Every member may be destructured. `B`: the map of its broadcasts;
 * `X`: its extensions.
 */
export interface Space<B = AnyEvents, X extends readonly Extension[] = readonly []> extends AsyncDisposable {
  /**
   * Makes a node. It can be used at once.
   *
   * @param id 1 to 512 characters without `:`; unique within the space
   * @throws HappenError `HAPPEN_INVALID_NODE_ID`, `HAPPEN_DUPLICATE_NODE`, `HAPPEN_INVALID_CONFIG`, `HAPPEN_NOT_AVAILABLE`, `HAPPEN_CLOSED`
   */
  readonly createNode: {
    /** The same; its map of events is that of its schemas. */
    <E extends EventSchemas>(
      id: string,
      options: Omit<NodeOptions, 'events'> & { readonly events: E },
    ): Node<EventsOfSchemas<E>, any, X, B>;
    // the state of a node left untyped
    <M = AnyEvents, S = any>(id: string, options?: NodeOptions<M>): Node<M, S, X, B>;
  };
  /** Makes several nodes one: see `createNodeArray`. */
  readonly createNodeArray: <const L extends readonly { readonly id: string }[]>(
    nodes: L,
  ) => NodeArray<CommonEvents<L>>;
  /**
   * Names a node that may live elsewhere. It stands wherever a node is a target.
   *
   * @throws HappenError `HAPPEN_INVALID_NODE_ID`, `HAPPEN_INVALID_CONFIG`
   */
  readonly node: {
    /** The same; its map of events is that of its schemas. */
    <E extends EventSchemas>(id: string, options: { readonly events: E }): NodeRef<EventsOfSchemas<E>>;
    <M = AnyEvents>(id: string, options?: ReferenceOptions<M>): NodeRef<M>;
  };
  /** What is asked of causes, answered from memory: which event caused which. */
  readonly causality: Causality;
  /**
   * Calls a function outside of every flow and gives back what it returns; what it throws passes. Whatever is started in it
   * (a server, an interval, a promise) has no cause, and neither has what that sends; events that nodes receive in
   * consequence are causes again. Without it, all that an interval set by a handler ever sends is an effect of that one
   * event. `context.node` keeps its cause inside as well: use the node itself there.
   *
   * @throws HappenError `HAPPEN_INVALID_OPTION` when it is given no function
   */
  readonly detached: <R>(run: () => R) => R;
  /**
   * Listens to the framework's own events, by type or by a pattern that begins with `node.` or `system.`. An error in the
   * handler is logged. Returns a function that ends it.
   */
  readonly on: {
    <T extends SystemEventType>(type: T, handler: (event: SystemEvent<T>) => unknown): () => void;
    (pattern: string, handler: (event: SystemEvent) => unknown): () => void;
  };
  /** Ends what was begun by `on` with this handler. */
  readonly off: (handler: (...parameters: never[]) => unknown) => void;
  /**
   * Resolves when the transport is connected; at once without one. While the connection is lost it waits until that is back,
   * however long it takes. Nodes of this process need not wait for it.
   *
   * @throws HappenError `HAPPEN_DISCONNECTED` when the transport could not be started or has closed for good, `HAPPEN_CLOSED`
   *   when the space is closed or being closed
   */
  readonly ready: () => Promise<void>;
  /** What has been counted and measured so far. What is given back stays as it is. */
  readonly metrics: () => SpaceMetrics;
  /** How the space is at the moment, for probes. Cheap enough to be asked every second. */
  readonly health: () => SpaceHealth;
  /**
   * Takes nothing in any more, lets running flows finish, aborts their signals when the time is over, and disconnects.
   * Calling it again gives the same result.
   *
   * Within a flow, where the runtime tags what belongs to one (not in browsers after an `await`, nor with
   * `causality: { tracking: 'explicit' }`), it resolves once only such flows are left, with nothing `unfinished`: the space
   * disconnects when they have ended and been answered. A flow that waits for the answer of one of these is waited for like any
   * other, until the time is over.
   */
  readonly close: (options?: CloseOptions) => Promise<CloseResult>;
}
