import type { Clock } from '../ports/clock.js';
import { monotonic } from '../ports/monotonic.js';

const looksEvery = 64;
const longestRunMs = 10;

/**
 * Tells long runs of code that never waits when to let the event loop turn: they ask at each round, every 64th round looks at
 * the clock, and 10 ms are the longest run.
 */
export class TurnTaking {
  readonly #clock: Clock;
  #rounds = 0;
  #since: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = monotonic(clock);
  }

  /** Counts a round; whether the event loop should turn before the next. */
  get isDue(): boolean {
    return ++this.#rounds % looksEvery === 0 && monotonic(this.#clock) - this.#since >= longestRunMs;
  }

  /** Goes on after a turn of the event loop. */
  after(goOn: () => void): void {
    this.#clock.setTimer(0, () => {
      this.#since = monotonic(this.#clock);
      goOn();
    });
  }
}
