import type { Clock } from '../../src/index.js';

/** A clock that stands still until it is told to move. Timers run in the order of their times, then of their setting. */
export interface HandClock extends Clock {
  advance(ms: number): void;
  /** Sets the clock, forwards or back, as an administrator does; timers are not touched. */
  jump(ms: number): void;
  /** Timers that have not run. */
  readonly waiting: number;
}

export function handClock(start = Date.UTC(2026, 0, 1)): HandClock {
  let elapsed = 0;
  let offset = start;
  let set = 0;
  const timers = new Map<number, { readonly due: number; readonly callback: () => void }>();
  return {
    now: () => offset + elapsed,
    setTimer(delayMs, callback) {
      const id = ++set;
      timers.set(id, { due: elapsed + Math.max(0, delayMs), callback });
      return { clear: () => void timers.delete(id) };
    },
    advance(ms) {
      const until = elapsed + ms;
      for (;;) {
        const [next] = [...timers]
          .filter(([, { due }]) => due <= until)
          .sort(([a, x], [b, y]) => x.due - y.due || a - b);
        if (next === undefined) break;
        timers.delete(next[0]);
        elapsed = Math.max(elapsed, next[1].due);
        next[1].callback();
      }
      elapsed = until;
    },
    jump(ms) {
      offset += ms;
    },
    get waiting() {
      return timers.size;
    },
  };
}
