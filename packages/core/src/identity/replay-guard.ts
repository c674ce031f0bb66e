/**
 * Recognises signed frames that come again, also those that were recorded before this space began.
 *
 * A sender is a node id, which has proved its key; it chooses the instances it says it sends from, their numbers and its times.
 *
 * Invariants:
 * 1. A frame is taken once: its number stands in the memory of its instance, or is lower than those that do, and then it is not
 *    taken. What of an instance stands in no memory was made before the floor of that memory, and is not taken either.
 *    What was made before this space began is taken only under a higher number than any that was taken since: an instance
 *    counts as it makes, so that it was made later than those, by a clock that has been set back.
 * 2. A floor is a sender's own. It rises when one of his instances is forgotten, to just after the latest that was taken of it,
 *    by the time that he wrote on it: what he dates ahead refuses frames of his own, and of nobody else.
 * 3. A sender has at most `each` memories, and makes room for one more among his own. When there are `total`, room is made by
 *    whoever ranks lowest, is known for the shortest time, and has more than `spared`; nobody who ranks higher than who needs it,
 *    unless that one has fewer than `spared`. If there is none, by the sender himself.
 * 4. A whole sender is forgotten only when all that he sent is too old to be taken, whatever number it has. The floor of those
 *    of whom nothing is remembered rises to just after that, so it holds also when this clock is set back.
 */
import type { Clock } from '../ports/clock.js';

/** How much is remembered. */
export interface ReplayGuardSettings {
  readonly clock: Clock;
  /** How many numbers are told apart for each instance, a multiple of 32. */
  readonly size: number;
  /** How many memories a sender has at most: one for each instance, and for each listener that hears it broadcast. */
  readonly each: number;
  /** How many there are in all. */
  readonly total: number;
  /** How many nobody loses for the sake of others. */
  readonly spared: number;
  /** How many milliseconds old a frame is at most when it is looked at. */
  readonly freshnessMs: number;
}

/** What a frame says of itself. */
export interface FrameNumber {
  /** The node whose key has signed it. */
  readonly sender: string;
  readonly instance: string;
  /** The node that hears it, for a broadcast; each hears every frame once. Otherwise empty. */
  readonly listener: string;
  readonly number: number;
  /** By the sender's clock, in milliseconds since 1970. */
  readonly madeAt: number;
  /** Whether it can have been made for nobody who was here before this space began. */
  readonly isForThisRun: boolean;
}

interface Memory {
  readonly listener: string;
  readonly floor: number;
  highest: number;
  latest: number;
  readonly seen: Uint32Array;
}

interface Sender {
  rank: number;
  latest: number;
  /** The last heard from come last. */
  readonly memories: Map<string, Memory>;
  floor: number;
  /** By listener, where it is higher. */
  readonly floors: Map<string, number>;
}

/** What is to be told of a frame. */
export type Novelty = 'new' | 'replayed' | 'stale';

const mostFloors = 4096;

