import type { DirectKind } from './port-messages.js';

/** A frame that may come back. */
export interface Retained {
  readonly to: { readonly kind: DirectKind; readonly id: string };
  /** The array that was given to `publish`. */
  readonly given: Uint8Array;
}

/** So many frames, or bytes, are taken before it is said that they were. */
const framesBetween = 64;
const bytesBetween = 262_144;

/**
 * The frames between this space and another one.
 *
 * A frame is kept until the other side has said that it took it: if its receiver was closed while the frame was on its way, it
 * comes back, and another one is found, or the publisher told. That it was taken is said along with every frame that goes the
 * other way, and by itself only now and then, so that a request and its answer cost nothing more.
 */
export class Correspondence {
  readonly #retained: (Retained | undefined)[] = [];
  /** How many of those at the front are gone: `shift` on a long array moves all of it. */
  #front = 0;
  #sent = 0;
  #released = 0;
  /** The number of the frame taken last, and what has been taken since that was said. */
  #taken = 0;
  #frames = 0;
  #bytes = 0;

  /** @returns the number of the frame */
  send(frame: Retained): number {
    this.#retained.push(frame);
    return ++this.#sent;
  }

  /** The frames up to this number have been taken. */
  release(upTo: number): void {
    if (upTo > this.#sent) return;
    while (this.#released < upTo) {
      this.#released++;
      this.#retained[this.#front++] = undefined;
    }
    if (this.#front * 2 < this.#retained.length) return;
    this.#retained.splice(0, this.#front);
    this.#front = 0;
  }

  /** A frame that came back; `undefined` if there was none of this number. */
  takeBack(number: number): Retained | undefined {
    const index = this.#front + number - this.#released - 1;
    if (number <= this.#released || number > this.#sent) return undefined;
    const found = this.#retained[index];
    this.#retained[index] = undefined;
    return found;
  }

  /** What has not been said to be taken. */
  untaken(): Retained[] {
    return this.#retained.filter((frame) => frame !== undefined);
  }

  /** @returns whether it is time to say so */
  took(number: number, bytes: number): boolean {
    this.#taken = number;
    this.#frames++;
    this.#bytes += bytes;
    return this.#frames >= framesBetween || this.#bytes >= bytesBetween;
  }

  /** Up to which number frames have been taken; to be told to the other side. */
  acknowledgement(): number {
    this.#frames = 0;
    this.#bytes = 0;
    return this.#taken;
  }
}
