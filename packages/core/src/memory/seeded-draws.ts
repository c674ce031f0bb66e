/** A source of numbers in [0, 1), each fixed by the seed and the count of the draws before it. */
export type Draws = () => number;

/**
 * Draws from a seed; any integer is one, and only its low 32 bits count.
 *
 * SplitMix in 32 bits: a Weyl sequence (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014)
 * through the finaliser of MurmurHash3 (Appleby). Period 2^32; for faults and tests, never for secrets.
 */
export function seededDraws(seed: number): Draws {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x85ebca6b);
    mixed ^= mixed >>> 13;
    mixed = Math.imul(mixed, 0xc2b2ae35);
    mixed ^= mixed >>> 16;
    return (mixed >>> 0) / 0x1_0000_0000;
  };
}
