/** The frames of which the server may still say that nobody takes them, by the numbers in their reply subjects. */
import type { Address } from '@happen/core';

interface Sent {
  readonly to: Address;
  readonly frame: Uint8Array;
}

export class Unanswered {
  readonly #sent = new Map<number, Sent>();

  add(number: number, to: Address, frame: Uint8Array): void {
    this.#sent.set(number, { to, frame });
  }

  take(number: number): Sent | undefined {
    const sent = this.#sent.get(number);
    this.#sent.delete(number);
    return sent;
  }

  /** Of those up to this number nothing can come any more. */
  forget(number: number): void {
    for (const sent of this.#sent.keys()) {
      if (sent > number) return;
      this.#sent.delete(sent);
    }
  }

  clear(): void {
    this.#sent.clear();
  }
}
