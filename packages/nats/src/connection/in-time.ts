import { realClock } from '../runtime/real-clock.js';

/** Waits until something is settled, either way, but no longer than this. Says whether it was. */
export function inTime(promise: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = realClock.setTimer(ms, () => resolve(false), true);
    const done = (): void => {
      timer.clear();
      resolve(true);
    };
    promise.then(done, done);
  });
}
