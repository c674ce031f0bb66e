import type { Clock } from './clock.js';

/** By what durations are measured: milliseconds from any moment on, which don't go back where the clock can help it. */
export function monotonic(clock: Clock): number {
  return clock.monotonic === undefined ? clock.now() : clock.monotonic();
}
