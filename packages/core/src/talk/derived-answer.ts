/**
 * What `then` of a send handle gives. `await` throws that away unseen, so it becomes a promise only when somebody looks at
 * it: one object in place of a promise, its executor and its two functions, in each request.
 *
 * Invariants:
 * 1. Its callbacks run once, when the handle is settled.
 * 2. A failure that none of its callbacks took, and that nobody has looked at by then, is told to its owner. What follows
 *    from it by `then` is one of these again, so that no link of a chain ends in an unhandled rejection.
 */

/** Hears of failures that nobody has looked at so far. */
export interface AnswerOwner {
  unseen(answer: { readonly seen: boolean }, error: unknown): void;
}

interface Settlement<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

const settled: Promise<void> = Promise.resolve();

export class DerivedAnswer<T = unknown> implements Promise<T> {
  readonly #fulfilled: ((value: unknown) => unknown) | null | undefined;
  readonly #rejected: ((error: unknown) => unknown) | null | undefined;
  readonly #owner: AnswerOwner;
  #phase: 'pending' | 'resolved' | 'rejected' = 'pending';
  #value: unknown;
  #seen = false;
  #promise: Promise<T> | undefined;
  /** How the promise is settled, if it was made before there was an outcome. */
  #settlement: Settlement<T> | undefined;

  constructor(
    fulfilled: ((value: never) => unknown) | null | undefined,
    rejected: ((error: unknown) => unknown) | null | undefined,
    owner: AnswerOwner,
  ) {
    this.#fulfilled = fulfilled as (value: unknown) => unknown;
    this.#rejected = rejected;
    this.#owner = owner;
  }

  /** Whether it waits for the end of a stream, and not for the stream. */
  get isOfEnd(): boolean {
    return false;
  }

  get [Symbol.toStringTag](): string {
    return 'Promise';
  }

  /** Whether somebody has looked at it. */
  get seen(): boolean {
    return this.#seen;
  }

  /** Settles in a later turn: for what is known already when it is asked for. */
  settleLater(phase: 'resolved' | 'rejected', value: unknown): this {
    void settled.then(() => this.settle(phase, value));
    return this;
  }

  /** Settles as a promise does. */
  settleWith(promise: Promise<unknown>): this {
    promise.then(
      (value) => this.settle('resolved', value),
      (error: unknown) => this.settle('rejected', error),
    );
    return this;
  }

  /** The handle was settled. */
  settle(phase: 'resolved' | 'rejected', value: unknown): void {
    const callback = phase === 'resolved' ? this.#fulfilled : this.#rejected;
    if (typeof callback !== 'function') {
      this.#finish(phase, value);
      return;
    }
    try {
      this.#takeUp(callback(value));
    } catch (error) {
      this.#finish('rejected', error);
    }
  }

  // being a promise is the point
  then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const next = this.link(fulfilled, rejected);
    this.#asPromise().then(
      (value) => next.settle('resolved', value),
      (error: unknown) => next.settle('rejected', error),
    );
    return next;
  }

  /** Somebody looks at it, and here is the next link of the chain. */
  protected link<A, B>(
    fulfilled: ((value: T) => A | PromiseLike<A>) | null | undefined,
    rejected: ((reason: unknown) => B | PromiseLike<B>) | null | undefined,
  ): DerivedAnswer<A | B> {
    this.#seen = true;
    return new DerivedAnswer<A | B>(fulfilled, rejected, this.#owner);
  }

  protected get isPending(): boolean {
    return this.#phase === 'pending';
  }

  catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(undefined, rejected);
  }

  finally(callback?: (() => void) | null): Promise<T> {
    return this.then(
      async (value) => {
        await callback?.();
        return value;
      },
      async (error: unknown) => {
        await callback?.();
        throw error;
      },
    );
  }

  /** What a callback came to may be a promise, or a send that has to be asked while it can be: it is taken up at once. */
  #takeUp(value: unknown): void {
    this.#finish('resolved', value);
    if (typeof value !== 'object' || value === null || this.#settlement !== undefined) return;
    this.#asPromise().catch((error: unknown) => {
      if (!this.#seen) this.#owner.unseen(this, error);
    });
  }

  #finish(phase: 'resolved' | 'rejected', value: unknown): void {
    this.#phase = phase;
    this.#value = value;
    if (this.#promise !== undefined) {
      if (phase === 'resolved') this.#settlement?.resolve(value as T);
      else this.#settlement?.reject(value);
    } else if (phase === 'rejected' && !this.#seen) {
      this.#owner.unseen(this, value);
    }
  }

  #asPromise(): Promise<T> {
    if (this.#promise !== undefined) return this.#promise;
    if (this.#phase === 'pending') {
      this.#promise = new Promise<T>((resolve, reject) => {
        this.#settlement = { resolve, reject };
      });
    } else {
      this.#promise = this.#phase === 'resolved' ? Promise.resolve(this.#value as T) : Promise.reject(this.#value);
    }
    return this.#promise;
  }
}

/** What `return()` gives. */
export class AnswerOfEnd<T = unknown> extends DerivedAnswer<T> {
  override get isOfEnd(): boolean {
    return true;
  }
}
