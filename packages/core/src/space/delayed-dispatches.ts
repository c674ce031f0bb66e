/**
 * What waits for its time to be dispatched.
 *
 * What is to go after a while goes after that while. What is to go at a time goes when the clock says so: a timer knows nothing
 * of a clock that is set, so the clock is looked at again, at least every minute.
 */
import type { HappenError } from '../errors/happen-error.js';
import type { Clock, Timer } from '../ports/clock.js';
import type { Due } from '../talk/options.js';

const longestWithoutLookMs = 60_000;

export class DelayedDispatches {
  readonly #clock: Clock;
  readonly #waiting = new Set<(error: HappenError) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns what forgets it, without a word */
  add(due: Due, run: () => void, calledOff: (error: HappenError) => void): () => void {
    const callOff = (error: HappenError): void => {
      forget();
      calledOff(error);
    };
    let timer: Timer;
    const forget = (): void => {
      timer.clear();
      this.#waiting.delete(callOff);
    };
    const go = (): void => {
      this.#waiting.delete(callOff);
      run();
    };
    const look = (atMs: number): void => {
      const left = atMs - this.#clock.now();
      if (left <= 0) go();
      else timer = this.#clock.setTimer(Math.min(left, longestWithoutLookMs), () => look(atMs));
    };
    this.#waiting.add(callOff);
    if ('afterMs' in due) timer = this.#clock.setTimer(due.afterMs, go);
    else
      timer = this.#clock.setTimer(Math.min(due.atMs - this.#clock.now(), longestWithoutLookMs), () => look(due.atMs));
    return forget;
  }

  callOff(reason: HappenError): void {
    for (const callOff of [...this.#waiting]) callOff(reason);
    this.#waiting.clear();
  }
}
