/**
 * Holds what is sent until its sender has had the chance to ask for an answer.
 *
 * Invariants:
 * 1. An item is dispatched after two further turns of the microtask queue have begun since its addition. The turns are
 *    shared only with items added earlier whose first turn had not begun, so the `then` that an `await` (or a `return` from
 *    an async function) in the same turn brings about has always run by then.
 * 2. Dispatch is in the order of addition.
 * 3. `#ready` is empty when a first turn begins: the second turn of earlier items was queued before it.
 */

/** Something to be dispatched. It must not throw. */
export interface Dispatched {
  dispatch(): void;
}

const settled: Promise<void> = Promise.resolve();

export class Dispatcher {
  readonly #flushed: () => void;
  #added: Dispatched[] = [];
  #ready: Dispatched[] = [];

  /** @param flushed called after each round of dispatching */
  constructor(flushed: () => void) {
    this.#flushed = flushed;
  }

  /** Whether something has not been dispatched yet. */
  get busy(): boolean {
    return this.#added.length > 0 || this.#ready.length > 0;
  }

  add(item: Dispatched): void {
    if (this.#added.push(item) === 1) void settled.then(this.#firstTurn);
  }

  readonly #firstTurn = (): void => {
    this.#ready = this.#added;
    this.#added = [];
    void settled.then(this.#secondTurn);
  };

  readonly #secondTurn = (): void => {
    const due = this.#ready;
    this.#ready = [];
    for (let i = 0; i < due.length; i++) (due[i] as Dispatched).dispatch();
    this.#flushed();
  };
}
