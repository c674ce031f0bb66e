/**
 * Recognises signed frames that come again, also those that were recorded before this space began.
 *
 * Invariants:
 * 1. A frame is taken once: its number is remembered, or is lower than those remembered, and then it is not taken.
 * 2. Of whom nothing is remembered, nothing is taken that was made before `#floor`: the time since which everything taken is
 *    remembered. It is the beginning of the space, and moves on when a sender is forgotten for another.
 */

/** How much is remembered. */
export interface ReplayGuardSettings {
  /** How many numbers are told apart for each sender, a multiple of 32. */
  readonly size: number;
  /** How many senders are remembered; the one not heard from for longest is forgotten. */
  readonly senders: number;
  /** When the space began: milliseconds since 1970. */
  readonly since: number;
}

interface Memory {
  highest: number;
  latest: number;
  readonly seen: Uint32Array;
}

/** What is to be told of a frame. */
export type Novelty = 'new' | 'replayed' | 'stale';

export class ReplayGuard {
  readonly #size: number;
  readonly #senders: number;
  readonly #memories = new Map<string, Memory>();
  #floor: number;

  constructor({ size, senders, since }: ReplayGuardSettings) {
    this.#size = size;
    this.#senders = senders;
    this.#floor = Math.floor(since);
  }

  /** Whether a frame is new. Remembers nothing: anybody can write a number on a frame. */
  look(sender: string, number: number, madeAt: number): Novelty {
    const memory = this.#memories.get(sender);
    if (memory === undefined) return madeAt < this.#floor ? 'stale' : 'new';
    if (number > memory.highest) return 'new';
    return memory.highest - number >= this.#size || isSet(memory.seen, number) ? 'replayed' : 'new';
  }

  /** As `look`, for a frame whose signature is right: it is remembered. */
  take(sender: string, number: number, madeAt: number): Novelty {
    const novelty = this.look(sender, number, madeAt);
    if (novelty !== 'new') return novelty;
    const memory = this.#memoryOf(sender, number);
    if (number > memory.highest) {
      if (number - memory.highest >= this.#size) memory.seen.fill(0);
      else for (let between = memory.highest + 1; between < number; between++) clear(memory.seen, between);
      memory.highest = number;
    }
    if (madeAt > memory.latest) memory.latest = madeAt;
    set(memory.seen, number);
    return 'new';
  }

  #memoryOf(sender: string, number: number): Memory {
    let memory = this.#memories.get(sender);
    if (memory !== undefined) {
      // Heard from last, so forgotten last.
      this.#memories.delete(sender);
    } else {
      if (this.#memories.size >= this.#senders) this.#forgetOne();
      memory = { highest: Math.max(0, number - 1), latest: 0, seen: new Uint32Array(this.#size / 32) };
    }
    this.#memories.set(sender, memory);
    return memory;
  }

  #forgetOne(): void {
    const [sender, { latest }] = this.#memories.entries().next().value as [string, Memory];
    this.#memories.delete(sender);
    this.#floor = Math.max(this.#floor, latest + 1);
  }
}

function isSet(bits: Uint32Array, number: number): boolean {
  const place = number % (bits.length * 32);
  return (((bits[place >>> 5] as number) >>> (place & 31)) & 1) === 1;
}

function set(bits: Uint32Array, number: number): void {
  const place = number % (bits.length * 32);
  bits[place >>> 5] = (bits[place >>> 5] as number) | (1 << (place & 31));
}

function clear(bits: Uint32Array, number: number): void {
  const place = number % (bits.length * 32);
  bits[place >>> 5] = (bits[place >>> 5] as number) & ~(1 << (place & 31));
}
