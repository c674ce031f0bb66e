/**
 * The context object of one flow, and at the same time what the tracker carries: one allocation for both.
 *
 * What costs something to make (the bound node, the abort signal, the next registration) is a getter; the rest are plain
 * properties, and a user may add any other.
 */
import type { HappenError } from '../errors/happen-error.js';
import type { Causal, EventContext, Origin } from '../event/event.js';
import type { Delivery } from './delivery.js';
import type { FlowWatching } from './flow-watching.js';
import type { AnyStep, FlowContext } from './step.js';

export class FlowRecord implements FlowContext<unknown> {
  readonly sender: string;
  readonly origin: Origin;
  readonly causal: Causal;
  readonly expectsResponse: boolean;
  readonly receivedAt: number;
  readonly attempt: number;
  declare readonly events?: readonly EventContext[];
  readonly #delivery: Delivery;
  #step: AnyStep;
  #state: 'running' | 'streaming' | 'completed' = 'running';
  #outcome: unknown;
  #threw = false;
  #node: unknown;
  #watching: FlowWatching | undefined;

  constructor(delivery: Delivery, step: AnyStep) {
    const { causal, origin } = delivery.event.context;
    this.sender = causal.sender;
    this.origin = origin;
    this.causal = causal;
    this.expectsResponse = delivery.expectsResponse;
    this.receivedAt = delivery.receivedAt;
    this.attempt = delivery.attempt;
    this.#delivery = delivery;
    this.#step = step;
    if (Array.isArray(delivery.handled))
      (this as { events?: readonly EventContext[] }).events = delivery.contexts as readonly EventContext[];
  }

  // the flow's own keys
  [key: string]: any;

  // Static, so that no name is taken from the user's keys.

  static deliveryOf(flow: FlowRecord): Delivery {
    return flow.#delivery;
  }

  /** Runs the current step. */
  static runStep(flow: FlowRecord): unknown {
    // Taken out first, so that the step has no `this` of ours.
    const step = flow.#step;
    return step(flow.#delivery.handled, flow);
  }

  static stepOf(flow: FlowRecord): AnyStep {
    return flow.#step;
  }

  static continueWith(flow: FlowRecord, step: AnyStep): void {
    flow.#step = step;
  }

  /** Ends the flow; its outcome is kept until it is told, outside of the flow. */
  static complete(flow: FlowRecord, outcome: unknown, threw: boolean): void {
    flow.#state = 'completed';
    flow.#outcome = outcome;
    flow.#threw = threw;
  }

  /** Tells the delivery of the outcome, once. */
  static tellOutcome(flow: FlowRecord): void {
    const outcome = flow.#outcome;
    flow.#outcome = undefined;
    const watching = flow.#watching;
    flow.#watching = undefined;
    if (flow.#threw) flow.#delivery.failed(outcome, watching);
    else flow.#delivery.completed(outcome, watching);
  }

  static watch(flow: FlowRecord, watching: FlowWatching | undefined): void {
    flow.#watching = watching;
  }

  static watchingOf(flow: FlowRecord): FlowWatching | undefined {
    return flow.#watching;
  }

  /** Nobody waits for the flow any more: for whoever looks on, that is its end. */
  static giveUp(flow: FlowRecord, reason: HappenError): void {
    const watching = flow.#watching;
    flow.#watching = undefined;
    watching?.ended(undefined, reason);
  }

  static isCompleted(flow: FlowRecord): boolean {
    return flow.#state === 'completed';
  }

  /**
   * Its stream is handed over: it goes on with its consumer, and what comes after it may start. Gives back who looks on, which
   * is the stream's matter from now on.
   */
  static handOver(flow: FlowRecord): FlowWatching | undefined {
    flow.#state = 'streaming';
    const watching = flow.#watching;
    flow.#watching = undefined;
    return watching;
  }

  /** Whether what comes after it has to wait. */
  static isRunning(flow: FlowRecord): boolean {
    return flow.#state === 'running';
  }

  get node(): unknown {
    this.#node ??= this.#delivery.host.bound(this);
    return this.#node;
  }

  get signal(): AbortSignal {
    return this.#delivery.signal;
  }

  get next(): AnyStep | undefined {
    return this.#delivery.next;
  }
}
