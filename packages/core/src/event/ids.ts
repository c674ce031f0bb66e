/**
 * Event ids: UUIDv7 (RFC 9562 §5.7) with a counter in `rand_a` and 62 fresh random bits.
 *
 * Invariants:
 * 1. Ticks only grow, whatever the clock does: a tick is a 4 096th of a millisecond, so the counter is its lower 12 bits.
 * 2. Text is made only when somebody reads it: most events in one process are never asked for their id.
 */
import type { Crypto } from '../ports/crypto.js';

const ticksPerMillisecond = 4096;
/** Ticks count from here, so that they stay exact integers until 2093. */
const epochMs = Date.UTC(2024, 0, 1);
const poolBytes = 8 * 512;

const hexadecimal: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Makes the ids of one space. */
export interface IdSource {
  /** Takes the next place in the order of ids, cheaply. */
  tick(nowMs: number): number;
  /** The id for a place; each call draws new random bits, so the caller keeps the text. */
  text(tick: number): string;
}

/** Ids from a pool of random bytes. */
export function idSource(crypto: Pick<Crypto, 'randomBytes'>): IdSource {
  let last = 0;
  let pool: Uint8Array = new Uint8Array(0);
  let used = 0;

  return {
    tick(nowMs) {
      const now = Math.floor((nowMs - epochMs) * ticksPerMillisecond);
      last = now > last ? now : last + 1;
      return last;
    },
    text(tick) {
      if (used + 8 > pool.length) {
        pool = crypto.randomBytes(poolBytes);
        used = 0;
      }
      const p = used;
      used += 8;
      const byte = (index: number): string => hexadecimal[pool[p + index] as number] as string;
      const counter = tick % ticksPerMillisecond;
      const ms = (tick - counter) / ticksPerMillisecond + epochMs;
      const time = ms.toString(16).padStart(12, '0');
      const variant = hexadecimal[((pool[p] as number) & 0x3f) | 0x80] as string;
      return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${variant}${byte(1)}-${byte(2)}${byte(3)}${byte(4)}${byte(5)}${byte(6)}${byte(7)}`;
    },
  };
}

/** Random hexadecimal digits, two for each byte. */
export function randomHex(crypto: Pick<Crypto, 'randomBytes'>, bytes: number): string {
  return hex(crypto.randomBytes(bytes));
}

/** Bytes as hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += hexadecimal[byte];
  return text;
}
