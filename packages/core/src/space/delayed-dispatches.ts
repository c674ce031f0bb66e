import type { HappenError } from '../errors/happen-error.js';
import type { Clock } from '../ports/clock.js';

/** What waits for its time to be dispatched. */
export class DelayedDispatches {
  readonly #clock: Clock;
  readonly #waiting = new Set<(error: HappenError) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns what forgets it, without a word */
  add(atMs: number, run: () => void, calledOff: (error: HappenError) => void): () => void {
    const callOff = (error: HappenError): void => {
      forget();
      calledOff(error);
    };
    const timer = this.#clock.setTimer(atMs - this.#clock.now(), () => {
      this.#waiting.delete(callOff);
      run();
    });
    const forget = (): void => {
      timer.clear();
      this.#waiting.delete(callOff);
    };
    this.#waiting.add(callOff);
    return forget;
  }

  callOff(reason: HappenError): void {
    for (const callOff of [...this.#waiting]) callOff(reason);
    this.#waiting.clear();
  }
}
