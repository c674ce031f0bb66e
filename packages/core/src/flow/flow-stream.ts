/**
 * A generator that is the outcome of a flow, handed over to whoever asked.
 *
 * Invariants:
 * 1. The generator is asked for one item at a time, and only when its consumer pulls.
 * 2. Its code runs in its flow's tracking, whoever pulls.
 * 3. It is over exactly once: by its end, by a throw, or when its `finally` has run after a stop, or has had its time for that.
 *    Its flow completes then, and the delivery is told.
 */
import { HappenError } from '../errors/happen-error.js';
import type { Delivery } from './delivery.js';
import { FlowRecord } from './flow-record.js';
import type { FlowWatching } from './flow-watching.js';
import { iteratorResult } from './iterator-result.js';
import { isPromiseLike, isStream } from './outcome.js';
import type { AnyStep } from './step.js';
import type { StreamConsumer, StreamIterator, StreamSource } from './stream-source.js';
import { TurnTaking } from './turn-taking.js';
import type { Timer } from '../ports/clock.js';
import { monotonic } from '../ports/monotonic.js';

const settled: Promise<void> = Promise.resolve();

/** How long a generator may take to end once nobody wants its items. */
const cleanupMs = 30_000;

export class FlowStream implements StreamSource {
  readonly #flow: FlowRecord;
  readonly #delivery: Delivery;
  /** How long the consumer waits for an item, in milliseconds; 0 when that is not limited. */
  readonly #patienceMs: number;
  readonly #watching: FlowWatching | undefined;
  #iterator: StreamIterator;
  #consumer: StreamConsumer | undefined;
  #turns: TurnTaking | undefined;
  #pulling = false;
  /** Whether the user's code is on the stack. */
  #inside = false;
  /** Whether it is one of the flow's steps that runs, and not the generator. */
  #inStep = false;
  #stoppedBy: HappenError | undefined;
  #returning = false;
  #over = false;
  #given: unknown;
  #watchingTold = false;
  /** Set while it is to end and has not. */
  #cleanup: Timer | undefined;

  constructor(flow: FlowRecord, iterator: StreamIterator, watching: FlowWatching | undefined) {
    const delivery = FlowRecord.deliveryOf(flow);
    this.#flow = flow;
    this.#delivery = delivery;
    this.#iterator = iterator;
    this.#watching = watching;
    watching?.streaming();
    this.#patienceMs = delivery.patienceMs;
  }

  open(consumer: StreamConsumer): void {
    this.#consumer = consumer;
  }

