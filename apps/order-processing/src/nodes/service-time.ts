import type { Pause } from './pause.js';

/** Lets a service take its time for a request. */
export type TakeTime = (signal: AbortSignal) => Promise<void>;

/**
 * A service that needs as long for each request, in milliseconds; with 0 it needs none. Once the request is cancelled it
 * hurries instead of failing: work that was begun gets done, and whoever asked for it can have it undone.
 */
export function serviceTime(milliseconds: number, pause: Pause): TakeTime {
  return async (signal) => {
    if (milliseconds === 0 || signal.aborted) return;
    await pause(milliseconds, signal);
  };
}
