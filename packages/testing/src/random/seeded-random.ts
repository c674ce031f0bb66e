import { HappenError } from '@happen/core';

/** A source of random numbers that a seed repeats exactly. For tests and simulations, never for secrets. */
export interface SeededRandom {
  /** A number in [0, 1), with 53 random bits. */
  next(): number;
  /** 32 random bits as a whole number, 0 to 4 294 967 295. */
  bits(): number;
  /**
   * A whole number from `min` to `max`, both included, each as likely as any other.
   *
   * @throws HappenError `HAPPEN_INVALID_OPTION` unless both are safe integers, `min` is not above `max` and at most 2^53 - 1
   *   numbers lie between them
   */
  integer(min: number, max: number): number;
  /** Whether something of probability `p` (0 to 1) happens. */
  chance(p: number): boolean;
  /**
   * One of the items, each as likely.
   *
   * @throws HappenError `HAPPEN_INVALID_OPTION` when there is none
   */
  pick<Item>(items: readonly Item[]): Item;
  /** The items in a random order, in a new array. */
  shuffle<Item>(items: readonly Item[]): Item[];
  /** That many random bytes. */
  bytes(length: number): Uint8Array;
  /**
   * A source of its own, fixed by this seed and by how much was drawn before: so that one part of a simulation may draw
   * more or less without a change to what another part draws.
   */
  fork(): SeededRandom;
}

/**
 * Numbers that look like chance and are the same at each run. The generator is xoshiro128** 1.1 (Blackman and Vigna,
 * "Scrambled linear pseudorandom number generators", 2021), its state filled by a 32-bit SplitMix (Steele, Lea and Flood,
 * 2014, with the finaliser of MurmurHash3).
 *
 * @param seed any safe integer; no two give the same numbers
 */
export function seededRandom(seed: number): SeededRandom {
  if (!Number.isSafeInteger(seed)) throw invalid('seed', 'a safe integer', seed);
  return source(seed % two32, Math.floor(seed / two32));
}

const two32 = 0x1_0000_0000;

function source(low: number, high: number): SeededRandom {
  let [a, b] = filled(low);
  let [c, d] = filled(high);
  // The one state the generator never leaves.
  if ((a | b | c | d) === 0) d = 1;

  const bits = (): number => {
    const result = Math.imul(rotated(Math.imul(b, 5), 7), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotated(d, 11);
    return result >>> 0;
  };
  const below2To53 = (): number => (bits() >>> 5) * 0x400_0000 + (bits() >>> 6);

  const random: SeededRandom = {
    next: () => below2To53() / 2 ** 53,
    bits,
    integer(min, max) {
      const count = max - min + 1;
      if (!(Number.isSafeInteger(min) && Number.isSafeInteger(max) && min <= max && Number.isSafeInteger(count))) {
        throw invalid('min, max', 'safe integers in order, no more than 2^53 - 1 numbers apart', `${min}, ${max}`);
      }
      const drawn = count <= two32 ? bits : below2To53;
      const draws = count <= two32 ? two32 : 2 ** 53;
      // What is left over beyond a multiple of the count would make the first numbers likelier.
      const fair = draws - (draws % count);
      for (;;) {
        const number = drawn();
        if (number < fair) return min + (number % count);
      }
    },
    chance: (p) => random.next() < p,
    pick(items) {
      if (items.length === 0) throw invalid('items', 'at least one item', 'none');
      return items[random.integer(0, items.length - 1)] as (typeof items)[number];
    },
    shuffle(items) {
      const shuffled = [...items];
      for (let at = shuffled.length - 1; at > 0; at--) {
        const other = random.integer(0, at);
        [shuffled[at], shuffled[other]] = [
          shuffled[other] as (typeof items)[number],
          shuffled[at] as (typeof items)[number],
        ];
      }
      return shuffled;
    },
    bytes(length) {
      const drawn = new Uint8Array(length);
      for (let at = 0; at < length; at++) drawn[at] = bits() >>> 24;
      return drawn;
    },
    fork: () => source(bits(), bits()),
  };
  return random;
}

/** Two words of state from one of the seed, so that no two seeds share a state. */
function filled(word: number): [number, number] {
  let weyl = word | 0;
  const next = (): number => {
    weyl = (weyl + 0x9e37_79b9) | 0;
    let mixed = weyl ^ (weyl >>> 16);
    mixed = Math.imul(mixed, 0x85eb_ca6b);
    mixed ^= mixed >>> 13;
    mixed = Math.imul(mixed, 0xc2b2_ae35);
    return mixed ^ (mixed >>> 16);
  };
  return [next(), next()];
}

function rotated(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

function invalid(path: string, expected: string, found: unknown): HappenError {
  return new HappenError(
    'HAPPEN_INVALID_OPTION',
    `seededRandom: \`${path}\` must be ${expected}, but is ${String(found)}.`,
    {
      details: { path, expected },
    },
  );
}
