import { seededRandom } from '../random/seeded-random.js';

/** An array of any length whose bytes look random and are the same each time. */
export function patterned(length: number): Uint8Array {
  const random = seededRandom(length);
  // Repeating a random block keeps megabytes cheap; its odd length keeps blocks from lining up with packets.
  const block = random.bytes(Math.min(length, 4_093));
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += block.length)
    bytes.set(block.subarray(0, Math.min(block.length, length - at)), at);
  return bytes;
}

/** What Node's Buffer does, for runtimes without one: its slices share its memory. */
export class SharingSlices extends Uint8Array<ArrayBuffer> {
  override slice(start?: number, end?: number): SharingSlices {
    return this.subarray(start, end) as SharingSlices;
  }
}

export const range = (count: number, from = 0): number[] => Array.from({ length: count }, (_, index) => from + index);
