/** Remembers names for two minutes, the latest 10 000 of them, so that a sender who invents names can't fill the memory. */
const windowMs = 120_000;
const mostNames = 10_000;

export class DedupeMemory {
  readonly #seenAt = new Map<string, number>();

  /** Whether a name was seen within the window; if not, it is from now on. */
  seen(name: string, nowMs: number): boolean {
    const before = this.#seenAt.get(name);
    if (before !== undefined && nowMs - before < windowMs) return true;
    this.#seenAt.delete(name);
    for (const [oldest, at] of this.#seenAt) {
      if (nowMs - at < windowMs && this.#seenAt.size < mostNames) break;
      this.#seenAt.delete(oldest);
    }
    this.#seenAt.set(name, nowMs);
    return false;
  }

  /** What was seen under the name came to nothing: the next one is the first. */
  forget(name: string): void {
    this.#seenAt.delete(name);
  }
}
