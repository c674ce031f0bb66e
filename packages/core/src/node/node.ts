import type { HappenError } from '../errors/happen-error.js';
import type { HappenEvent, Outgoing } from '../event/event.js';
import type {
  AnyEvents,
  AnyOutgoingOf,
  Answer,
  CommonEvents,
  EventFor,
  Final,
  OutgoingOf,
  ResultFor,
  ResultOf,
} from '../event/event-map.js';
import type { Extension, Members } from '../extension/extension.js';
import type { FlowContext, Step } from '../flow/step.js';
import type { Identity } from '../identity/identity.js';
import type { BroadcastOptions, SendOptions } from '../talk/options.js';
import type { BroadcastHandle, Receipt, SendHandle } from '../talk/send-handle.js';

/** Names a node that may live anywhere. A node is one; `happen.node(id)` makes one. */
export interface NodeRef<M> {
  readonly id: string;
  /** Compile time only: the events that the node takes. Wrapped, so that `send(createNode('b'), …)` infers none from its place. */
  readonly '~accepts'?: { readonly events: M };
}

/** The answers of several nodes by their ids, an object without prototype. */
export type ResultsById<R> = { readonly [id: string]: R } & {
  /** The failures by node id; not enumerable. */
  readonly errors: { readonly [id: string]: HappenError };
  /** Gives the same once more; not enumerable. */
  return(): Promise<ResultsById<R>>;
};

/**
 * What sending to several nodes returns; as with one, the answers are asked for in the turn of the call. It rejects only if all
 * failed. Where handlers are generators, awaiting gives a stream for each node, and `.return()` what each generator returned.
 */
export interface ResultsHandle<R> extends PromiseLike<ResultsById<Answer<R>>> {
  /** Asks for the answers. A failure that nobody looks at goes to `node.error`, never to `unhandledRejection`. */
  return(): Promise<ResultsById<Final<R>>>;
  /** Asks, and hands the answers to the callback; the promise is of what the callback returns. */
  return<U>(callback: (results: ResultsById<Final<R>>) => U): Promise<Awaited<U>>;
  /** Resolves once all have been handed over, with the receipt of the first, without asking. */
  sent(): Promise<Receipt>;
  /** Asks for the answers, as `await` does. */
  then<A = ResultsById<Answer<R>>, B = never>(
    fulfilled?: ((results: ResultsById<Answer<R>>) => A | PromiseLike<A>) | null,
    rejected?: ((reason: any) => B | PromiseLike<B>) | null,
  ): Promise<A | B>;
  /** Asks for the answers; the callback is for a failure of all. */
  catch<U = never>(rejected: (error: any) => U): Promise<ResultsById<Answer<R>> | Awaited<U>>;
  /** Asks for the answers; the callback is for both their coming and their failure. */
  finally(callback: () => void): Promise<ResultsById<Answer<R>>>;
}

/** How a handler takes events. */
export interface HandlerOptions {
  /**
   * Whether a batch is one run of the handler, which gets the list. If not, its events are handled one by one, in order, each in
   * a flow of its own, and the answer is the list of the results (`null` where there is none; if all are missing, there is no
   * answer). The first failure is the answer instead, once all have been handled.
   *
   * @default true; false for a type that has a schema
   */
  readonly batch?: boolean;
}

/** What every node has. `M`: the events it takes; `B`: the broadcasts of its space; `Self`: its own type. */
export interface NodeBase<M = AnyEvents, B = AnyEvents, Self = unknown> extends NodeRef<M>, AsyncDisposable {
  /** The node's Ed25519 key pair: the one it was given, else one that is made when first needed and ends with the process. */
  readonly identity: Identity;

  /**
   * Handles the events whose type matches: a function of the type, or a string in which `*` is one segment, `**` any number
   * of them and `{a,b}` alternatives. Every registration that matches starts a flow of its own, in registration order.
   * A string pattern that begins with `node.` or `system.` sees the framework's own events; no other pattern does.
   *
   * @returns a function that ends it: no flow of it begins from then on, also of an event that is being handled
   * @throws HappenError `HAPPEN_INVALID_PATTERN`
   */
  // The last overload is the one a compiler explains: the typed ones stand there.
  // a function may match events of any type
  on(
    pattern: (type: string) => boolean,
    handler: Step<HappenEvent, any, FlowContext<Self>>,
    options?: HandlerOptions,
  ): () => void;
  /** The same for a string pattern; in a map of events, what matches it is what the handler gets. */
  on<const P extends string>(
    pattern: P,
    handler: Step<EventFor<M, B, P>, ResultFor<M, B, P>, FlowContext<Self>>,
    options?: HandlerOptions & { readonly batch?: false },
  ): () => void;
  /** The same for a handler that says that it takes batches: it gets one event, or a list of them, which it does not change. */
  // What a batch results in is its handler's matter. The list is not `readonly`, which `Array.isArray` would make `any[]`.
  on<const P extends string>(
    pattern: P,
    handler: Step<EventFor<M, B, P> | EventFor<M, B, P>[], any, FlowContext<Self>>,
    options: HandlerOptions & { readonly batch: true },
  ): () => void;

