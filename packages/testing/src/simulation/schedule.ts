/**
 * Virtual time for several machines at once.
 *
 * 1. Timers run by the moment at which they are due. Those of one owner that are due at one moment run in the order in which
 *    they were set, as `Clock` promises; between owners there is no such promise, so chance decides.
 * 2. What a silenced owner has set, or sets, never runs.
 * 3. A timer is in the heap, or has come up and is in `#ready`, or is not live.
 */
import type { Clock, Timer } from '@happen/core';
import type { SeededRandom } from '../random/seeded-random.js';
import { type HeapTimer, TimerHeap } from '../clock/timer-heap.js';

/** Whose timers they are. */
export interface Owner {
  readonly name: string;
  silenced: boolean;
}

interface OwnedTimer extends HeapTimer {
  readonly owner: Owner;
  cameUp: boolean;
}

/** A timer that waits, for a report. */
export interface WaitingTimer {
  readonly owner: string;
  readonly inMs: number;
}

const startMs = Date.UTC(2026, 0, 1);

export class Schedule {
  readonly #timers = new TimerHeap();
  readonly #random: SeededRandom | undefined;
  /** Due at the present moment, in the order in which they were set. */
  #ready: OwnedTimer[] = [];
  #elapsed = 0;
  #set = 0;

  /** @param random decides between owners; without it, the order of setting does */
  constructor(random: SeededRandom | undefined) {
    this.#random = random;
  }

  /** Milliseconds since the start, with fractions. */
  get elapsedMs(): number {
    return this.#elapsed;
  }

  /** @param skewMs by how much its clock is ahead */
  clockOf(owner: Owner, skewMs = 0): Clock {
    return {
      // As on a machine, whole milliseconds: what is set for the difference of two of them is never early.
      now: () => Math.floor(startMs + skewMs + this.#elapsed),
      setTimer: (delayMs, callback, background = false) => this.#setTimer(owner, delayMs, callback, background),
    };
  }

  /** A clock whose timers have each an owner of its own, and are counted. */
  clockOfEach(name: string): { readonly clock: Clock; readonly waiting: () => number } {
    let waiting = 0;
    const clock: Clock = {
      now: () => Math.floor(startMs + this.#elapsed),
      setTimer: (delayMs, callback, background = false) => {
        waiting++;
        const ended = (): void => {
          waiting--;
        };
        return this.#setTimer({ name, silenced: false }, delayMs, callback, background, ended);
      },
    };
    return { clock, waiting: () => waiting };
  }

  /** Runs one timer. `false`, with the time unmoved, when none is due by then. */
  runNext(untilMs: number): boolean {
    this.#collect(untilMs);
    const timer = this.#choose();
    if (timer === undefined) return false;
    timer.live = false;
    timer.callback();
    return true;
  }

  /** The timers that wait, the next one first. */
  waiting(): WaitingTimer[] {
    const waiting = [...this.#ready, ...(this.#timers.sorted() as OwnedTimer[])].filter(runs);
    return waiting.map(({ owner, due }) => ({ owner: owner.name, inMs: Math.max(0, due - this.#elapsed) }));
  }

  #setTimer(owner: Owner, delayMs: number, run: () => void, background: boolean, ended = (): void => {}): Timer {
    if (!Number.isFinite(delayMs)) throw new RangeError(`A timer needs a finite delay, not ${delayMs}.`);
    const due = this.#elapsed + Math.max(0, delayMs);
    const callback = (): void => {
      ended();
      run();
    };
    const timer: OwnedTimer = { due, order: ++this.#set, callback, background, live: true, owner, cameUp: false };
    this.#timers.add(timer);
    return {
      clear: () => {
        if (!timer.live) return;
        ended();
        if (timer.cameUp) timer.live = false;
        else this.#timers.clear(timer);
      },
    };
  }

  /** Has what is due come up: now, or, when nothing is, at the next moment at which something is. */
  #collect(untilMs: number): void {
    this.#ready = this.#ready.filter(runs);
    for (;;) {
      const next = this.#timers.peek() as OwnedTimer | undefined;
      if (next === undefined) return;
      if (next.due > this.#elapsed) {
        if (this.#ready.length > 0 || next.due > untilMs) return;
        if (!next.owner.silenced) this.#elapsed = next.due;
      }
      this.#timers.take();
      if (next.owner.silenced) continue;
      next.live = true;
      next.cameUp = true;
      this.#ready.push(next);
    }
  }

  #choose(): OwnedTimer | undefined {
    const ready = this.#ready;
    if (this.#random === undefined || ready.length < 2) return ready.shift();
    const owners = [...new Set(ready.map(({ owner }) => owner))];
    const chosen = owners.length === 1 ? owners[0] : this.#random.pick(owners);
    return ready.splice(
      ready.findIndex(({ owner }) => owner === chosen),
      1,
    )[0];
  }
}

function runs({ live, owner }: OwnedTimer): boolean {
  return live && !owner.silenced;
}