  pull(): void {
    if (this.#over || this.#stoppedBy !== undefined || this.#pulling) return;
    this.#pulling = true;
    // What the generator asks others for has as long as its consumer waits.
    if (this.#patienceMs > 0) this.#delivery.deadlineAt = monotonic(this.#delivery.host.clock) + this.#patienceMs;
    this.#advance();
  }

  stop(reason: HappenError): void {
    if (this.#over || this.#stoppedBy !== undefined) return;
    this.#stoppedBy = reason;
    // Nobody waits any more: what cleans up has a time of its own.
    this.#delivery.deadlineAt = 0;
    this.#delivery.abortSignal(reason);
    this.#letEnd();
  }

  closing(reason: HappenError): void {
    if (!this.#over && this.#stoppedBy === undefined) this.#consumer?.closing?.(reason);
  }

  /** The asker's time is over, or the space is being closed for good: as `stop`, but the consumer has to be told. */
  breakOff(reason: HappenError): void {
    if (this.#over || this.#stoppedBy !== undefined) return;
    this.#stoppedBy = reason;
    this.#tellWatching(reason);
    this.#consumer?.fail(reason);
    this.#letEnd();
  }

  #advance(): void {
    if (this.#run(callNext)) this.#takeNext(this.#taken());
  }

  /** @returns whether it came back without a throw; what it gave stands in `#given` */
  #run(call: (stream: FlowStream) => void): boolean {
    this.#inside = true;
    try {
      const watching = this.#watching;
      const run = watching === undefined ? call : () => watching.within(() => call(this), this.#flow);
      this.#delivery.host.tracker.run(this.#flow, run, this);
      return true;
    } catch (thrown) {
      this.#threw(thrown);
      return false;
    } finally {
      this.#inside = false;
    }
  }

  #taken(): unknown {
    const given = this.#given;
    this.#given = undefined;
    return given;
  }

  readonly #takeNext = (next: unknown): void => {
    try {
      if (isAwaitable(next)) {
        wait(next, this.#takeNext, this.#threw);
        return;
      }
      const { done, value } = iteratorResult(next);
      if (done) this.#takeOutcome(value);
      else if (isAwaitable(value)) wait(value, this.#takeItem, this.#itemFailed);
      else this.#takeItem(value);
    } catch (thrown) {
      this.#threw(thrown);
    }
  };

  readonly #takeItem = (item: unknown): void => {
    if (this.#over) return;
    this.#pulling = false;
    if (this.#stoppedBy !== undefined) this.#end();
    else this.#consumer?.item(item);
  };

  /** What the generator returned, or a step after it came to. */
  readonly #takeOutcome = (outcome: unknown): void => {
    if (this.#over) return;
    try {
      if (isAwaitable(outcome)) {
        wait(outcome, this.#takeOutcome, this.#threw);
        return;
      }
      if (typeof outcome === 'object' && outcome !== null && isStream(outcome)) {
        this.#iterator = outcome as StreamIterator;
        this.#inStep = false;
        // What was returned before is another matter than this one.
        this.#returning = false;
        if (this.#stoppedBy !== undefined) this.#end();
        else this.#later(() => this.#advance());
        return;
      }
    } catch (thrown) {
      this.#threw(thrown);
      return;
    }
    if (typeof outcome === 'function' && this.#stoppedBy === undefined) {
      this.#inStep = true;
      FlowRecord.continueWith(this.#flow, outcome as AnyStep);
      this.#later(() => {
        if (this.#run(callStep)) this.#takeOutcome(this.#taken());
      });
      return;
    }
    const wasStopped = this.#stoppedBy !== undefined;
    this.#finish(undefined);
    if (!wasStopped) this.#consumer?.end(outcome);
    this.#delivery.streamEnded();
  };

  /** Not at once: what goes on and on would use up the stack, or keep the event loop from turning. */
  #later(goOn: () => void): void {
    const next = (): void => {
      if (this.#stoppedBy !== undefined) this.#takeOutcome(undefined);
      else goOn();
    };
    this.#turns ??= new TurnTaking(this.#delivery.host.clock);
    if (this.#turns.isDue) this.#turns.after(next);
    else void settled.then(next);
  }

  readonly #threw = (thrown: unknown): void => {
    if (this.#over) return;
    const wasStopped = this.#stoppedBy !== undefined;
    const error = this.#delivery.handlerFailed(thrown);
    this.#finish(error);
    if (!wasStopped) this.#consumer?.fail(error);
    this.#delivery.streamEnded();
  };

  /** A promise that was yielded rejects: the generator knows nothing of that, and its `finally` is still to come. */
  readonly #itemFailed = (thrown: unknown): void => {
    if (this.#over || this.#returning) return;
    this.#returning = true;
    if (!this.#run(callReturn)) return;
    const fail = (): void => this.#threw(thrown);
    const given = this.#taken();
    try {
      if (isAwaitable(given)) wait(given, fail, fail);
      else fail();
    } catch {
      fail();
    }
  };

  /** Streams take up no slot, so those that never end would gather without a bound. */
  #letEnd(): void {
    this.#end();
    if (this.#over) return;
    this.#cleanup = this.#delivery.host.clock.setTimer(cleanupMs, () => this.#giveUp(), true);
  }

  #giveUp(): void {
    if (this.#over) return;
    const { host, event } = this.#delivery;
    const error = new HappenError(
      'HAPPEN_TIMEOUT',
      `What makes the stream of "${event.type}" at node "${host.id}" has not ended within ${cleanupMs} ms after it was left, and is not waited for any longer. A promise in it, or in its "finally", is never settled; let it heed context.signal.`,
      { details: { node: host.id, type: event.type, timeoutMs: cleanupMs } },
    );
    host.handlerFailed(error, this.#delivery, false);
    this.#finish(error);
    this.#delivery.streamEnded();
  }

  /** Lets the generator's `finally` run, as soon as its code is not on the stack. */
  #end(): void {
    if (this.#inside || this.#inStep || this.#returning) return;
    this.#returning = true;
    if (!this.#run(callReturn)) return;
    const given = this.#taken();
    try {
      if (isAwaitable(given)) wait(given, this.#returned, this.#threw);
      else this.#returned();
    } catch (thrown) {
      this.#threw(thrown);
    }
  }

  readonly #returned = (): void => {
    if (this.#over) return;
    this.#finish(undefined);
    this.#delivery.streamEnded();
  };

  #finish(error: HappenError | undefined): void {
    this.#over = true;
    this.#pulling = false;
    this.#cleanup?.clear();
    FlowRecord.complete(this.#flow, undefined, false);
    this.#tellWatching(error ?? this.#stoppedBy);
  }

  #tellWatching(error: HappenError | undefined): void {
    if (this.#watchingTold) return;
    this.#watchingTold = true;
    this.#watching?.ended(undefined, error);
  }

  // Static, for the tracker, which takes a function without a receiver.

  static next(stream: FlowStream): void {
    stream.#given = stream.#iterator.next();
  }

  static return(stream: FlowStream): void {
    stream.#given = stream.#iterator.return?.();
  }

  static step(stream: FlowStream): void {
    stream.#given = FlowRecord.runStep(stream.#flow);
  }
}

function callNext(stream: FlowStream): void {
  FlowStream.next(stream);
}

function callReturn(stream: FlowStream): void {
  FlowStream.return(stream);
}

function callStep(stream: FlowStream): void {
  FlowStream.step(stream);
}

function isAwaitable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && isPromiseLike(value);
}

/** A foreign `then` may call back twice or at once, or throw: a promise around it makes one later outcome of that. */
function wait(value: PromiseLike<unknown>, took: (value: unknown) => void, threw: (thrown: unknown) => void): void {
  void (value instanceof Promise ? (value as Promise<unknown>) : new Promise((resolve) => resolve(value))).then(
    took,
    threw,
  );
}
