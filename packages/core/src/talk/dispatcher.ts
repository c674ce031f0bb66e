/**
 * Holds what is sent until its sender has had the chance to ask for an answer.
 *
 * Invariants:
 * 1. An item is dispatched after two further turns of the microtask queue have begun since its addition. The turns are
 *    shared only with items added earlier whose first turn had not begun, so the `then` that an `await` (or a `return` from
 *    an async function) in the same turn brings about has always run by then.
 * 2. Dispatch is in the order of addition.
 * 3. What one item throws does not concern the others.
 * 4. Nothing is ready when a first turn begins: the second turn of earlier items was queued before it.
 */
import { describeThrown } from '../errors/describe-thrown.js';
import { HappenError } from '../errors/happen-error.js';

/** Something to be dispatched. */
export interface Dispatched {
  dispatch(): void;
  /** Its dispatch threw: a part of the space that the user handed in has failed. */
  failed(error: HappenError): void;
}

const settled: Promise<void> = Promise.resolve();

export class Dispatcher {
  readonly #flushed: () => void;
  // The first item of a turn stands apart: mostly it is the only one, and a list need not be made for it.
  #added: Dispatched | undefined;
  #addedMore: Dispatched[] | undefined;
  #ready: Dispatched | undefined;
  #readyMore: Dispatched[] | undefined;

  /** @param flushed called after each round of dispatching */
  constructor(flushed: () => void) {
    this.#flushed = flushed;
  }

  /** Whether something has not been dispatched yet. */
  get busy(): boolean {
    return this.#added !== undefined || this.#ready !== undefined;
  }

  add(item: Dispatched): void {
    if (this.#added === undefined) {
      this.#added = item;
      void settled.then(this.#firstTurn);
    } else if (this.#addedMore === undefined) {
      this.#addedMore = [item];
    } else {
      this.#addedMore.push(item);
    }
  }

  readonly #firstTurn = (): void => {
    this.#ready = this.#added;
    this.#readyMore = this.#addedMore;
    this.#added = undefined;
    this.#addedMore = undefined;
    void settled.then(this.#secondTurn);
  };

  readonly #secondTurn = (): void => {
    const first = this.#ready as Dispatched;
    const more = this.#readyMore;
    this.#ready = undefined;
    this.#readyMore = undefined;
    dispatchSafely(first);
    if (more !== undefined) for (let i = 0; i < more.length; i++) dispatchSafely(more[i] as Dispatched);
    this.#flushed();
  };
}

function dispatchSafely(item: Dispatched): void {
  try {
    item.dispatch();
  } catch (cause) {
    item.failed(
      new HappenError('HAPPEN_INTERNAL', `A part of the space failed: ${describeThrown(cause).message}`, { cause }),
    );
  }
}
