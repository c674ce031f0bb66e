/**
 * Writes down what went wrong and nobody took: neither an asker nor a listener.
 *
 * Invariant: in a second no more than a few lines of a kind are written, and no more than a hundred in all; what was left out
 * is counted, and told before the next line and at the end.
 */
import type { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { monotonic } from '../ports/monotonic.js';

interface Kind {
  /** Node, type and code; nothing for those of which nothing was written. */
  readonly about: object;
  written: number;
  leftOut: number;
}

const periodMs = 1_000;
const mostOfAKind = 10;
const mostInAll = 100;

export class UntakenFailures {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #kinds = new Map<string, Kind>();
  #since = 0;
  #written = 0;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  failed(error: HappenError, node: string, event: HappenEvent | undefined): void {
    if (!this.#takes(node, event?.type, error.code)) return;
    const about = event === undefined ? {} : { type: event.type, eventId: event.context.causal.id };
    this.#logger.error({ err: error, node, ...about }, 'a failure that nobody listens for');
  }

  /** Tells what was left out. */
  flush(): void {
    for (const { about, leftOut } of this.#kinds.values()) {
      if (leftOut > 0) this.#logger.warn({ ...about, leftOut }, 'failures were not logged');
    }
    this.#kinds.clear();
    this.#written = 0;
  }

  #takes(node: string, type: string | undefined, code: string): boolean {
    const now = monotonic(this.#clock);
    // A clock that was set back begins anew as well.
    if (now - this.#since >= periodMs || now < this.#since) {
      this.flush();
      this.#since = now;
    }
    const isFull = this.#written >= mostInAll;
    const key = JSON.stringify([node, type, code]);
    let kind = this.#kinds.get(key) ?? (isFull ? this.#kinds.get('') : undefined);
    if (kind === undefined) {
      kind = { about: isFull ? {} : { node, type, code }, written: 0, leftOut: 0 };
      this.#kinds.set(isFull ? '' : key, kind);
    }
    if (isFull || kind.written >= mostOfAKind) {
      kind.leftOut++;
      return false;
    }
    kind.written++;
    this.#written++;
    return true;
  }
}
