/** A timer as the heap keeps it. */
export interface HeapTimer {
  readonly due: number;
  /** Grows with each timer set: what orders two that are due at the same moment. */
  readonly order: number;
  readonly callback: () => void;
  readonly background: boolean;
  live: boolean;
}

/** Timers by the moment at which they are due, then by the order in which they were set. */
export class TimerHeap {
  readonly #heap: HeapTimer[] = [];
  #cleared = 0;

  get size(): number {
    return this.#heap.length - this.#cleared;
  }

  add(timer: HeapTimer): void {
    this.#heap.push(timer);
    this.#up(this.#heap.length - 1);
  }

  /** Timers are cleared far more often than they run, so they stay where they are until they come up or outnumber the rest. */
  clear(timer: HeapTimer): void {
    if (!timer.live) return;
    timer.live = false;
    this.#cleared++;
    if (this.#cleared < 64 || this.#cleared * 2 < this.#heap.length) return;
    const kept = this.sorted();
    this.#heap.length = 0;
    for (const timer of kept) this.#heap.push(timer);
    this.#cleared = 0;
  }

  /** The next timer, which stays. */
  peek(): HeapTimer | undefined {
    while (this.#heap[0]?.live === false) {
      this.#removeFirst();
      this.#cleared--;
    }
    return this.#heap[0];
  }

  /** Takes out the next timer. */
  take(): HeapTimer | undefined {
    const first = this.peek();
    if (first === undefined) return undefined;
    this.#removeFirst();
    first.live = false;
    return first;
  }

  sorted(): HeapTimer[] {
    return this.#heap.filter(({ live }) => live).sort((a, b) => (before(a, b) ? -1 : 1));
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#down();
  }

  #up(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, parent)) return;
      at = parent;
    }
  }

  #down(): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= this.#heap.length) return;
      const right = left + 1;
      const least =
        right < this.#heap.length && before(this.#heap[right] as HeapTimer, this.#heap[left] as HeapTimer)
          ? right
          : left;
      if (!this.#swapIfBefore(least, at)) return;
      at = least;
    }
  }

  #swapIfBefore(lower: number, upper: number): boolean {
    const child = this.#heap[lower] as HeapTimer;
    const parent = this.#heap[upper] as HeapTimer;
    if (!before(child, parent)) return false;
    this.#heap[upper] = child;
    this.#heap[lower] = parent;
    return true;
  }
}

function before(a: HeapTimer, b: HeapTimer): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
