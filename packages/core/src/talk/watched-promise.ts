/**
 * A promise that tells when it has failed and nobody has looked at it by the next turn of the event loop. It never causes an
 * `unhandledRejection` itself; what is derived from it by `then` behaves as any promise.
 */
export class WatchedPromise<T> extends Promise<T> {
  // What `then` derives is an ordinary promise.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  #watched = false;

  /**
   * @param later runs its argument in the next turn of the event loop
   * @param unseen told of a failure that nobody has looked at
   */
  static of<T>(
    source: PromiseLike<T>,
    later: (run: () => void) => void,
    unseen: (error: unknown) => void,
  ): WatchedPromise<T> {
    const promise = new WatchedPromise<T>((resolve) => resolve(source));
    super.prototype.then.call(promise, undefined, (error: unknown) => {
      if (promise.#watched) return;
      later(() => {
        if (!promise.#watched) unseen(error);
      });
    });
    return promise;
  }

  // overriding is how the first look is noticed
  override then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#watched = true;
    return super.then(fulfilled, rejected);
  }
}
