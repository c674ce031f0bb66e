import type { Clock } from '../ports/clock.js';
import { monotonic } from '../ports/monotonic.js';

/**
 * Hands items over in the order in which they were pushed, never inside `push`.
 *
 * 1. What was pushed in one turn is handed over by one microtask; what is pushed meanwhile waits for the next one.
 * 2. Two parties that answer each other would so keep the event loop from turning for ever. So a timer is set now and then
 *    that tells when the loop has turned, and if it has not for 10 ms (or, where the clock stands still, for 50 000 items),
 *    the rest waits for that timer.
 * 3. `handOver` must not throw.
 */
export class TurnQueue<Item> {
  readonly #handOver: (item: Item) => void;
  #arriving: (Item | undefined)[] = [];
  #leaving: (Item | undefined)[] = [];
  #position = 0;
  #scheduled = false;
  /** Items handed over since the event loop was last known to turn. */
  #sinceTurn = 0;
  #watchingSince: number | undefined;
  #waitsForTurn = false;

  constructor(handOver: (item: Item) => void) {
    this.#handOver = handOver;
  }

  /** @param clock sets the timer of rule 2 */
  push(item: Item, clock: Clock): void {
    this.#arriving.push(item);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(clock);
  }

  #schedule(clock: Clock): void {
    void settled.then(() => this.#flush(clock));
  }

  #flush(clock: Clock): void {
    if (this.#position === this.#leaving.length) {
      const emptied = this.#leaving;
      emptied.length = 0;
      this.#leaving = this.#arriving;
      this.#arriving = emptied;
      this.#position = 0;
    }
    const leaving = this.#leaving;
    while (this.#position < leaving.length) {
      const item = leaving[this.#position] as Item;
      // Let go of at once: the next item may be a long time coming.
      leaving[this.#position++] = undefined;
      this.#handOver(item);
      if (++this.#sinceTurn % itemsBetweenLooks === 0 && this.#mustWait(clock)) return;
    }
    if (this.#arriving.length > 0) this.#schedule(clock);
    else this.#scheduled = false;
  }

  #mustWait(clock: Clock): boolean {
    if (this.#watchingSince === undefined) {
      this.#watchingSince = monotonic(clock);
      clock.setTimer(0, () => this.#turned(clock));
      return false;
    }
    const overdue = this.#sinceTurn >= itemsWithoutTurn || monotonic(clock) - this.#watchingSince >= msWithoutTurn;
    this.#waitsForTurn = overdue;
    return overdue;
  }

  #turned(clock: Clock): void {
    this.#watchingSince = undefined;
    this.#sinceTurn = 0;
    if (!this.#waitsForTurn) return;
    this.#waitsForTurn = false;
    this.#flush(clock);
  }
}

const itemsBetweenLooks = 64;
const itemsWithoutTurn = 50_000;
const msWithoutTurn = 10;
const settled = Promise.resolve();
