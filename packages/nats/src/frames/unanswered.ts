/**
 * The frames of which the server may still say that nobody takes them. Each is known by its number and a secret of its own: who
 * has seen one can't guess another, and so say in the server's name that nobody takes it.
 */
import type { Address } from '@happen/core';

const sharedSign = '+';

/** Whether a frame that was sent with this subject for the server's word may hold what is for several nodes. */
export function isShared(subject: string | undefined): boolean {
  return subject !== undefined && subject.includes(sharedSign, subject.lastIndexOf('.'));
}

interface Sent {
  readonly to: Address;
  readonly frame: Uint8Array;
}

interface Marked extends Sent {
  readonly token: string;
}

export class Unanswered {
  readonly #sent = new Map<number, Marked>();
  readonly #secrets = new Uint32Array(256);
  #used = this.#secrets.length;

  /** @returns the frame's token, to be given to `take` */
  add(number: number, to: Address, frame: Uint8Array): string {
    if (this.#used === this.#secrets.length) {
      globalThis.crypto.getRandomValues(this.#secrets);
      this.#used = 0;
    }
    // Whoever takes it sees by the sign whether there may be something for others in it.
    const sign = to.kind === 'node' && to.shared === true ? sharedSign : '-';
    const token = `${number}${sign}${(this.#secrets[this.#used++] as number).toString(36)}`;
    this.#sent.set(number, { to, frame, token });
    return token;
  }

  take(token: string): Sent | undefined {
    const number = Number.parseInt(token, 10);
    const sent = this.#sent.get(number);
    if (sent?.token !== token) return undefined;
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
