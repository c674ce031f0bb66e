import { systemClock } from '../host/system-clock.js';
import type { Clock } from '../ports/clock.js';
import { monotonic } from '../ports/monotonic.js';

/**
 * The monotonic reading that belongs to a reading of `now()` just taken.
 *
 * Reading the clock is much beside a request within a process. So the runtime's own is read again only when its millisecond is
 * another than last time: the reading is at most one millisecond old, unless the machine's clock was set back to that very
 * millisecond while nothing was asked. Of another clock nothing is supposed.
 */
export class Moments {
  readonly #clock: Clock;
  readonly #isRuntimes: boolean;
  #wallMs = Number.NaN;
  #elapsedMs = 0;

  constructor(clock: Clock, given: Clock) {
    this.#clock = clock;
    this.#isRuntimes = given === systemClock;
  }

  /** @param nowMs what `now()` has just said */
  at(nowMs: number): number {
    if (nowMs === this.#wallMs && this.#isRuntimes) return this.#elapsedMs;
    this.#wallMs = nowMs;
    this.#elapsedMs = monotonic(this.#clock);
    return this.#elapsedMs;
  }
}
