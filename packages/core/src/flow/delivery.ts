/**
 * One event (or batch) at one node: the flows it starts there, one after the other, and where their outcome goes.
 *
 * Invariants:
 * 1. Each matching registration is started once: as an entry point of its own flow, or inside a flow through
 *    `context.next`. `#position` is the first one not started; those before it have been.
 * 2. A flow is entered into the tracker once. Its steps run in a loop, not in one another, so a flow of any length uses no
 *    stack; what is purely synchronous finishes within `start`.
 * 3. `reply` hears exactly one outcome when an answer is expected: the first that is not `undefined`, a throw or a stream
 *    included, or `undefined` after the last flow. `ended` is called once, after all flows and the stream, if there is one.
 */
import type { EventContext, HappenEvent, Origin } from '../event/event.js';
import { describeThrown } from '../errors/describe-thrown.js';
import { HappenError } from '../errors/happen-error.js';
import type { AsyncTracker } from '../host/host.js';
import type { Clock } from '../ports/clock.js';
import { drain } from './drain.js';
import { FlowRecord } from './flow-record.js';
import { type FlowInterceptor, FlowRefusal, type FlowWatching } from './flow-watching.js';
import { FlowStream } from './flow-stream.js';
import { isPromiseLike, isStream } from './outcome.js';
import type { AnyStep, Handled } from './step.js';
import type { StreamIterator, StreamSource } from './stream-source.js';
import { monotonic } from '../ports/monotonic.js';

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

/** Hears the outcome of a delivery. None of the methods throws. */
export interface ReplySink {
  resolve(value: unknown): void;
  reject(error: HappenError): void;
  /** The outcome is a stream. Without this method there is nobody to pull it: the generator runs to its end by itself. */
  stream?(source: StreamSource): void;
}

/** The node at which a delivery is handled, as far as flows know it. */
export interface FlowHost {
  readonly id: string;
  /** What its events have as `origin`, if they need no more. */
  readonly origin: Origin;
  readonly clock: Clock;
  readonly tracker: AsyncTracker<FlowRecord>;
  /** Whether the tracker follows promises by itself. */
  readonly tracksPromises: boolean;
  /** `undefined` when nothing looks at flows, so that nothing is paid for it. */
  readonly flowInterceptor: FlowInterceptor | undefined;
  /** The node, bound to a flow: `context.node`. */
  bound(flow: FlowRecord): unknown;
  /** Told of every error a handler threw. */
  handlerFailed(error: HappenError, delivery: Delivery): void;
  /** Told once all flows have completed. */
  ended(delivery: Delivery): void;
  /** Told when nothing of it is left but a stream, which waits for its consumer; `ended` follows with the stream's end. */
  onlyStreamLeft(delivery: Delivery): void;
}

/** One matching registration. */
export interface Entry {
  readonly handler: AnyStep;
  /** Whether it takes a batch as one; `undefined` when nobody said. */
  readonly batch?: boolean | undefined;
}

/** Stands for the outcome of a flow that goes on with the consumer of its stream. */
const handedOver: unique symbol = Symbol('handed over');
const settled: Promise<void> = Promise.resolve();
// only compared, never called
const nativeThen: unknown = Promise.prototype.then;

/** A purely synchronous flow looks at the clock after this many steps, and yields when it has run for 10 ms. */
const stepsBetweenLooks = 64;
const longestRunMs = 10;

export class Delivery {
  readonly host: FlowHost;
  #handled: Handled;
  #event: HappenEvent;
  readonly reply: ReplySink | undefined;
  readonly receivedAt: number;
  /**
   * When the asker's time is over, by the clock's monotonic reading; 0 when it is not limited. A stream sets it anew at each
   * pull.
   */
  deadlineAt: number;
  /** How long the asker waits in all, in milliseconds; 0 when that is not limited. Set by its node. */
  patienceMs = 0;
  readonly priority: number;
  readonly key: string | undefined;
  readonly attempt = 1;
  /** Place in the order of arrival at the node; set by its inbox. */
  order = 0;
  /** What it takes up at its node; set by the node. */
  slot: 'none' | 'inbox' | 'unqueued' | 'stream' = 'none';
  /** When it arrived or, once it runs, was begun; set by its node where that is measured. */
  since = 0;
  /** Whether its flows never give way to the event loop, however long they run. */
  atOnce = false;
  #entries: readonly Entry[] = [];
  #position = 0;
  /** The entry points are those before this one. */
  #entryPoints = 0;
  #answered: 'no' | 'yes' | 'stream' = 'no';
  #ended = false;
  #stream: FlowStream | 'drained' | undefined;
  #streamIsLeft = false;
  #flow: FlowRecord | undefined;
  #cancelled: HappenError | undefined;
  #abortedBy: HappenError | undefined;
  #abort: AbortController | undefined;

