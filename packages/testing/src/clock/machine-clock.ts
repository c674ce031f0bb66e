import type { Clock } from '@happen/core';

const { setTimeout, clearTimeout } = globalThis;

/** The machine's own time: what the suites run real drivers on. */
export const machineClock: Clock = Object.freeze({
  now: () => Date.now(),
  setTimer(delayMs: number, callback: () => void, background = false) {
    const timer: unknown = setTimeout(callback, delayMs);
    // In Node only; a browser's timers are numbers and keep nothing alive.
    if (background && typeof timer === 'object') (timer as { unref?(): void }).unref?.();
    return { clear: () => clearTimeout(timer as number) };
  },
});
