import { HappenError } from '../errors/happen-error.js';
import type { Outgoing } from '../event/event.js';
import type { HappenEvent } from '../event/event.js';
import type {
  AnyEvents,
  AnyOutgoingOf,
  CommonEvents,
  EventFor,
  OutgoingOf,
  ResultFor,
  ResultOf,
} from '../event/event-map.js';
import type { FlowContext, Step } from '../flow/step.js';
import type { BroadcastOptions, SendOptions } from '../talk/options.js';
import type { BroadcastHandle } from '../talk/send-handle.js';
import { HappenNode } from './happen-node.js';
import type { HandlerOptions, NodeBase, ResultsHandle } from './node.js';

/** Several nodes as one: what is done to it is done to each of them. `M`: the events that all of them take. */
export interface NodeArray<M = AnyEvents> {
  readonly nodes: readonly NodeBase<never, never, unknown>[];
  /** Registers the handler at each node; each event has a flow and a context of its own. Returns what ends them all. */
  on<const P extends string | ((type: string) => boolean)>(
    pattern: P,
    handler: Step<EventAtAll<M, P>, ResultAtAll<M, P>, FlowContext<NodeBase<any, any, unknown>>>,
    options?: HandlerOptions,
  ): () => void;
  /** Sends a batch to each node. */
  // what a batch results in is its handler's matter
  send(events: readonly AnyOutgoingOf<M>[], options?: SendOptions): ResultsHandle<any>;
  /**
   * Sends the event to each node. The sender is the handling node inside a flow; otherwise each node is its own sender. The
   * answers come by node id.
   */
  send<K extends keyof M & string>(
    event: OutgoingOf<M, K> & { type: K },
    options?: SendOptions,
  ): ResultsHandle<ResultOf<M, K>>;
  /** Broadcasts from each node. */
  broadcast(event: Outgoing, options?: BroadcastOptions): readonly BroadcastHandle[];
}

/** What a handler at all of the nodes gets. @internal */
// over each map: the event may be that of any of them
export type EventAtAll<M, P> = M extends unknown ? (P extends string ? EventFor<M, AnyEvents, P> : HappenEvent) : never;

/** What it may result in. @internal */
// a function may match events of any type
export type ResultAtAll<M, P> = M extends unknown ? (P extends string ? ResultFor<M, AnyEvents, P> : any) : never;

/**
 * Makes an array of nodes, which know their space.
 *
 * @throws HappenError `HAPPEN_INVALID_OPTION` when something in the list is not a node, the list is empty, a node stands in it
 *   twice, or the nodes are of several spaces
 */
export function createNodeArray<const L extends readonly { readonly id: string }[]>(
  nodes: L,
): NodeArray<CommonEvents<L>> {
  return nodeArrayOf(nodes, 'createNodeArray') as unknown as NodeArray<CommonEvents<L>>;
}

/** @param caller what was called, for errors */
export function nodeArrayOf(nodes: readonly unknown[], caller: string): NodeArray {
  if (!isListOfNodes(nodes)) {
    const hint = isListOfTargets(nodes)
      ? '; references and ids can be sent to, by node.send([…], event), but are no nodes of this process'
      : '';
    throw wrong(caller, `expected a list of one or more nodes made by createNode${hint}`);
  }
  const list = [...nodes];
  if (new Set(list.map((node) => HappenNode.emitterOf(node))).size > 1) {
    throw wrong(caller, 'all nodes must be of one space');
  }
  if (new Set(list.map(({ id }) => id)).size < list.length) throw wrong(caller, 'each node may stand in the list once');
  return {
    nodes: Object.freeze(list) as unknown as NodeArray['nodes'],
    on(pattern: unknown, handler: unknown, options?: HandlerOptions) {
      const ends = list.map((node) => node.on(pattern, handler, options));
      return () => {
        for (const end of ends) end();
      };
    },
    send: (event: unknown, options?: SendOptions) =>
      HappenNode.sendToAll(list, event, options) as unknown as ResultsHandle<any>,
    broadcast: (event, options) => list.map((node) => node.broadcast(event, options)),
  };
}

/** Whether it is a list of nothing but nodes, and of one at least. */
export function isListOfNodes(nodes: unknown): nodes is readonly HappenNode[] {
  return Array.isArray(nodes) && nodes.length > 0 && nodes.every((node) => node instanceof HappenNode);
}

/** Whether it could be sent to, if only from a node. */
function isListOfTargets(nodes: unknown): boolean {
  return (
    Array.isArray(nodes) &&
    nodes.length > 0 &&
    nodes.every((one: unknown) => typeof one === 'string' || typeof (one as { id?: unknown } | null)?.id === 'string')
  );
}

function wrong(caller: string, what: string): HappenError {
  return new HappenError('HAPPEN_INVALID_OPTION', `${caller}: ${what}.`);
}
