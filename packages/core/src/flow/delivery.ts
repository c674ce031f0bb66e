/**
 * One event (or batch) at one node: the flows it starts there, one after the other, and where their outcome goes.
 *
 * Invariants:
 * 1. Each matching registration is started once: as an entry point of its own flow, or inside a flow through
 *    `context.next`. `#position` is the first one not started; those before it have been, or were taken back before their turn.
 * 2. A flow is entered into the tracker once. Its steps run in a loop, not in one another, so a flow of any length uses no
 *    stack; what is purely synchronous finishes within `start`.
 * 3. `reply` hears exactly one outcome when an answer is expected: the first that is not `undefined`, a throw or a stream
 *    included, or `undefined` after the last flow. `ended` is called once, after all flows and the stream, if there is one.
 */
import type { EventContext, HappenEvent, Origin } from '../event/event.js';
import type { HappenError } from '../errors/happen-error.js';
import type { AsyncTracker } from '../host/host.js';
import type { Clock } from '../ports/clock.js';
import { DeliveryExtras } from './delivery-extras.js';
import { drain } from './drain.js';
import { FlowRecord } from './flow-record.js';
import { type FlowInterceptor, FlowRefusal, type FlowWatching } from './flow-watching.js';
import { FlowStream } from './flow-stream.js';
import { lastOf } from './handled.js';
import { handlerFailure } from './handler-failure.js';
import { handedOver } from './outcome.js';
import { runIntercepted, runSteps } from './run-steps.js';
import type { AnyStep, Handled } from './step.js';
import type { StreamIterator, StreamSource } from './stream-source.js';

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

/** How a delivery is to be made, beside the event itself. */
export interface FlowTerms {
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** By the clock's monotonic reading; 0 when unlimited. */
  readonly deadlineAt: number;
  /** How long the sender waits, for each item of a stream too, in milliseconds; 0 when that is not limited. */
  readonly patienceMs: number;
  readonly priority: number;
  readonly key: string | undefined;
}

/** The terms of what nobody limits. */
export function unlimited(receivedAt: number): FlowTerms {
  return { receivedAt, deadlineAt: 0, patienceMs: 0, priority: 0, key: undefined };
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
  /** Why streams are to end, once the node or its space is closing. */
  readonly streamsEndBy: HappenError | undefined;
  /** The node, bound to a flow: `context.node`. */
  bound(flow: FlowRecord): unknown;
  /** Told of every error a handler threw; `isTaken` when an asker gets it. */
  handlerFailed(error: HappenError, delivery: Delivery, isTaken: boolean): void;
  /** Told when its first outcome is a failure, before its asker is. */
  cameToNothing(delivery: Delivery): void;
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
  /** Whether it was taken back meanwhile, by a handler before it or while that waited. */
  readonly removed?: boolean;
}

const settled: Promise<void> = Promise.resolve();
const none: readonly never[] = Object.freeze([]);

export class Delivery {
  readonly host: FlowHost;
  #handled: Handled;
  readonly reply: ReplySink | undefined;
  /** Kept as they were given: a field for each would cost every delivery that is made. */
  readonly terms: FlowTerms;
  /**
   * When the asker's time is over, by the clock's monotonic reading; 0 when it is not limited. A stream sets it anew at each
   * pull.
   */
  deadlineAt: number;
  /** What it takes up at its node; set by the node. */
  slot: 'none' | 'inbox' | 'unqueued' | 'stream' = 'none';
  #entries: readonly Entry[] = none;
  #position = 0;
  /** The entry points are those before this one. */
  #entryPoints = 0;
  #answered: 'no' | 'yes' | 'stream' = 'no';
  #ended = false;
  #flow: FlowRecord | undefined;
  #extras: DeliveryExtras | undefined;

  constructor(host: FlowHost, handled: Handled, reply: ReplySink | undefined, terms: FlowTerms) {
    this.host = host;
    this.#handled = handled;
    this.reply = reply;
    this.terms = terms;
    this.deadlineAt = terms.deadlineAt;
  }

  /** What few deliveries need; made when it is first asked for. */
  get extras(): DeliveryExtras {
    this.#extras ??= new DeliveryExtras();
    return this.#extras;
  }

  get receivedAt(): number {
    return this.terms.receivedAt;
  }

  get patienceMs(): number {
    return this.terms.patienceMs;
  }

  get priority(): number {
    return this.terms.priority;
  }

  get key(): string | undefined {
    return this.terms.key;
  }

  get attempt(): number {
    return 1;
  }

  /** Whether its flows never give way to the event loop, however long they run. */
  get atOnce(): boolean {
    return this.#extras?.atOnce === true;
  }

  /** What its handlers get. */
  get handled(): Handled {
    return this.#handled;
  }