export class ReplayGuard {
  readonly #settings: ReplayGuardSettings;
  readonly #senders = new Map<string, Sender>();
  readonly #since: number;
  #floor = Number.NEGATIVE_INFINITY;
  #total = 0;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(settings: ReplayGuardSettings) {
    this.#settings = settings;
    this.#since = Math.floor(settings.clock.now());
  }

  /** How many memories there are. */
  get total(): number {
    return this.#total;
  }

  /** Whether a frame is new. Remembers nothing: anybody can write a number on a frame. */
  look(frame: FrameNumber): Novelty {
    const { listener, number, madeAt } = frame;
    const isFromBefore = madeAt < this.#since && !frame.isForThisRun;
    const sender = this.#senders.get(frame.sender);
    const memory = sender?.memories.get(keyOf(frame));
    if (memory === undefined) return isFromBefore || madeAt < this.#floorOf(sender, listener) ? 'stale' : 'new';
    if (madeAt < memory.floor) return 'stale';
    if (number > memory.highest) return 'new';
    if (isFromBefore) return 'stale';
    return memory.highest - number >= this.#settings.size || isSet(memory.seen, number) ? 'replayed' : 'new';
  }

  /**
   * As `look`, for a frame whose signature is right: it is remembered.
   *
   * @param rank of the sender: 0 is the highest
   */
  take(frame: FrameNumber, rank: number): Novelty {
    const novelty = this.look(frame);
    if (novelty !== 'new') return novelty;
    const { number, madeAt } = frame;
    const memory = this.#memoryOf(frame, rank);
    if (memory === undefined) return 'stale';
    if (number > memory.highest) {
      if (number - memory.highest >= this.#settings.size) memory.seen.fill(0);
      else for (let between = memory.highest + 1; between < number; between++) clear(memory.seen, between);
      memory.highest = number;
    }
    if (madeAt > memory.latest) memory.latest = madeAt;
    set(memory.seen, number);
    return 'new';
  }

  /** @returns `undefined` when there is no room */
  #memoryOf(frame: FrameNumber, rank: number): Memory | undefined {
    const { listener, number, madeAt } = frame;
    const key = keyOf(frame);
    const known = this.#senders.get(frame.sender);
    const memory = known?.memories.get(key);
    if (known !== undefined && memory !== undefined) {
      this.#heard(known, rank, madeAt);
      if (known.memories.size > 1) {
        // Heard from last, so forgotten last.
        known.memories.delete(key);
        known.memories.set(key, memory);
      }
      return memory;
    }
    // What making room forgets is another instance's, or another listener's: it does not raise the floor of this one.
    const floor = this.#floorOf(known, listener);
    if (!this.#makeRoom(known, rank)) return undefined;
    let sender = this.#senders.get(frame.sender);
    if (sender === undefined) {
      sender = { rank, latest: madeAt, memories: new Map(), floor: this.#floor, floors: new Map() };
      this.#senders.set(frame.sender, sender);
    }
    this.#heard(sender, rank, madeAt);
    const made = {
      listener,
      floor,
      highest: Math.max(0, number - 1),
      latest: madeAt,
      seen: new Uint32Array(this.#settings.size / 32),
    };
    sender.memories.set(key, made);
    this.#total++;
    return made;
  }

  #heard(sender: Sender, rank: number, madeAt: number): void {
    sender.rank = rank;
    if (madeAt > sender.latest) sender.latest = madeAt;
  }

  #floorOf(sender: Sender | undefined, listener: string): number {
    if (sender === undefined) return this.#floor;
    return Math.max(sender.floor, sender.floors.get(listener) ?? sender.floor);
  }

  #makeRoom(sender: Sender | undefined, rank: number): boolean {
    const { each, total } = this.#settings;
    const size = sender?.memories.size ?? 0;
    if (size >= each) {
      this.#forgetOne(sender as Sender);
      return true;
    }
    if (this.#total < total) return true;
    this.#sweep();
    if (this.#total < total) return true;
    const loser = this.#loserTo(sender, size, rank) ?? (size > 0 ? sender : undefined);
    if (loser !== undefined) this.#forgetOne(loser);
    return loser !== undefined;
  }

  /** Looks at all senders, which costs less than the signature that was verified before. */
  #loserTo(needy: Sender | undefined, size: number, rank: number): Sender | undefined {
    const { spared } = this.#settings;
    let loser: Sender | undefined;
    for (const sender of this.#senders.values()) {
      if (sender === needy || sender.memories.size <= spared) continue;
      if (loser === undefined || isLower(sender, loser.rank, loser.memories.size)) loser = sender;
    }
    return loser !== undefined && (size < spared || isLower(loser, rank, size)) ? loser : undefined;
  }

  #forgetOne(sender: Sender): void {
    const [key, { listener, latest }] = sender.memories.entries().next().value as [string, Memory];
    sender.memories.delete(key);
    this.#total--;
    sender.floors.set(listener, Math.max(latest + 1, this.#floorOf(sender, listener)));
    if (sender.floors.size <= mostFloors) return;
    sender.floor = Math.max(...sender.floors.values());
    sender.floors.clear();
  }

  /** Forgets what is too old to be taken. */
  #sweep(): void {
    const { clock, freshnessMs } = this.#settings;
    const now = clock.now();
    if (Math.abs(now - this.#sweptAt) < freshnessMs / 8) return;
    this.#sweptAt = now;
    const oldest = now - freshnessMs;
    for (const [id, sender] of this.#senders) {
      if (sender.latest < oldest) {
        this.#senders.delete(id);
        this.#total -= sender.memories.size;
        this.#floor = Math.max(this.#floor, sender.latest + 1);
        continue;
      }
      for (const { latest } of sender.memories.values()) {
        if (latest >= oldest) break;
        this.#forgetOne(sender);
      }
    }
  }
}

/** Whether a sender has to give way to one of this rank who has `size` memories. */
function isLower(sender: Sender, rank: number, size: number): boolean {
  return sender.rank > rank || (sender.rank === rank && sender.memories.size > size);
}

function keyOf({ instance, listener }: FrameNumber): string {
  return listener === '' ? instance : `${instance}\u0000${listener}`;
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
