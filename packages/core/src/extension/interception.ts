import type { HappenError } from '../errors/happen-error.js';
import type { HappenEvent, Outgoing } from '../event/event.js';
import type { FlowContext } from '../flow/step.js';

/** A flow that is about to begin at a node of the space. */
export interface InterceptedFlow {
  /** The id of the handling node. */
  readonly node: string;
  /** The type of what it handles. */
  readonly type: string;
  /** What it handles: an event, or a batch of one type. */
  readonly handled: HappenEvent | readonly HappenEvent[];
  /** The context that the flow's steps share; a hook may put keys of its own on it. */
  readonly context: FlowContext<unknown>;
}

/**
 * Looks on while a flow runs. What a member throws, or rejects with, changes nothing for the flow: it is told as
 * `node.error` with `HAPPEN_EXTENSION_FAILED`.
 */
export interface FlowWatch {
  /**
   * Calls `part` once, before it returns, perhaps within an asynchronous context of another library. It is called for the
   * flow's first steps, and for each later part that does not follow from those by itself: a step after an `await` where
   * the runtime does not track promises, a long flow that goes on after it gave way, a pull of a stream. If it does not
   * call `part`, the part runs all the same.
   */
  within?(part: () => void): void;
  /** The flow came to a stream, which the asker has from now on. */
  streaming?(): void;
  /**
   * The flow is over, a stream of it too: called once, before the asker hears of it. A flow that still runs when its space
   * or node has been closed for good ends with `HAPPEN_CLOSED`, whatever it comes to afterwards.
   */
  ended?(end: FlowEnd): void;
}

/** What a flow came to. */
export interface FlowEnd {
  /** Its result; `undefined` where it failed, gave none, or gave a stream. Not to be changed. */
  readonly value: unknown;
  /**
   * Why it failed: `HAPPEN_HANDLER_FAILED`, whose `cause` is what a step threw; `HAPPEN_REFUSED` when a later extension
   * refused it; `HAPPEN_CLOSED`.
   */
  readonly error: HappenError | undefined;
}

/** Something that is about to be sent by a node of the space: to one target, or broadcast. Several targets are several. */
export interface InterceptedEmission {
  /** The id of the sending node. */
  readonly sender: string;
  /** The id of the addressed node; `undefined` for a broadcast. */
  readonly target: string | undefined;
  readonly type: string;
  /** What the sender wrote: one event, or a batch of one type. Not yet checked, isolated or stamped, and not to be changed. */
  readonly events: readonly Outgoing[];
  /**
   * The event that causes it, the last one of a batch; `undefined` at a root. In a flow that is what the flow handles, unless
   * the sender names another (`causedBy`) or none (`detached`).
   */
  readonly cause: HappenEvent | undefined;
  /** The context of the flow it is sent in; `undefined` outside of flows, and where nothing tells which flow that is. */
  readonly flow: FlowContext<unknown> | undefined;
  /**
   * Puts keys into the context of each of the events, as if the sender had written them: in place of his, and of those that
   * would be inherited; `causal` (but for a root's `correlationId`) and `origin.nodeId` stay the framework's own. They are part of what
   * is hashed. Possible until the hook returns.
   */
  addContext(context: object): void;
}

/** Looks on while something is on its way. */
export interface EmissionWatch {
  /**
   * The events have their ids and their place among the causes; nobody has received them. What it throws refuses them. It is
   * not called when they could not be made.
   */
  stamped?(events: readonly HappenEvent[]): void;
  /**
   * The emission is over: called once, before the sender hears of it. If an answer was asked for, that is when the answer or
   * a failure is there; else, when the receiver has taken it over, or the transport. What it throws is told as `node.error`
   * with `HAPPEN_EXTENSION_FAILED`.
   */
  ended?(end: EmissionEnd): void;
}

/** What an emission came to. */
export interface EmissionEnd {
  /** Whether the sender asked for an answer. */
  readonly asked: boolean;
  /** The answer. Not to be changed. */
  readonly value: unknown;
  /** Why it failed. */
  readonly error: HappenError | undefined;
}