  /** The event; the last one of a batch, which counts as the cause of what its handler emits. */
  get event(): HappenEvent {
    return lastOf(this.#handled);
  }

  /** A schema has put other payloads in; before the first handler runs. */
  replace(handled: Handled): void {
    this.#handled = handled;
  }

  /** The contexts of a batch's events. */
  get contexts(): readonly EventContext[] | undefined {
    return Array.isArray(this.handled) ? this.handled.map((event: HappenEvent) => event.context) : undefined;
  }

  /** What takes up a slot of the node: itself, or the batch of which it is a part. */
  get whole(): Delivery {
    return this.#extras?.partOf ?? this;
  }

  get expectsResponse(): boolean {
    return this.reply !== undefined;
  }

  /** Why the asker no longer waits, if so. */
  get cancelled(): HappenError | undefined {
    return this.#extras?.cancelled;
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
    const { extras } = this;
    if (extras.abort === undefined) {
      extras.abort = new AbortController();
      if (extras.abortedBy !== undefined) extras.abort.abort(extras.abortedBy);
    }
    return extras.abort.signal;
  }

  /** The asker has given up, its time is over, or the space is being closed for good. */
  cancel(reason: HappenError): void {
    if (this.cancelled !== undefined || this.#ended) return;
    this.extras.cancelled = reason;
    this.abortSignal(reason);
    const { stream, queue } = this.extras;
    queue?.gaveUp();
    if (typeof stream === 'object') stream.breakOff(reason);
  }

  /** Tells the flows by their signal, and by nothing else; the first reason counts. */
  abortSignal(reason: HappenError): void {
    const { extras } = this;
    if (extras.abortedBy !== undefined) return;
    extras.abortedBy = reason;
    const { abort } = extras;
    // What a listener sends is caused by this delivery's event, not by whatever ends it.
    if (abort !== undefined) this.host.tracker.run(this.#flow, abortWith, { abort, reason });
  }

  /** The space is being closed: a generator, which may never end, learns of it by its signal. */
  signalStream(reason: HappenError): void {
    const stream = this.#extras?.stream;
    if (stream === undefined) return;
    this.abortSignal(reason);
    if (stream !== 'drained') stream.closing(reason);
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
    let index = this.#position;
    while (this.#entries[index]?.removed === true) index++;
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
      if (entry.removed === true) continue;
      const flow = new FlowRecord(this, entry.handler);
      this.#flow = flow;
      this.host.tracker.run(flow, this.host.flowInterceptor === undefined ? runSteps : runIntercepted, flow);
      if (FlowRecord.isRunning(flow)) return;
      FlowRecord.tellOutcome(flow);
    }
    if (this.#answered !== 'yes') {
      if (this.#answered === 'stream') {
        this.extras.streamIsLeft = true;
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
    const isOutcome = this.#answered === 'no';
    if (isOutcome) {
      this.#answered = 'yes';
      this.host.cameToNothing(this);
      this.reply?.reject(error);
    }
    this.host.handlerFailed(error, this, isOutcome && this.reply !== undefined);
  }

  /** Tells of what a step or a generator threw whose outcome goes another way. */
  handlerFailed(thrown: unknown): HappenError {
    const error = handlerFailure(thrown, this);
    this.host.handlerFailed(error, this, this.#answered === 'stream');
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
    if (this.#answered === 'no' && reply?.stream !== undefined) {
      const given = this.handOver(flow, iterator, (source) => reply.stream?.(source));
      this.#signalLateStream();
      return given;
    }
    this.extras.stream ??= 'drained';
    this.#signalLateStream();
    // A generator is no synchronous step, whatever its kind.
    return this.atOnce ? settled.then(() => drain(flow, iterator)) : drain(flow, iterator);
  }

  /** Gives the stream to its consumer; happens at most once. */
  protected handOver(flow: FlowRecord, iterator: StreamIterator, take: (source: StreamSource) => void): unknown {
    const stream = new FlowStream(flow, iterator, FlowRecord.handOver(flow));
    this.#answered = 'stream';
    this.extras.stream = stream;
    take(stream);
    return handedOver;
  }

  /** A flow that finishes while its space is closing may begin a stream: it learns of that as the others did. */
  #signalLateStream(): void {
    const { streamsEndBy } = this.host;
    if (streamsEndBy !== undefined) this.signalStream(streamsEndBy);
  }

  /** The stream is over, and its flow with it. */
  streamEnded(): void {
    this.#answered = 'yes';
    if (this.#extras?.streamIsLeft !== true) return;
    this.#ended = true;
    this.host.ended(this);
  }

  /** A flow that had gone on asynchronously has completed. */
  resumeAfter(): void {
    this.#startRemaining();
  }
}

function abortWith({ abort, reason }: { readonly abort: AbortController; readonly reason: HappenError }): void {
  abort.abort(reason);
}
