const patienceMs = 10_000;

/** Waits for what arrives one by one, and gives up on what has been lost. */
export class Arrivals {
  #missing = 0;
  #arrived: (() => void) | undefined;

  /**
   * Resolves when `count` more have arrived.
   *
   * @throws Error when they have not after ten seconds
   */
  expect(count: number): Promise<void> {
    this.#missing = count;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${this.#missing} of ${count} did not arrive within ${patienceMs / 1000} s`));
      }, patienceMs);
      this.#arrived = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  one(): void {
    if (--this.#missing === 0) this.#arrived?.();
  }
}
