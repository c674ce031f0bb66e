import type { AsyncTracker } from '../host/host.js';
import type { Clock, Timer } from '../ports/clock.js';

/** A clock whose timers belong to no flow, whichever one happens to set them: one timer serves many. */
export function detachedClock<T>(clock: Clock, tracker: AsyncTracker<T>): Clock {
  return {
    now: () => clock.now(),
    ...(clock.monotonic === undefined ? undefined : { monotonic: () => clock.monotonic?.() as number }),
    setTimer(delayMs, callback, background) {
      let timer: Timer | undefined;
      tracker.run(
        undefined,
        () => {
          timer = clock.setTimer(delayMs, callback, background);
        },
        undefined,
      );
      return timer as Timer;
    },
  };
}
