import type { Causal, EventContext, HappenEvent, Origin } from '../event/event.js';
import type { EventOf, ResultOf } from '../event/event-map.js';

/** What a step may come to: the next step, a result, or nothing. */
export type Outcome<E, R, C> = R | Step<E, R, C> | void;

/**
 * A step of a flow. If it returns a function, that function runs next with the same event and context; any other value
 * completes the flow with that value. Promises are awaited first.
 */
// a step left untyped takes and gives anything
export interface Step<E, R = any, C = any> {
  (
    event: E,
    context: C,
  ): Outcome<E, R, C> | Promise<Outcome<E, R, C>> | (R extends AsyncGenerator | Generator ? R : never);
}

/**
 * What a flow's steps share, and nobody else: one object for each flow. The framework fills the members below; any other
 * key is the flow's own, of any value.
 */
// any: a step that says nothing of its node may use it as an untyped one
export interface FlowContext<N = any> {
  /** The handling node, bound to this event: what it sends is caused by the event, also where nothing tracks that. */
  readonly node: N;
  /** The id of the node that sent the event. */
  readonly sender: string;
  /** The same as `event.context.origin`. */
  readonly origin: Origin;
  /** The same as `event.context.causal`. */
  readonly causal: Causal;
  /** Whether the sender waits for the result. */
  readonly expectsResponse: boolean;
  /** When the event reached the node, in milliseconds since 1970. */
  readonly receivedAt: number;
  /** Aborts when the sender's time is over, the sender has cancelled, or the space is closed for good. */
  readonly signal: AbortSignal;
  /** 1 at the first delivery, one more at each retry. */
  readonly attempt: number;
  /** The next matching registration that has not been started; returning it runs it inside this flow. */
  // the next registration may be of any type
  readonly next?: Step<any, any, any>;
  /** For a batch: the contexts of its events, in order. */
  readonly events?: readonly EventContext[];
  // the flow's own keys
  [key: string]: any;
}

/** A step of a typed flow, named without writing the event's type twice: `Handler<OrderEvents, 'order.submitted'>`. */
export type Handler<M, T extends keyof M & string, C = FlowContext<unknown>> = Step<EventOf<M, T>, ResultOf<M, T>, C>;

/** A step whatever its types, as the framework runs it. */
export type AnyStep = (event: unknown, context: unknown) => unknown;

/** An event or a batch, as the framework hands it to a step. */
export type Handled = HappenEvent | readonly HappenEvent[];
