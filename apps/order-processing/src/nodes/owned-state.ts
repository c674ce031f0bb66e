/**
 * What a node owns: one value, read and replaced, never changed in place. It has the shape of `node.state`, which keeps such
 * a value across restarts; a node built on this seam moves there by replacing `ownedState(initial)` with `node.state`.
 */
export interface OwnedState<State> {
  get(): State;
  get<Selected>(select: (state: State) => Selected): Selected;
  /**
   * Replaces the value by what `transform` makes of it. The new value can be read at once. The transform must be pure, and
   * checks that must hold for the change belong inside it: one that throws changes nothing and rejects the promise.
   */
  set(transform: (state: State) => State): Promise<void>;
}

/** State that lives in a closure, as long as the process. */
export function ownedState<State>(initial: State): OwnedState<State> {
  let current = initial;
  function get(): State;
  function get<Selected>(select: (state: State) => Selected): Selected;
  function get<Selected>(select?: (state: State) => Selected): State | Selected {
    return select === undefined ? current : select(current);
  }
  return {
    get,
    // An async function runs up to its first await at once, and what it throws rejects.
    async set(transform) {
      current = transform(current);
    },
  };
}
