/**
 * One timer for all that waits.
 *
 * Invariants:
 * 1. An entry is in at most one bucket; buckets are 16 ms wide and an entry never fires before its time.
 * 2. While any entry waits, one timer of the clock is set, for the earliest bucket or before it. When none waits, no timer
 *    keeps the process alive: setting and clearing one for each request would cost more than the request.
 */
import type { Clock, Timer } from '../ports/clock.js';
import { monotonic } from '../ports/monotonic.js';

/** Something that waits. The links belong to the deadlines. */
export interface Expiring {
  expire(): void;
}

const bucketMs = 16;

/** Deadlines by the clock of a space: durations, which setting the clock does not change. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #failed: (error: unknown) => void;
  readonly #buckets = new Map<number, Set<Expiring>>();
  #waiting = 0;
  #timer: Timer | undefined;
  #timerBucket = Number.POSITIVE_INFINITY;

  /** @param failed told of what an entry throws; the others expire all the same */
  constructor(clock: Clock, failed: (error: unknown) => void = () => {}) {
    this.#clock = clock;
    this.#failed = failed;
  }

  /** Calls `expire()` once `atMs` has come, by the clock's monotonic reading. Gives back the bucket, which `remove` needs. */
  add(entry: Expiring, atMs: number): number {
    const bucket = Math.ceil(atMs / bucketMs);
    const entries = this.#buckets.get(bucket);
    if (entries === undefined) this.#buckets.set(bucket, new Set([entry]));
    else entries.add(entry);
    if (bucket < this.#timerBucket) this.#arm(bucket);
    else if (this.#waiting === 0) this.#timer?.keepAlive?.(true);
    this.#waiting++;
    return bucket;
  }

  /** Forgets an entry. */
  remove(entry: Expiring, bucket: number): void {
    const entries = this.#buckets.get(bucket);
    if (entries?.delete(entry) !== true) return;
    if (entries.size === 0) this.#buckets.delete(bucket);
    if (--this.#waiting > 0) return;
    if (this.#timer?.keepAlive === undefined) this.close();
    else this.#timer.keepAlive(false);
  }

  /** Leaves no timer behind. */
  close(): void {
    this.#timer?.clear();
    this.#timer = undefined;
    this.#timerBucket = Number.POSITIVE_INFINITY;
  }

  #arm(bucket: number): void {
    this.#timer?.clear();
    this.#timerBucket = bucket;
    this.#timer = this.#clock.setTimer(bucket * bucketMs - monotonic(this.#clock), () => this.#fire());
  }

  #fire(): void {
    this.#timer = undefined;
    this.#timerBucket = Number.POSITIVE_INFINITY;
    const now = monotonic(this.#clock);
    let earliest = Number.POSITIVE_INFINITY;
    const due: Expiring[] = [];
    for (const [bucket, entries] of this.#buckets) {
      if (bucket * bucketMs <= now) {
        this.#buckets.delete(bucket);
        for (const entry of entries) due.push(entry);
      } else if (bucket < earliest) {
        earliest = bucket;
      }
    }
    if (earliest < Number.POSITIVE_INFINITY) this.#arm(earliest);
    this.#waiting -= due.length;
    for (const entry of due) {
      try {
        entry.expire();
      } catch (error) {
        this.#failed(error);
      }
    }
  }
}
