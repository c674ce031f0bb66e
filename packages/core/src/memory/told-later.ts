/**
 * Tells a callback one item after the other, in the order in which they were added and never inside `add`.
 * What the callback throws is dropped: neither the writer nor the other watchers are to blame.
 */
export class ToldLater<Item> {
  readonly #tell: (item: Item) => void;
  #waiting: Item[] = [];
  #closed = false;

  constructor(tell: (item: Item) => void) {
    this.#tell = tell;
  }

  add(item: Item): void {
    if (this.#closed) return;
    this.#waiting.push(item);
    if (this.#waiting.length === 1) void settled.then(() => this.#flush());
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
  }

  #flush(): void {
    // Those added meanwhile find an empty list and come in a microtask of their own.
    const items = this.#waiting;
    this.#waiting = [];
    for (const item of items) {
      if (this.#closed) return;
      try {
        this.#tell(item);
      } catch {
        continue;
      }
    }
  }
}

const settled = Promise.resolve();
