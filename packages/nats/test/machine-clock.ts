import type { Clock } from '@happen/core';

/** The machine's own time. */
export const machineClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(delayMs, callback, background = false) {
    const timer = setTimeout(callback, delayMs);
    if (background) timer.unref();
    return { clear: () => clearTimeout(timer) };
  },
};
