import { realClock } from '../runtime/real-clock.js';

/** Waits until something is settled, either way, but no longer than this. */
export async function inTime(promise: Promise<unknown>, ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = realClock.setTimer(ms, resolve, true);
    const done = (): void => {
      timer.clear();
      resolve();
    };
    promise.then(done, done);
  });
}
