import type { Clock } from '../ports/clock.js';

/** How long a space's last frames wait for the other side to tell what it has. */
const longestMs = 1_000;

/** Frames that wait for somebody who may still come up. */
export class LastFrames {
  readonly #waiting = new Set<Promise<void>>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  keep(waiting: Promise<void>): Promise<void> {
    this.#waiting.add(waiting);
    const over = (): void => void this.#waiting.delete(waiting);
    waiting.then(over, over);
    return waiting;
  }

  /** Resolves when all have left, or turned out to have nobody to go to, but not later than after a while. */
  async left(clock: Clock): Promise<void> {
    const left = Promise.allSettled([...this.#waiting]);
    await new Promise<void>((resolve) => {
      const timer = clock.setTimer(longestMs, resolve);
      void left.then(() => {
        timer.clear();
        resolve();
      });
    });
  }
}
