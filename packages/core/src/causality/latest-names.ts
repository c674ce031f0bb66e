/** Remembers at least the latest `size` names it was asked for, and at most twice as many. */
export class LatestNames {
  readonly #size: number;
  #current = new Set<string>();
  #before = new Set<string>();

  constructor(size: number) {
    this.#size = size;
  }

  /** Whether the name is among the latest; from now on it is. */
  seen(name: string): boolean {
    if (this.#current.has(name)) return true;
    const seen = this.#before.has(name);
    this.#current.add(name);
    if (this.#current.size >= this.#size) {
      this.#before = this.#current;
      this.#current = new Set();
    }
    return seen;
  }
}
