/**
 * A stream in its consumer's hands, wherever its generator runs.
 *
 * Invariants:
 * 1. The source is asked for one item at a time; further calls of `next` wait in `#waiting`, in order.
 * 2. It is over once: at the end of the source, at its failure, when the consumer leaves, when the time is over. From then on
 *    it stands nowhere: not in the deadlines, not among the listeners of the caller's signal.
 * 3. A failure is thrown by one `next`, and by `result`; nothing becomes an unhandled rejection.
 */
import { HappenError } from '../errors/happen-error.js';
import type { EventStream } from '../event/event-map.js';
import type { HappenEvent } from '../event/event.js';
import type { StreamConsumer, StreamSource } from '../flow/stream-source.js';
import { TurnTaking } from '../flow/turn-taking.js';
import { checkedCopy } from './checked-copy.js';
import type { Expiring } from './deadlines.js';
import { FrontList } from './front-list.js';
import type { TalkHost } from './host.js';
import { refusedMeanwhile } from './refused-meanwhile.js';
import { monotonic } from '../ports/monotonic.js';

/** What a stream is received under. */
export interface StreamTerms {
  readonly senderId: string;
  readonly targetId: string;
  readonly event: HappenEvent | undefined;
  /** How long one side waits for the other, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Whether the items come off a wire, and are the consumer's own. */
  readonly isOwn: boolean;
}

interface Waiter<Y, F> {
  resolve(result: IteratorResult<Y, F>): void;
  reject(error: unknown): void;
}

type End<F> = { readonly result: F } | { readonly error: HappenError };

export class ReceivedStream<Y = unknown, F = unknown> implements EventStream<Y, F>, StreamConsumer, Expiring {
  readonly #host: TalkHost;
  readonly #source: StreamSource;
  readonly #terms: StreamTerms;
  readonly #turns: TurnTaking;
  #current: Waiter<Y, F> | undefined;
  #waiting: FrontList<Waiter<Y, F>> | undefined;
  /** Since when one side waits for the other. */
  #since: number;
  #bucket: number;
  #stopListening: (() => void) | undefined;
  #wasPulled = false;
  #end: End<F> | undefined;
  #failureTold = false;
  #dropped = 0;
  #result: Promise<F> | undefined;
  #resultWaiter: Omit<Waiter<never, F>, 'resolve'> & { resolve(result: F): void } = nobody;

  constructor(host: TalkHost, source: StreamSource, terms: StreamTerms, cancelled: (reason: unknown) => HappenError) {
    this.#host = host;
    this.#source = source;
    this.#terms = terms;
    this.#turns = new TurnTaking(host.clock);
    this.#since = monotonic(host.clock);
    this.#bucket = host.deadlines.add(this, this.#since + terms.timeoutMs);
    source.open(this);
    const { signal } = terms;
    if (signal !== undefined) {
      const abort = (): void => this.#breakOff(cancelled(signal.reason));
      this.#stopListening = host.aborts.add(signal, abort);
      if (signal.aborted) abort();
    }
  }

