/**
 * Goes on with what is known later in the order in which it came, sender by sender; with what is known at once, at once.
 *
 * Invariant: a sender stands in `#tails` exactly while something of his waits.
 */
import { isLater, type NowOrLater } from '../identity/now-or-later.js';

/** How much may wait: a hostile peer must not fill the memory with what is still to be looked at. */
const mostWaiting = 4096;
const mostWaitingBytes = 67_108_864;

export class InOrder {
  readonly #tails = new Map<string, Promise<void>>();
  #waiting = 0;
  #waitingBytes = 0;

  /** Whether no more should be begun. */
  get isFull(): boolean {
    return this.#waiting >= mostWaiting || this.#waitingBytes >= mostWaitingBytes;
  }

  /**
   * Calls `next` or, for a promise that rejects, `failed`, after those of the sender that came before. What `next` throws
   * then goes to `failed` too, which does not throw; at once it is the caller's.
   *
   * @param size how many bytes are kept meanwhile
   */
  run<T>(
    sender: string,
    size: number,
    value: NowOrLater<T>,
    next: (value: T) => void,
    failed: (error: unknown) => void,
  ): void {
    const before = this.#tails.get(sender);
    if (before === undefined && !isLater(value)) {
      next(value);
      return;
    }
    this.#waiting++;
    this.#waitingBytes += size;
    // Settled by itself, so that a rejection is never left without anybody while others are waited for.
    const outcome = Promise.resolve(value).then(
      (known) => () => next(known),
      (error: unknown) => () => failed(error),
    );
    const tail = (before ?? outcome)
      .then(() => outcome)
      .then((go) => {
        this.#waiting--;
        this.#waitingBytes -= size;
        if (this.#tails.get(sender) === tail) this.#tails.delete(sender);
        try {
          go();
        } catch (error) {
          failed(error);
        }
      });
    this.#tails.set(sender, tail);
  }
}