  constructor(
    host: FlowHost,
    handled: Handled,
    reply: ReplySink | undefined,
    receivedAt: number,
    deadlineAt: number,
    priority: number,
    key: string | undefined,
  ) {
    this.host = host;
    this.#handled = handled;
    this.#event = lastOf(handled);
    this.reply = reply;
    this.receivedAt = receivedAt;
    this.deadlineAt = deadlineAt;
    this.priority = priority;
    this.key = key;
  }

  /** What its handlers get. */
  get handled(): Handled {
    return this.#handled;
  }

  /** The event; the last one of a batch, which counts as the cause of what its handler emits. */
  get event(): HappenEvent {
    return this.#event;
  }

  /** A schema has put other payloads in; before the first handler runs. */
  replace(handled: Handled): void {
    this.#handled = handled;
    this.#event = lastOf(handled);
  }

  /** The contexts of a batch's events. */
  get contexts(): readonly EventContext[] | undefined {
    return Array.isArray(this.handled) ? this.handled.map((event: HappenEvent) => event.context) : undefined;
  }

  get expectsResponse(): boolean {
    return this.reply !== undefined;
  }

  /** Why the asker no longer waits, if so. */
  get cancelled(): HappenError | undefined {
    return this.#cancelled;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The name of the step that runs, for messages. */
  get stepName(): string {
    return (this.#flow === undefined ? '' : FlowRecord.stepOf(this.#flow).name) || 'anonymous';
  }

  /** Made when first read: most flows never look at it. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#abortedBy !== undefined) this.#abort.abort(this.#abortedBy);
    }
    return this.#abort.signal;
  }

  /** The asker has given up, its time is over, or the space is being closed for good. */
  cancel(reason: HappenError): void {
    if (this.#cancelled !== undefined || this.#ended) return;
    this.#cancelled = reason;
    this.abortSignal(reason);
    if (typeof this.#stream === 'object') this.#stream.breakOff(reason);
  }

  /** Tells the flows by their signal, and by nothing else; the first reason counts. */
  abortSignal(reason: HappenError): void {
    if (this.#abortedBy !== undefined) return;
    this.#abortedBy = reason;
    // What a listener sends is caused by this delivery's event, not by whatever ends it.
    if (this.#abort !== undefined) this.host.tracker.run(this.#flow, abortWith, { abort: this.#abort, reason });
  }

  /** The space is being closed: a generator, which may never end, learns of it by its signal. */
  signalStream(reason: HappenError): void {
    if (this.#stream === undefined) return;
    this.abortSignal(reason);
    if (this.#stream !== 'drained') this.#stream.closing(reason);
  }

  /** As `cancel`, where nobody will wait for the flows to end: their asker is told. */
  giveUp(reason: HappenError): void {
    this.cancel(reason);
    if (this.#flow !== undefined) FlowRecord.giveUp(this.#flow, reason);
    if (this.#answered !== 'no') return;
    this.#answered = 'yes';
    this.reply?.reject(reason);
  }

  /** The next registration not started, as a step that marks it started when it is run. */
  get next(): AnyStep | undefined {
    const index = this.#position;
    const entry = this.#entries[index];
    if (entry === undefined) return undefined;
    return (event, context) => {
      if (this.#position <= index) this.#position = index + 1;
      return entry.handler(event, context);
    };
  }

  /** How many registrations have been started. */
  get started(): number {
    return this.#position;
  }

  /**
   * Runs the flows of the registrations. Called once, with at least one.
   *
   * @param entryPoints how many are started by themselves; those after them only through `context.next`
   */
  start(entries: readonly Entry[], entryPoints = entries.length): void {
    this.#entries = entries;
    this.#entryPoints = entryPoints;
    this.#startRemaining();
  }

  /** Ends the delivery without running anything. */
  refuse(error: HappenError): void {
    this.#ended = true;
    if (this.#flow !== undefined) FlowRecord.giveUp(this.#flow, error);
    this.reply?.reject(error);
  }

  /** Nothing handles it and nobody waits: it ends as it is. */
  abandon(): void {
    this.#ended = true;
  }

  #startRemaining(): void {
    if (this.#ended) return;
    while (this.#position < this.#entryPoints) {
      const entry = this.#entries[this.#position++] as Entry;
      const flow = new FlowRecord(this, entry.handler);
      this.#flow = flow;
      this.host.tracker.run(flow, this.host.flowInterceptor === undefined ? runSteps : runIntercepted, flow);
      if (FlowRecord.isRunning(flow)) return;
      FlowRecord.tellOutcome(flow);
    }
    if (this.#answered !== 'yes') {
      if (this.#answered === 'stream') {
        this.#streamIsLeft = true;
        this.host.onlyStreamLeft(this);
        return;
      }
      this.reply?.resolve(undefined);
    }
    this.#ended = true;
    this.host.ended(this);
  }

  /** A flow came to a result. */
  completed(value: unknown, watching: FlowWatching | undefined): void {
    watching?.ended(value, undefined);
    if (value === undefined || this.#answered !== 'no') return;
    this.#answered = 'yes';
    this.reply?.resolve(value);
  }

  /** A step threw, or there was to be none. */
  failed(thrown: unknown, watching: FlowWatching | undefined): void {
    const error = FlowRefusal.errorOf(thrown) ?? handlerFailure(thrown, this);
    watching?.ended(undefined, error);
    if (this.#answered === 'no') {
      this.#answered = 'yes';
      this.reply?.reject(error);
    }
    this.host.handlerFailed(error, this);
  }

  /** Tells of what a step or a generator threw whose outcome goes another way. */
  handlerFailed(thrown: unknown): HappenError {
    const error = handlerFailure(thrown, this);
    this.host.handlerFailed(error, this);
    return error;
  }

  /**
   * A flow came to a generator. If the asker takes streams and has no answer so far, it is handed over; otherwise it runs to
   * its end by itself. Called within the flow's tracking.
   *
   * @returns what the flow goes on with, or a promise of it; `handedOver` when it belongs to its consumer now
   */
  streamed(flow: FlowRecord, iterator: StreamIterator): unknown {
    const { reply } = this;
    if (this.#answered === 'no' && reply?.stream !== undefined)
      return this.handOver(flow, iterator, (source) => reply.stream?.(source));
    this.#stream ??= 'drained';
    // A generator is no synchronous step, whatever its kind.
    return this.atOnce ? settled.then(() => drain(flow, iterator)) : drain(flow, iterator);
  }

  /** Gives the stream to its consumer; happens at most once. */
  protected handOver(flow: FlowRecord, iterator: StreamIterator, take: (source: StreamSource) => void): unknown {
    const stream = new FlowStream(flow, iterator, FlowRecord.handOver(flow));
    this.#answered = 'stream';
    this.#stream = stream;
    take(stream);
    return handedOver;
  }

  /** The stream is over, and its flow with it. */
  streamEnded(): void {
    this.#answered = 'yes';
    if (!this.#streamIsLeft) return;
    this.#ended = true;
    this.host.ended(this);
  }

  /** A flow that had gone on asynchronously has completed. */
  resumeAfter(): void {
    this.#startRemaining();
  }
}

function lastOf(handled: Handled): HappenEvent {
  return Array.isArray(handled) ? (handled[handled.length - 1] as HappenEvent) : (handled as HappenEvent);
}

function abortWith({ abort, reason }: { readonly abort: AbortController; readonly reason: HappenError }): void {
  abort.abort(reason);
}

function runIntercepted(flow: FlowRecord): void {
  const { host, handled } = FlowRecord.deliveryOf(flow);
  try {
    FlowRecord.watch(flow, host.flowInterceptor?.begin(host.id, handled, flow));
  } catch (refusal) {
    FlowRecord.complete(flow, new FlowRefusal(refusal as HappenError), true);
    return;
  }
  runWatched(flow);
}

function runWatched(flow: FlowRecord): void {
  const watching = FlowRecord.watchingOf(flow);
  if (watching === undefined) runSteps(flow);
  else watching.within(runSteps, flow);
}

function runSteps(flow: FlowRecord): void {
  const delivery = FlowRecord.deliveryOf(flow);
  let steps = 0;
  let startedAt = 0;
  for (;;) {
    let outcome: unknown;
    try {
      outcome = FlowRecord.runStep(flow);
      if (typeof outcome === 'object' && outcome !== null) {
        if (isPromiseLike(outcome)) {
          awaitOutcome(flow, outcome);
          return;
        }
        if (isStream(outcome)) {
          outcome = drainOrHandOver(flow, outcome);
          if (outcome === handedOver) return;
          if (outcome instanceof Promise) {
            awaitOutcome(flow, outcome);
            return;
          }
        }
      }
    } catch (thrown) {
      FlowRecord.complete(flow, thrown, true);
      return;
    }
    if (typeof outcome === 'function') {
      FlowRecord.continueWith(flow, outcome as AnyStep);
      if (++steps % stepsBetweenLooks !== 0 || delivery.atOnce) continue;
      const now = monotonic(delivery.host.clock);
      if (startedAt === 0) startedAt = now;
      if (now - startedAt < longestRunMs) continue;
      delivery.host.clock.setTimer(0, () => resumeSteps(flow, false));
      return;
    }
    FlowRecord.complete(flow, outcome, false);
    return;
  }
}

/** A foreign `then` may call back twice or at once, or throw: a promise around it makes one later outcome of that. */
function awaitOutcome(flow: FlowRecord, outcome: PromiseLike<unknown>): void {
  const isNative = outcome instanceof Promise && outcome.then === nativeThen;
  void (isNative ? (outcome as Promise<unknown>) : new Promise((resolve) => resolve(outcome))).then(
    (value) => settleStep(flow, value, false),
    (thrown: unknown) => settleStep(flow, thrown, true),
  );
}

function settleStep(flow: FlowRecord, value: unknown, thrown: boolean): void {
  const delivery = FlowRecord.deliveryOf(flow);
  const { tracksPromises } = delivery.host;
  if (!thrown && typeof value === 'function') {
    FlowRecord.continueWith(flow, value as AnyStep);
    resumeSteps(flow, tracksPromises);
    return;
  }
  if (!thrown && typeof value === 'object' && value !== null && settledWithStream(flow, value)) return;
  FlowRecord.complete(flow, value, thrown);
  FlowRecord.tellOutcome(flow);
  delivery.resumeAfter();
}

/** @returns whether the value is a stream, and the flow goes on with it as one */
function settledWithStream(flow: FlowRecord, value: object): boolean {
  const delivery = FlowRecord.deliveryOf(flow);
  try {
    if (!isStream(value)) return false;
    // As a step of its own, so that it is looked at where steps are.
    FlowRecord.continueWith(flow, () => value);
  } catch (thrown) {
    FlowRecord.continueWith(flow, () => {
      throw thrown;
    });
  }
  resumeSteps(flow, delivery.host.tracksPromises);
  return true;
}

/** A generator that runs to its end may come to another one. */
function drainOrHandOver(flow: FlowRecord, stream: object): unknown {
  const delivery = FlowRecord.deliveryOf(flow);
  let outcome: unknown = stream;
  while (typeof outcome === 'object' && outcome !== null && !isPromiseLike(outcome) && isStream(outcome)) {
    outcome = delivery.streamed(flow, outcome as StreamIterator);
  }
  return typeof outcome === 'object' && outcome !== null && isPromiseLike(outcome) ? Promise.resolve(outcome) : outcome;
}

/** @param tracked whether the tracker knows already that the flow is the current one */
function resumeSteps(flow: FlowRecord, tracked: boolean): void {
  const delivery = FlowRecord.deliveryOf(flow);
  if (tracked) runSteps(flow);
  else delivery.host.tracker.run(flow, runWatched, flow);
  if (FlowRecord.isRunning(flow)) return;
  FlowRecord.tellOutcome(flow);
  delivery.resumeAfter();
}

function handlerFailure(thrown: unknown, delivery: Delivery): HappenError {
  const { event, host } = delivery;
  const { name, message } = describeThrown(thrown);
  return new HappenError(
    'HAPPEN_HANDLER_FAILED',
    `The handler of "${event.type}" at node "${host.id}" failed: ${message}`,
    {
      cause: thrown,
      details: { node: host.id, type: event.type, eventId: event.context.causal.id, name, message },
    },
  );
}
