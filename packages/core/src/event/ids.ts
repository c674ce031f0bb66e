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

/** The character codes of the hexadecimal digits, of `-` and of `7`. */
const digits = /* @__PURE__ */ Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const hyphen = 45;
const seven = 55;

/** Makes the ids of one space. */
export interface IdSource {
  /** Takes the next place in the order of ids, cheaply. */
  tick(nowMs: number): number;
  /** The place that a time has, whether or not it has been taken. */
  tickAt(ms: number): number;
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
    tickAt: (ms) => Math.floor((ms - epochMs) * ticksPerMillisecond),
    text(tick) {
      if (used + 8 > pool.length) {
        pool = crypto.randomBytes(poolBytes);
        used = 0;
      }
      const p = used;
      used += 8;
      const counter = tick % ticksPerMillisecond;
      const ms = (tick - counter) / ticksPerMillisecond + epochMs;
      const high = Math.floor(ms / 2 ** 32);
      const low = ms >>> 0;
      const random = (index: number): number => pool[p + index] as number;
      const digit = (number: number, place: number): number => digits[(number >>> place) & 15] as number;
      // One call makes one flat string. Pieces joined are a tree of strings: five times as slow, eight times as large.
      // biome-ignore format: line by line as the id is read
      return String.fromCharCode(
        digit(high, 12), digit(high, 8), digit(high, 4), digit(high, 0),
        digit(low, 28), digit(low, 24), digit(low, 20), digit(low, 16), hyphen,
        digit(low, 12), digit(low, 8), digit(low, 4), digit(low, 0), hyphen,
        seven, digit(counter, 8), digit(counter, 4), digit(counter, 0), hyphen,
        digit((random(0) & 0x3f) | 0x80, 4), digit(random(0), 0), digit(random(1), 4), digit(random(1), 0), hyphen,
        digit(random(2), 4), digit(random(2), 0), digit(random(3), 4), digit(random(3), 0),
        digit(random(4), 4), digit(random(4), 0), digit(random(5), 4), digit(random(5), 0),
        digit(random(6), 4), digit(random(6), 0), digit(random(7), 4), digit(random(7), 0),
      );
    },
  };
}

/** The milliseconds since 1970 that a place in the order of ids stands for. */
export function timeOfTick(tick: number): number {
  return Math.floor(tick / ticksPerMillisecond) + epochMs;
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
