import { seededRandom } from '../random/seeded-random.js';

/** A frame that carries a number, padded to at least 16 bytes with what follows from the number. */
export function numbered(number: number, length = 16): Uint8Array {
  const frame = new Uint8Array(length).fill(number & 0xff);
  new DataView(frame.buffer).setUint32(0, number);
  return frame;
}

export function numberOf(frame: Uint8Array): number {
  if (frame.byteLength < 4) throw new Error(`a frame of ${frame.byteLength} bytes arrived that was never published`);
  return new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getUint32(0);
}

/** A frame of any length whose bytes look random and are the same each time. */
export function patterned(length: number): Uint8Array {
  const random = seededRandom(length);
  // Repeating a random block keeps frames of megabytes cheap; its odd length keeps blocks from lining up with packets.
  const block = random.bytes(Math.min(length, 4_093));
  const frame = new Uint8Array(length);
  for (let at = 0; at < length; at += block.length)
    frame.set(block.subarray(0, Math.min(block.length, length - at)), at);
  return frame;
}

export const range = (count: number, from = 0): number[] => Array.from({ length: count }, (_, index) => from + index);
