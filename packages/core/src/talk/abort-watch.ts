/**
 * One listener for each signal, however many sends it is given to: runtimes warn of many listeners as of a leak.
 *
 * Invariant: a signal has a listener exactly while somebody watches it.
 */

interface Watched {
  readonly watchers: Set<() => void>;
  readonly listener: () => void;
}

export class AbortWatch {
  readonly #bySignal = new WeakMap<AbortSignal, Watched>();

  /** Calls back once when the signal aborts. Gives back what ends it. */
  add(signal: AbortSignal, aborted: () => void): () => void {
    const watched = this.#bySignal.get(signal) ?? this.#watch(signal);
    const { watchers, listener } = watched;
    watchers.add(aborted);
    return () => {
      if (!watchers.delete(aborted) || watchers.size > 0) return;
      if (this.#bySignal.get(signal) === watched) this.#bySignal.delete(signal);
      signal.removeEventListener('abort', listener);
    };
  }

  #watch(signal: AbortSignal): Watched {
    const watchers = new Set<() => void>();
    const listener = (): void => {
      this.#bySignal.delete(signal);
      for (const aborted of watchers) aborted();
    };
    const watched = { watchers, listener };
    this.#bySignal.set(signal, watched);
    signal.addEventListener('abort', listener, { once: true });
    return watched;
  }
}
