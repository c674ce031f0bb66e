import type { HappenError } from '../errors/happen-error.js';

/** Hears what a stream brings. None of the methods throws. */
export interface StreamConsumer {
  /** What the pull has brought. */
  item(value: unknown): void;
  /** The stream is over; `result` is what the generator returned. */
  end(result: unknown): void;
  /** The stream has broken off, maybe while nothing was pulled. */
  fail(error: HappenError): void;
  /** The space is being closed. What ends by itself need not care. */
  closing?(reason: HappenError): void;
  /** So many items have been dropped so far, since the consumer was slow. */
  itemsDropped?(count: number): void;
}

/**
 * A stream as its consumer's side sees it, wherever the generator runs. After `end` or `fail` nothing is told any more, and
 * nothing after `stop`.
 */
export interface StreamSource {
  /** Names who hears of it; called once, before anything else. */
  open(consumer: StreamConsumer): void;
  /** Asks for one item: the consumer hears an item, the end or a failure, maybe within this call. Not called again before. */
  pull(): void;
  /** The consumer wants no more: the generator's `finally` runs. */
  stop(reason: HappenError): void;
}

/** What streams are made of: a generator, or any other iterator object. */
export interface StreamIterator {
  next(): unknown;
  return?(): unknown;
}
