import type { AsyncTracker } from '../host/host.js';

/** Knows the value during the synchronous part of a call only; what runs later has to be entered again. */
export function explicitTracker<T>(): AsyncTracker<T> {
  let active: T | undefined;
  return {
    current: () => active,
    run(value, callback, argument) {
      const before = active;
      active = value;
      try {
        callback(argument);
      } finally {
        active = before;
      }
    },
    end: () => {},
  };
}
