import type { Clock } from '@happen/core';

/** A network goes by real time, whatever clock its space was given. */
export const realClock: Clock & Required<Pick<Clock, 'monotonic'>> = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(delayMs, callback, background = false) {
    const timer: unknown = setTimeout(callback, delayMs);
    // A browser's timers are numbers and keep nothing alive.
    if (background && typeof timer === 'object') (timer as { unref?(): void }).unref?.();
    return { clear: () => clearTimeout(timer as number) };
  },
};
