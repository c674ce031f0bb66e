import { Writer } from './writer.js';

/** A writer that grew beyond this is not kept. Most frames that are full fit in. */
const keptBytes = 262_144;

const slabBytes = 16_384;
const slabShare = 1_024;

/** How many keys are remembered, a power of two. */
const keySlots = 256;

/**
 * Memory that the encodings and decodings of one space use again and again, since making a small array costs more than
 * filling it. Purely for speed: with or without it, results are equal. Nothing one call leaves in it reaches another call's result.
 *
 * What is encoded with one may share an `ArrayBuffer` with its neighbours: it is not to be transferred to another thread.
 */
export class Scratch {
  private idle: Writer | undefined;
  private slab: Uint8Array | undefined;
  private used = 0;
  private readonly keys: (string | undefined)[] = new Array<string | undefined>(keySlots);

  /** An empty writer. One that is in use (a getter may encode something in the middle) is not lent twice. */
  borrow(): Writer {
    const writer = this.idle ?? new Writer(1_024);
    this.idle = undefined;
    writer.position = 0;
    writer.items = 0;
    return writer;
  }

  giveBack(writer: Writer): void {
    if (writer.capacity <= keptBytes) this.idle = writer;
  }

  /** A copy that lasts. */
  keep(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    if (length > slabShare) return bytes.slice();
    if (this.slab === undefined || this.used + length > slabBytes) {
      this.slab = new Uint8Array(slabBytes);
      this.used = 0;
    }
    const start = this.used;
    this.used += length;
    this.slab.set(bytes, start);
    return this.slab.subarray(start, this.used);
  }

  /** The key that stands in these bytes, if it was remembered; only ASCII keys are. */
  recall(bytes: Uint8Array, start: number, length: number): string | undefined {
    const key = this.keys[slotOf(bytes, start, length)];
    if (key === undefined || key.length !== length) return undefined;
    for (let at = 0; at < length; at++) if (key.charCodeAt(at) !== bytes[start + at]) return undefined;
    return key;
  }

  /** Remembers a key, in place of another. */
  remember(key: string, bytes: Uint8Array, start: number, length: number): void {
    if (length === key.length) this.keys[slotOf(bytes, start, length)] = key;
  }
}

function slotOf(bytes: Uint8Array, start: number, length: number): number {
  const middle = bytes[start + (length >> 1)] as number;
  return (
    (length * 37 + (bytes[start] as number) * 5 + middle * 11 + (bytes[start + length - 1] as number)) & (keySlots - 1)
  );
}
