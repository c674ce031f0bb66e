import type { Clock } from '../ports/clock.js';

interface RuntimeTimer {
  ref?(): void;
  unref?(): void;
}

declare const setTimeout: (callback: () => void, delayMs: number) => RuntimeTimer | number;
declare const performance: { now(): number };
declare const clearTimeout: (timer: RuntimeTimer | number) => void;

/** Longer delays overflow the runtimes' 32-bit timers, which then fire at once: they are split. */
const longestDelayMs = 2 ** 31 - 1;

/** The runtime's own clock and timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(delayMs, callback, background = false) {
    let timer: RuntimeTimer | number;
    let alive = !background;
    const apply = (): void => {
      if (typeof timer !== 'object') return;
      if (alive) timer.ref?.();
      else timer.unref?.();
    };
    const arm = (remainingMs: number): void => {
      const wait = Math.min(remainingMs, longestDelayMs);
      timer = setTimeout(() => (remainingMs > wait ? arm(remainingMs - wait) : callback()), Math.max(0, wait));
      if (!alive) apply();
    };
    arm(delayMs);
    return {
      clear: () => clearTimeout(timer),
      keepAlive(on) {
        alive = on;
        apply();
      },
    };
  },
};