  /** Sends a batch to itself. */
  // what a batch results in is its handler's matter
  send(events: readonly AnyOutgoingOf<M>[]): SendHandle<any>;
  /** Sends a batch to several nodes, each of which gets all of it. */
  // what a batch results in is its handler's matter
  send<const L extends readonly (NodeRef<any> | string)[]>(
    targets: L,
    events: readonly AnyOutgoingOf<CommonEvents<L>>[],
    options?: SendOptions,
  ): ResultsHandle<any>;
  /** Sends to several nodes; the answers come by node id. It rejects only if all failed. */
  send<const L extends readonly (NodeRef<any> | string)[], K extends keyof CommonEvents<L> & string>(
    targets: L,
    event: OutgoingOf<CommonEvents<L>, K> & { type: K },
    options?: SendOptions,
  ): ResultsHandle<ResultOf<CommonEvents<L>, K>>;
  /** Sends a batch: one run of the target's handler gets the list, unless it takes events one by one. */
  // what a batch results in is its handler's matter
  send<T>(target: NodeRef<T>, events: readonly AnyOutgoingOf<T>[], options?: SendOptions): SendHandle<any>;
  /** Sends a batch to the node with this id, wherever it lives. */
  // an id says nothing of its node's events
  send(target: string, events: readonly Outgoing[], options?: SendOptions): SendHandle<any>;
  /** Sends an event to the node with this id, wherever it lives. */
  // an id says nothing of its node's events
  send(target: string, event: Outgoing, options?: SendOptions): SendHandle<any>;
  /** Sends to itself. To give options, name the node: `node.send(node, event, options)`. */
  send<K extends keyof M & string>(event: OutgoingOf<M, K> & { type: K }): SendHandle<ResultOf<M, K>>;
  /** Sends an event to one node. Events from one node to another are dispatched in the order of the calls. */
  send<T, K extends keyof T & string>(
    target: NodeRef<T>,
    event: OutgoingOf<T, K> & { type: K },
    options?: SendOptions,
  ): SendHandle<ResultOf<T, K>>;

  /**
   * Sends an event to every node of the space that listens to its type, this one included. If this node handles the type by a
   * generator, the broadcast starts it, and the other receivers can iterate over the event: `for await (const item of event)`.
   */
  broadcast<K extends keyof B & string>(
    event: OutgoingOf<B, K> & { type: K },
    options?: BroadcastOptions,
  ): BroadcastHandle;

  /**
   * Handles an event, or a batch, here and now, past the queue, and resolves to the result. The payload is handed through
   * as it is: not checked, not frozen, not copied.
   */
  process<K extends keyof M & string>(event: OutgoingOf<M, K> & { type: K }): Promise<Final<ResultOf<M, K>>>;
  /** The same for a batch: one run gets the list. */
  // what a batch results in is its handler's matter
  process(events: readonly AnyOutgoingOf<M>[]): Promise<any>;
  /**
   * As `process`, at once: returns the response event, with the result as its payload.
   *
   * @throws HappenError `HAPPEN_ASYNCHRONOUS_STEP` when a step is asynchronous; `HAPPEN_NO_HANDLER`; `HAPPEN_HANDLER_FAILED`
   */
  processSync<K extends keyof M & string>(
    event: OutgoingOf<M, K> & { type: K },
  ): HappenEvent<K, Answer<ResultOf<M, K>>>;

  /**
   * Takes nothing more, finishes what has begun and leaves the space. Calling it twice is fine. Within one of the node's own
   * flows it resolves as soon as no other flow of the node runs, and the node leaves once this one has completed too.
   */
  close(): Promise<void>;
}

/** A node with what the extensions of its space add to it. */
// any: the state of a node left untyped; and the node of a flow's node, so that `FlowContext<typeof node>` names the first
export type Node<M = AnyEvents, S = any, X extends readonly Extension[] = readonly [], B = AnyEvents> = NodeBase<
  M,
  B,
  NodeBase<M, B, any> & Members<X, M, S>
> &
  Members<X, M, S>;
