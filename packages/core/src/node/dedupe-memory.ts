/** Remembers names for two minutes, the latest 10 000 of them: a bound that a sender can't push out of memory's way. */
const windowMs = 120_000;
const mostNames = 10_000;

export class DedupeMemory {
  readonly #seenAt = new Map<string, number>();

  /** Whether a name was seen within the window; if not, it is from now on. */
  seen(name: string, nowMs: number): boolean {
    for (const [oldest, at] of this.#seenAt) {
      if (nowMs - at < windowMs && this.#seenAt.size < mostNames) break;
      this.#seenAt.delete(oldest);
    }
    if (this.#seenAt.has(name)) return true;
    this.#seenAt.set(name, nowMs);
    return false;
  }
}
