/**
 * `import '@happen/core/array'`: array literals of nodes are node arrays, `[a, b].send(event)`.
 *
 * It adds three members to `Array.prototype`, which everything in the process shares; that is why it is a module of its own,
 * and why nothing else imports it. They are not enumerable, so that `for…in`, spreads and JSON don't see them.
 *
 * Several copies of this module may meet in one process (two versions of the package, a module evaluated twice). The later
 * one stands before the earlier and hands on what is not its own: each copy serves the nodes that it has made.
 */
import { HappenError } from './errors/happen-error.js';
import type { Outgoing } from './event/event.js';
import type { AnyOutgoingOf, CommonEvents, OutgoingOf, ResultOf } from './event/event-map.js';
import type { FlowContext, Step } from './flow/step.js';
import { type EventAtAll, isListOfNodes, nodeArrayOf, type ResultAtAll } from './node/node-array.js';
import type { HandlerOptions, NodeBase, NodeRef, ResultsHandle } from './node/node.js';
import type { SendOptions } from './talk/options.js';
import type { BroadcastHandle } from './talk/send-handle.js';

/** What a list of nodes can do. The members exist on every array; on one of anything else they throw `HAPPEN_INVALID_OPTION`. */
export interface NodeListMembers {
  /** As `on` of `createNodeArray`. */
  on<const L extends readonly NodeRef<any>[], const P extends string | ((type: string) => boolean)>(
    this: L,
    pattern: P,
    handler: Step<
      EventAtAll<CommonEvents<L>, P>,
      ResultAtAll<CommonEvents<L>, P>,
      FlowContext<NodeBase<any, any, unknown>>
    >,
    options?: HandlerOptions,
  ): () => void;
  /** As `send` of `createNodeArray`, for a batch. */
  // what a batch results in is its handler's matter
  send<const L extends readonly NodeRef<any>[]>(
    this: L,
    events: readonly AnyOutgoingOf<CommonEvents<L>>[],
    options?: SendOptions,
  ): ResultsHandle<any>;
  /** As `send` of `createNodeArray`. */
  send<const L extends readonly NodeRef<any>[], K extends keyof CommonEvents<L> & string>(
    this: L,
    event: OutgoingOf<CommonEvents<L>, K> & { type: K },
    options?: SendOptions,
  ): ResultsHandle<ResultOf<CommonEvents<L>, K>>;
  /** As `broadcast` of `createNodeArray`. */
  broadcast(this: readonly NodeRef<any>[], event: Outgoing, options?: SendOptions): readonly BroadcastHandle[];
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- has to be named as in the library's own declaration
  interface ReadonlyArray<T> extends NodeListMembers {}
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- the same
  interface Array<T> extends NodeListMembers {}
}

type Member = (this: readonly unknown[], ...parameters: never[]) => unknown;

const names = ['on', 'send', 'broadcast'] as const;
/** Marks a member as that of some copy of this module; shared by all of them. */
const mark = Symbol.for('happen.array');

function addMembers(): void {
  const strange = names.find((name) => name in Array.prototype && !isOurs(memberOf(name)));
  if (strange !== undefined || !Object.isExtensible(Array.prototype)) {
    const what =
      strange === undefined ? 'can not be extended' : `has a member "${strange}" already, which is not Happen's`;
    throw new HappenError(
      'HAPPEN_INVALID_CONFIG',
      `@happen/core/array: Array.prototype ${what}. Use createNodeArray instead.`,
      { details: { path: strange === undefined ? 'Array.prototype' : `Array.prototype.${strange}` } },
    );
  }
  for (const name of names) {
    const earlier = name in Array.prototype ? memberOf(name) : undefined;
    const member = {
      // a method, so that it can't be called with `new`
      [name](this: readonly unknown[], ...parameters: never[]): unknown {
        if (earlier !== undefined && !isListOfNodes(this)) return earlier.apply(this, parameters);
        return (nodeArrayOf(this, `[…].${name}`)[name] as Member).apply(this, parameters);
      },
    }[name] as Member;
    Object.defineProperty(member, mark, { value: true });
    Object.defineProperty(Array.prototype, name, { value: member, writable: true, configurable: true });
  }
}

function memberOf(name: (typeof names)[number]): Member {
  return Array.prototype[name] as unknown as Member;
}

function isOurs(member: unknown): boolean {
  return typeof member === 'function' && mark in member;
}

addMembers();
