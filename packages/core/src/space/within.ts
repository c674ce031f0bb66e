import type { Clock } from '../ports/clock.js';

/** Waits for a promise, but no longer than so many milliseconds; `false` when it was not settled by then. Never rejects. */
export function within(
  clock: Clock,
  timeoutMs: number,
  promise: Promise<unknown>,
  failed: (error: unknown) => void,
): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.setTimer(timeoutMs, () => resolve(false));
    promise.catch(failed).then(
      () => {
        timer.clear();
        resolve(true);
      },
      () => resolve(true),
    );
  });
}
