import type { Space } from '@happen/core';

/** A counter that may be told of a visit twice. */
export function wireCounter(happen: Space) {
  const seen = new Set<number>();
  happen.createNode('counter').on('visited', ({ payload }) => {
    seen.add(payload.visit);
    return seen.size;
  });
  return {
    get visits() {
      return seen.size;
    },
  };
}
