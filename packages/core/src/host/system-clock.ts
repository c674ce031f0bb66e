import type { Clock } from '../ports/clock.js';

interface RuntimeTimer {
  unref?(): void;
}

declare const setTimeout: (callback: () => void, delayMs: number) => RuntimeTimer | number;
declare const clearTimeout: (timer: RuntimeTimer | number) => void;

/** Longer delays overflow the runtimes' 32-bit timers, which then fire at once: they are split. */
const longestDelayMs = 2 ** 31 - 1;

/** The runtime's own clock and timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(delayMs, callback, background = false) {
    let timer: RuntimeTimer | number;
    const arm = (remainingMs: number): void => {
      const wait = Math.min(remainingMs, longestDelayMs);
      timer = setTimeout(() => (remainingMs > wait ? arm(remainingMs - wait) : callback()), Math.max(0, wait));
      if (background && typeof timer === 'object') timer.unref?.();
    };
    arm(delayMs);
    return { clear: () => clearTimeout(timer) };
  },
};
