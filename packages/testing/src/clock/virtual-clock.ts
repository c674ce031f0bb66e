import { type Clock, HappenError } from '@happen/core';
import { nextTurn } from './next-turn.js';
import { type HeapTimer, TimerHeap } from './timer-heap.js';

/** A timer that waits. */
export interface PendingTimer {
  /** Milliseconds until it is due; never below 0. */
  readonly inMs: number;
  readonly background: boolean;
}

/**
 * A clock that stands still until told to move, so that a test of a thirty-second timeout takes no time.
 *
 * Timers run in the order of their moments, and those of one moment in the order in which they were set; a timer set by a
 * timer is one like any other. `now()` is the timer's moment while it runs.
 *
 * The methods come in two forms. Those that return a promise let every queued microtask run first, between any two timers
 * and at the end: what `await`s is then as far as it can get. Those that end in `Sync` run timers and nothing else.
 * Asynchronous calls made at the same time run one after the other.
 *
 * A timer that throws ends the call with its error; the timers after it stay pending.
 */
export interface VirtualClock extends Clock {
  /**
   * Moves on by `ms` milliseconds (0 or more) and runs what falls due on the way.
   *
   * @throws HappenError `HAPPEN_INVALID_OPTION` for less than 0 or no number
   * @throws Error when 100 000 timers have run and the time has not moved, since then some timer sets itself again without
   *   a delay
   */
  advance(ms: number): Promise<void>;
  /**
   * Moves to the moment of the next timer and runs all that wait for it (not those they set for the same moment).
   * Resolves to `false`, with the time unmoved, when none is pending.
   */
  runToNext(): Promise<boolean>;
  /**
   * Runs timers, the background ones too, until none is pending, and moves the time accordingly.
   *
   * @param limit how many may run; what repeats for ever would not end otherwise. @default 10_000
   * @throws Error when `limit` have run and more are pending
   */
  runAll(limit?: number): Promise<void>;
  /** As `advance`, without letting microtasks run. */
  advanceSync(ms: number): void;
  /** As `runToNext`, without letting microtasks run. */
  runToNextSync(): boolean;
  /** As `runAll`, without letting microtasks run. */
  runAllSync(limit?: number): void;
  /**
   * Sets the clock by `ms` milliseconds forwards or backwards, as an administrator or a time server does: `now()` jumps,
   * and timers are due after as long as before.
   */
  jump(ms: number): void;
  /** The timers that wait, in the order in which they will run. */
  pending(): readonly PendingTimer[];
}

/**
 * A clock that moves only when it is told to, for a space of its own or for a transport: `initializeHappen({ clock })`.
 *
 * @param options.start what `now()` says at first, in milliseconds since 1970; 1 767 225 600 000 (2026-01-01T00:00:00Z) unless given
 *
 * @example
 * const clock = virtualClock();
 * const late = new Promise((resolve) => clock.setTimer(30_000, () => resolve('late')));
 * await clock.advance(30_000);
 * await late; // at once
 */
export function virtualClock(options: { readonly start?: number } = {}): VirtualClock {
  const { start = 1_767_225_600_000 } = options;
  if (!Number.isFinite(start)) throw invalid('start', 'a finite number of milliseconds', start);
  return createClock(start);
}

const timersAtOneMoment = 100_000;

function createClock(start: number): VirtualClock {
  const timers = new TimerHeap();
  let elapsed = 0;
  let offset = start;
  let set = 0;
  let queue: Promise<unknown> = Promise.resolve();

  const run = (timer: HeapTimer): void => {
    elapsed = Math.max(elapsed, timer.due);
    timer.callback();
  };

  // Each of the movements below is written once, as a generator that stops wherever an asynchronous caller drains.
  function* moving(ms: number): Generator<void, void> {
    if (!(Number.isFinite(ms) && ms >= 0)) throw invalid('ms', 'a number of milliseconds, 0 or more', ms);
    const until = elapsed + ms;
    let moment = elapsed;
    let ranAtMoment = 0;
    yield;
    for (let next = timers.peek(); next !== undefined && next.due <= until; next = timers.peek()) {
      if (next.due > moment) {
        moment = next.due;
        ranAtMoment = 0;
      }
      if (++ranAtMoment > timersAtOneMoment)
        throw endless(`${timersAtOneMoment} timers have run and the time has not moved`);
      run(timers.take() as HeapTimer);
      yield;
    }
    elapsed = Math.max(elapsed, until);
    yield;
  }

  function* movingToNext(): Generator<void, boolean> {
    yield;
    const first = timers.peek();
    if (first === undefined) return false;
    const lastSet = set;
    for (let next: HeapTimer | undefined = first; next !== undefined && next.due === first.due; next = timers.peek()) {
      if (next.order > lastSet) break;
      run(timers.take() as HeapTimer);
      yield;
    }
    return true;
  }

  function* movingToEnd(limit: number): Generator<void, void> {
    if (!(Number.isSafeInteger(limit) && limit > 0)) throw invalid('limit', 'a whole number above 0', limit);
    yield;
    for (let ran = 0; timers.peek() !== undefined; ran++) {
      if (ran === limit) throw endless(`${limit} timers have run and ${timers.size} are pending`);
      run(timers.take() as HeapTimer);
      yield;
    }
  }

  function atOnce<Result>(steps: Generator<void, Result>): Result {
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
    }
  }

  function draining<Result>(steps: () => Generator<void, Result>): Promise<Result> {
    const result = queue.then(async () => {
      const movement = steps();
      for (;;) {
        const step = movement.next();
        if (step.done) return step.value;
        await nextTurn();
      }
    });
    queue = result.catch(() => {});
    return result;
  }

  return {
    now: () => offset + elapsed,
    monotonic: () => elapsed,
    setTimer(delayMs, callback, background = false) {
      if (!Number.isFinite(delayMs)) throw invalid('delayMs', 'a finite number of milliseconds', delayMs);
      const timer: HeapTimer = { due: elapsed + Math.max(0, delayMs), order: ++set, callback, background, live: true };
      timers.add(timer);
      return { clear: () => timers.clear(timer) };
    },
    advance: (ms) => draining(() => moving(ms)),
    runToNext: () => draining(movingToNext),
    runAll: (limit = 10_000) => draining(() => movingToEnd(limit)),
    advanceSync: (ms) => atOnce(moving(ms)),
    runToNextSync: () => atOnce(movingToNext()),
    runAllSync: (limit = 10_000) => atOnce(movingToEnd(limit)),
    jump(ms) {
      if (!Number.isFinite(ms)) throw invalid('ms', 'a finite number of milliseconds', ms);
      offset += ms;
    },
    pending: () => timers.sorted().map(({ due, background }) => ({ inMs: Math.max(0, due - elapsed), background })),
  };
}

function invalid(path: string, expected: string, found: unknown): HappenError {
  return new HappenError(
    'HAPPEN_INVALID_OPTION',
    `virtualClock: \`${path}\` must be ${expected}, but is ${String(found)}.`,
    {
      details: { path, expected },
    },
  );
}

function endless(what: string): HappenError {
  return new HappenError('HAPPEN_DEPTH_EXCEEDED', `virtualClock: ${what}; does a timer set itself again for ever?`);
}
