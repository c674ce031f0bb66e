import type { HappenError } from '../errors/happen-error.js';
import type { StreamConsumer, StreamSource } from '../flow/stream-source.js';

/** How many items wait for one receiver of a broadcast stream. */
export const subscriberBuffer = 256;

/** How a stream came to its end. */
export type StreamEnd = { readonly result: unknown } | { readonly error: HappenError };

/** What a subscriber needs from the stream it belongs to. */
export interface Subscribed {
  /** Somebody wants an item, or has room for one again. */
  wanted(): void;
  dropped(count: number): void;
  leave(subscriber: StreamSubscriber): void;
}

/** One receiver of a broadcast stream, with what waits for it: the latest items, of which the oldest give way. */
export class StreamSubscriber implements StreamSource {
  readonly #stream: Subscribed;
  readonly #buffer: unknown[];
  #consumer: StreamConsumer | undefined;
  #waits = false;
  #dropped: number;
  #end: StreamEnd | undefined;

  /**
   * @param buffer what it finds waiting
   * @param missed how many items have given way already
   */
  constructor(stream: Subscribed, buffer: unknown[], missed: number) {
    this.#stream = stream;
    this.#buffer = buffer;
    this.#dropped = missed;
    if (missed > 0) stream.dropped(missed);
  }

  get waits(): boolean {
    return this.#waits;
  }

  get isFull(): boolean {
    return this.#buffer.length >= subscriberBuffer;
  }

  open(consumer: StreamConsumer): void {
    this.#consumer = consumer;
    if (this.#dropped > 0) consumer.itemsDropped?.(this.#dropped);
  }

  pull(): void {
    if (this.#buffer.length > 0) {
      const item = this.#buffer.shift();
      this.#consumer?.item(item);
      this.#stream.wanted();
      return;
    }
    this.#waits = true;
    if (this.#end === undefined) this.#stream.wanted();
    else this.#tell(this.#end);
  }

  stop(): void {
    this.#buffer.length = 0;
    this.#waits = false;
    this.#consumer = undefined;
    this.#stream.leave(this);
  }

  push(item: unknown): void {
    if (this.#waits) {
      this.#waits = false;
      this.#consumer?.item(item);
      return;
    }
    if (this.isFull) {
      this.#buffer.shift();
      this.#stream.dropped(1);
      this.#consumer?.itemsDropped?.(++this.#dropped);
    }
    this.#buffer.push(item);
  }

  /** The stream is over; what waits can still be taken. */
  finish(end: StreamEnd): void {
    this.#end = end;
    if (this.#waits) this.#tell(end);
  }

  #tell(end: StreamEnd): void {
    this.#waits = false;
    if ('error' in end) this.#consumer?.fail(end.error);
    else this.#consumer?.end(end.result);
  }
}
