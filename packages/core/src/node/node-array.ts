import { HappenError } from '../errors/happen-error.js';
import type { Outgoing } from '../event/event.js';
import type { HappenEvent } from '../event/event.js';
import type { FlowContext, Step } from '../flow/step.js';
import type { SendOptions } from '../talk/options.js';
import type { BroadcastHandle, SendHandle } from '../talk/send-handle.js';
import { HappenNode } from './happen-node.js';
import type { NodeBase, ResultsById } from './node.js';

/** Several nodes as one: what is done to it is done to each of them. */
export interface NodeArray {
  readonly nodes: readonly NodeBase<never, never, unknown>[];
  /** Registers the handler at each node; each event has a flow and a context of its own. Returns what ends them all. */
  // several nodes have no common map
  on(
    pattern: string | ((type: string) => boolean),
    handler: Step<HappenEvent, any, FlowContext<NodeBase<any, any, unknown>>>,
  ): () => void;
  /**
   * Sends the event to each node. The sender is the handling node inside a flow; otherwise each node is its own sender. The
   * answers come by node id.
   */
  // several nodes have no common map
  send(event: Outgoing | readonly Outgoing[], options?: SendOptions): SendHandle<ResultsById<any>>;
  /** Broadcasts from each node. */
  broadcast(event: Outgoing, options?: SendOptions): readonly BroadcastHandle[];
}

/**
 * Makes an array of nodes, which know their space.
 *
 * @throws HappenError `HAPPEN_INVALID_OPTION` when something in the list is not a node, the list is empty, a node stands in it
 *   twice, or the nodes are of several spaces
 */
export function createNodeArray(nodes: readonly { readonly id: string }[]): NodeArray {
  return nodeArrayOf(nodes, 'createNodeArray');
}

/** @param caller what was called, for errors */
export function nodeArrayOf(nodes: readonly unknown[], caller: string): NodeArray {
  if (!isListOfNodes(nodes)) throw wrong(caller, 'expected a list of one or more nodes made by createNode');
  const list = [...nodes];
  if (new Set(list.map((node) => HappenNode.emitterOf(node))).size > 1) {
    throw wrong(caller, 'all nodes must be of one space');
  }
  if (new Set(list.map(({ id }) => id)).size < list.length) throw wrong(caller, 'each node may stand in the list once');
  return {
    nodes: Object.freeze(list) as unknown as NodeArray['nodes'],
    on(pattern, handler) {
      const ends = list.map((node) => node.on(pattern, handler));
      return () => {
        for (const end of ends) end();
      };
    },
    send: (event, options) => HappenNode.sendToAll(list, event, options) as unknown as ReturnType<NodeArray['send']>,
    broadcast: (event, options) => list.map((node) => node.broadcast(event, options)),
  };
}

/** Whether it is a list of nothing but nodes, and of one at least. */
export function isListOfNodes(nodes: unknown): nodes is readonly HappenNode[] {
  return Array.isArray(nodes) && nodes.length > 0 && nodes.every((node) => node instanceof HappenNode);
}

function wrong(caller: string, what: string): HappenError {
  return new HappenError('HAPPEN_INVALID_OPTION', `${caller}: ${what}.`);
}