  get [Symbol.toStringTag](): string {
    return 'EventStream';
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  get dropped(): number {
    return this.#dropped;
  }

  get result(): Promise<F> {
    if (this.#result === undefined) {
      const end = this.#end;
      this.#result = new Promise<F>((resolve, reject) => {
        if (end === undefined) this.#resultWaiter = { resolve, reject };
        else if ('error' in end) reject(end.error);
        else resolve(end.result);
      });
      this.#result.catch(() => {});
    }
    return this.#result;
  }

  next(): Promise<IteratorResult<Y, F>> {
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      if (this.#current === undefined) {
        this.#serve(waiter);
      } else {
        this.#waiting ??= new FrontList();
        this.#waiting.push(waiter);
      }
    });
  }

  return(value?: F | PromiseLike<F>): Promise<IteratorResult<Y, F>> {
    this.#breakOff(new HappenError('HAPPEN_CANCELLED', 'The consumer has left the stream.'), true);
    return Promise.resolve(value).then((result) => ({ done: true, value: result as F }));
  }

  /** Drops what is left of the items; resolves to the result. */
  async drain(): Promise<F> {
    for (;;) {
      const { done, value } = await this.next();
      if (done === true) return value;
    }
  }

  // --- what the source tells

  item(value: unknown): void {
    const waiter = this.#current;
    if (waiter === undefined) return;
    let item: unknown;
    try {
      item = this.#forConsumer(value, 'item');
    } catch (error) {
      this.#breakOff(error as HappenError);
      return;
    }
    this.#since = monotonic(this.#host.clock);
    this.#current = undefined;
    waiter.resolve({ done: false, value: item as Y });
    this.#serveNext();
  }

  end(result: unknown): void {
    if (this.#end !== undefined) return;
    try {
      this.#finish({ result: this.#forConsumer(result, 'result') as F });
    } catch (error) {
      this.#finish({ error: error as HappenError });
    }
  }

  fail(error: HappenError): void {
    if (this.#end === undefined) this.#finish({ error });
  }

  itemsDropped(count: number): void {
    this.#dropped = count;
  }

  // --- time

  expire(): void {
    const { timeoutMs } = this.#terms;
    const now = monotonic(this.#host.clock);
    if (now - this.#since < timeoutMs) {
      this.#bucket = this.#host.deadlines.add(this, this.#since + timeoutMs);
      return;
    }
    this.#bucket = -1;
    const { targetId, event, senderId } = this.#terms;
    const refused = refusedMeanwhile(this.#host, targetId, this.#since);
    const what =
      this.#current !== undefined
        ? `Node "${targetId}" brought nothing more in the stream of "${event?.type}" for ${timeoutMs} ms.${refused.text}`
        : `Nothing was taken from the stream of "${event?.type}" for ${timeoutMs} ms. Iterate over it, call return() on what send() gives, or leave it by its own return(); a consumer that takes longer needs a longer timeout.`;
    const error = new HappenError('HAPPEN_TIMEOUT', what, {
      details: { node: targetId, type: event?.type, timeoutMs, ...refused.details },
    });
    const isForgotten = !this.#wasPulled && this.#result === undefined;
    this.#breakOff(error);
    if (isForgotten) this.#host.reportFailure(error, senderId, event);
  }

  #forConsumer(value: unknown, path: string): unknown {
    const { isolation, limits } = this.#host;
    if (this.#terms.isOwn || isolation === 'trust' || value === undefined) return value;
    return checkedCopy(value, path, limits);
  }

  #serve(waiter: Waiter<Y, F>): void {
    if (this.#end !== undefined) {
      this.#tellEnd(waiter, this.#end);
      return;
    }
    this.#current = waiter;
    this.#wasPulled = true;
    this.#since = monotonic(this.#host.clock);
    if (this.#turns.isDue) this.#turns.after(() => this.#pullOn(waiter));
    else this.#source.pull();
  }

  #pullOn(waiter: Waiter<Y, F>): void {
    if (this.#current === waiter) this.#source.pull();
  }

  /** In a later turn: items that are there at once would use up the stack. */
  #serveNext(): void {
    const waiter = this.#waiting?.shift();
    if (waiter === undefined) return;
    this.#current = waiter;
    void settled.then(() => {
      if (this.#current === waiter) this.#serve(waiter);
    });
  }

  /** Ends it from this side; `quietly`: the consumer wanted it so, and nothing is thrown at him. */
  #breakOff(error: HappenError, quietly = false): void {
    if (this.#end !== undefined) return;
    this.#failureTold = quietly;
    this.#finish({ error });
    this.#source.stop(error);
  }

  #finish(end: End<F>): void {
    this.#end = end;
    if (this.#bucket >= 0) this.#host.deadlines.remove(this, this.#bucket);
    this.#bucket = -1;
    this.#stopListening?.();
    this.#stopListening = undefined;
    if ('error' in end) this.#resultWaiter.reject(end.error);
    else this.#resultWaiter.resolve(end.result);
    const waiting = this.#current === undefined ? [] : [this.#current, ...(this.#waiting?.takeAll() ?? [])];
    this.#current = undefined;
    this.#waiting = undefined;
    for (const waiter of waiting) this.#tellEnd(waiter, end);
  }

  #tellEnd(waiter: Waiter<Y, F>, end: End<F>): void {
    if ('result' in end) {
      waiter.resolve({ done: true, value: end.result });
    } else if (this.#failureTold) {
      waiter.resolve({ done: true, value: undefined as F });
    } else {
      this.#failureTold = true;
      waiter.reject(end.error);
    }
  }
}

const settled: Promise<void> = Promise.resolve();
const nobody = { resolve: (): void => {}, reject: (): void => {} };
