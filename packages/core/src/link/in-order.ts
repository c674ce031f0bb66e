/**
 * Goes on with what is known later in the order in which it came, lane by lane; with what is known at once, at once.
 *
 * Invariants:
 * 1. A lane stands in `#tails`, and a sender in `#shares`, exactly while something of theirs waits.
 * 2. A sender takes up no more than it leaves free, so that others still find room; those of whom nothing is known leave half to
 *    the others, as names cost nothing.
 */
import { isLater, type NowOrLater } from '../identity/now-or-later.js';

/** How much may wait: a hostile peer must not fill the memory with what is still to be looked at. */
const mostWaiting = 4096;
const mostWaitingBytes = 67_108_864;

/** Of whom something comes. */
export interface InOrderSource {
  /** What comes in one lane is gone on with in its order. */
  readonly lane: string;
  /** Whose room it takes up. */
  readonly sender: string;
  /** Whether anything is known of the sender. */
  readonly isKnown: boolean;
}

interface Share {
  count: number;
  bytes: number;
}

export class InOrder {
  readonly #tails = new Map<string, Promise<void>>();
  readonly #shares = new Map<string, Share>();
  readonly #all: Share = { count: 0, bytes: 0 };
  readonly #strangers: Share = { count: 0, bytes: 0 };

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#all.count === 0;
  }

  /** Whether more may be begun. */
  hasRoom({ sender, isKnown }: InOrderSource): boolean {
    if (this.isEmpty) return true;
    const { count, bytes } = this.#all;
    if (count >= mostWaiting || bytes >= mostWaitingBytes) return false;
    if (!isKnown && (2 * this.#strangers.count >= mostWaiting || 2 * this.#strangers.bytes >= mostWaitingBytes))
      return false;
    const own = this.#shares.get(sender);
    return own === undefined || (own.count < mostWaiting - count && own.bytes < mostWaitingBytes - bytes);
  }

  /**
   * Calls `next` or, for a promise that rejects, `failed`, after those of the lane that came before. What `next` throws
   * then goes to `failed` too, which does not throw; at once it is the caller's.
   *
   * @param size how many bytes are kept meanwhile
   */
  run<T>(
    source: InOrderSource,
    size: number,
    value: NowOrLater<T>,
    next: (value: T) => void,
    failed: (error: unknown) => void,
  ): void {
    const { lane } = source;
    const before = this.#tails.get(lane);
    if (before === undefined && !isLater(value)) {
      next(value);
      return;
    }
    const giveBack = this.#take(source, size);
    // Settled by itself, so that a rejection is never left without anybody while others are waited for.
    const outcome = Promise.resolve(value).then(
      (known) => () => next(known),
      (error: unknown) => () => failed(error),
    );
    const tail = (before ?? outcome)
      .then(() => outcome)
      .then((go) => {
        giveBack();
        if (this.#tails.get(lane) === tail) this.#tails.delete(lane);
        try {
          go();
        } catch (error) {
          failed(error);
        }
      });
    this.#tails.set(lane, tail);
  }

  #take({ sender, isKnown }: InOrderSource, size: number): () => void {
    let own = this.#shares.get(sender);
    if (own === undefined) {
      own = { count: 0, bytes: 0 };
      this.#shares.set(sender, own);
    }
    const taken = isKnown ? [this.#all, own] : [this.#all, own, this.#strangers];
    for (const share of taken) {
      share.count++;
      share.bytes += size;
    }
    return () => {
      for (const share of taken) {
        share.count--;
        share.bytes -= size;
      }
      if (own.count === 0) this.#shares.delete(sender);
    };
  }
}
