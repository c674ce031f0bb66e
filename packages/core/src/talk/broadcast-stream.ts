/**
 * The stream that a broadcast starts at its sender, for all who iterate over the event they received.
 *
 * Invariants:
 * 1. The generator is pulled only while some subscriber waits for an item; with `block`, only while each has room for one.
 * 2. Every item goes to all who have subscribed by then, in order; one is distributed at a time. Whoever comes later finds the
 *    latest items, as if his buffer had been there from the beginning: the way to him may be longer than to others.
 * 3. It ends with its generator, or when nobody has listened for its timeout.
 */
import { HappenError } from '../errors/happen-error.js';
import type { SourceSink } from '../flow/source-delivery.js';
import type { StreamConsumer, StreamSource } from '../flow/stream-source.js';
import type { Expiring } from './deadlines.js';
import type { TalkHost } from './host.js';
import type { Overflow } from './options.js';
import { type StreamEnd, type Subscribed, StreamSubscriber, subscriberBuffer } from './stream-subscriber.js';
import { monotonic } from '../ports/monotonic.js';

export class BroadcastStream implements SourceSink, StreamConsumer, Subscribed, Expiring {
  readonly timeoutMs: number;
  readonly #host: TalkHost;
  readonly #overflow: Overflow;
  readonly #subscribers = new Set<StreamSubscriber>();
  readonly #latest: unknown[] = [];
  #made = 0;
  #source: StreamSource | undefined;
  #pulling = false;
  #distributing = false;
  #closing: HappenError | undefined;
  #end: StreamEnd | undefined;
  #bucket = -1;
  /** Called once, when it is over. */
  closed: () => void = () => {};

  constructor(host: TalkHost, timeoutMs: number, overflow: Overflow) {
    this.#host = host;
    this.timeoutMs = timeoutMs;
    this.#overflow = overflow;
    this.#awaitListeners();
  }

  /** A receiver begins to iterate. */
  subscribe(): StreamSource {
    const subscriber = new StreamSubscriber(this, this.#latest.slice(), this.#made - this.#latest.length);
    if (this.#end !== undefined) {
      subscriber.finish(this.#end);
      return subscriber;
    }
    this.#subscribers.add(subscriber);
    if (this.#bucket >= 0) this.#host.deadlines.remove(this, this.#bucket);
    this.#bucket = -1;
    return subscriber;
  }

  // --- the sender's node

  take(source: StreamSource): void {
    this.#source = source;
    source.open(this);
    if (this.#end === undefined) this.wanted();
    else source.stop(nobodyListens(this.timeoutMs));
  }

  noSource(): void {
    if (this.#source === undefined) this.#finish({ result: undefined });
  }

  endAfterListeners(reason: HappenError): void {
    this.#closing = reason;
  }

  // --- the generator

  item(value: unknown): void {
    this.#pulling = false;
    this.#made++;
    if (this.#latest.length >= subscriberBuffer) this.#latest.shift();
    this.#latest.push(value);
    this.#distributing = true;
    for (const subscriber of this.#subscribers) subscriber.push(value);
    this.#distributing = false;
    this.wanted();
  }

  end(result: unknown): void {
    this.#finish({ result });
  }

  fail(error: HappenError): void {
    this.#finish({ error });
  }

  closing(reason: HappenError): void {
    this.#closing = reason;
    if (this.#subscribers.size === 0) this.#stop(reason);
  }

  // --- the subscribers

  wanted(): void {
    if (this.#pulling || this.#distributing || this.#end !== undefined || this.#source === undefined) return;
    let waits = false;
    for (const subscriber of this.#subscribers) {
      if (this.#overflow === 'block' && subscriber.isFull) return;
      waits ||= subscriber.waits;
    }
    if (!waits) return;
    this.#pulling = true;
    this.#source.pull();
  }

  dropped(count: number): void {
    this.#host.counts.droppedItems += count;
  }

  leave(subscriber: StreamSubscriber): void {
    if (!this.#subscribers.delete(subscriber) || this.#end !== undefined) return;
    if (this.#subscribers.size > 0) this.wanted();
    else if (this.#closing !== undefined) this.#stop(this.#closing);
    else this.#awaitListeners();
  }

  // --- time

  expire(): void {
    this.#bucket = -1;
    this.#stop(nobodyListens(this.timeoutMs));
  }

  #awaitListeners(): void {
    const { clock, deadlines } = this.#host;
    this.#bucket = deadlines.add(this, monotonic(clock) + this.timeoutMs);
  }

  #stop(reason: HappenError): void {
    this.#finish({ error: reason });
    this.#source?.stop(reason);
  }

  #finish(end: StreamEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    if (this.#bucket >= 0) this.#host.deadlines.remove(this, this.#bucket);
    this.#bucket = -1;
    for (const subscriber of this.#subscribers) subscriber.finish(end);
    this.#subscribers.clear();
    this.closed();
  }
}

function nobodyListens(timeoutMs: number): HappenError {
  return new HappenError('HAPPEN_TIMEOUT', `Nobody has listened to the stream of the broadcast for ${timeoutMs} ms.`, {
    details: { timeoutMs },
  });
}
