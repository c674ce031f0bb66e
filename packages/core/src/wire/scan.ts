import { extensionTypes, firstTypedArrayType, typedArrays } from './extensions.js';
import { envelopeLimits } from './limits.js';
import type { MalformedReason } from './malformed.js';
import { readText } from './text.js';

/** What a scan allows. */
export interface ScanLimits {
  readonly maxItems: number;
  readonly maxDepth: number;
}

/** Objects with more keys than this are checked for doubles with a set, the others by comparing. */
const fewKeys = 16;

/**
 * Checks that bytes are exactly one value of the profile, before anything is built from them: declared lengths against the
 * bytes there are, depth, number of values, UTF-8, keys, extension types and their content, the one allowed form of each
 * value. What passes can be read without further checks, except that the keys of a map and the values of a set may still
 * repeat, and that an error's content may not be one.
 *
 * Time is linear in the bytes. It allocates nothing that grows with them, but for objects of more than 16 keys. Never throws.
 *
 * @returns why the bytes are refused, or `undefined` when they are sound
 */
export function scan(bytes: Uint8Array, limits: ScanLimits): MalformedReason | undefined {
  const scanner = new Scanner(bytes, limits.maxItems);
  const end = scanner.value(0, bytes.length, limits.maxDepth);
  return end === failed ? scanner.reason : end < bytes.length ? 'trailing' : undefined;
}

const failed = -1;

class Scanner {
  reason: MalformedReason = 'form';
  /** Where the keys begin of the objects being scanned, innermost last, and how many they are. */
  private readonly keys: number[] = [];
  private known = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private items: number,
  ) {}

  /** Scans the value at `at`, which must end by `end`; returns where it ends, or `failed`. */
  value(at: number, end: number, depth: number): number {
    if (at >= end) return this.fail('truncated');
    if (--this.items < 0) return this.fail('items');
    const { bytes } = this;
    const first = bytes[at++] as number;
    if (first < 0x80 || first >= 0xe0) return at;
    if (first < 0x90) return this.object(at, end, first & 0x0f, depth);
    if (first < 0xa0) return this.list(at, end, first & 0x0f, depth);
    if (first < 0xc0) return this.text(at, end, first & 0x1f);
    if (first === 0xc0 || first === 0xc2 || first === 0xc3) return at;
    const width = widths[first - 0xc0] as number;
    if (end - at < width) return this.fail('truncated');
    const next = at + width;
    const high = width === 1 ? (bytes[at] as number) : width === 2 ? this.short(at) : this.long(at);
    if (high < (leasts[first - 0xc0] as number) || high > (mosts[first - 0xc0] ?? high)) return failed;
    if (first >= 0xde) return this.object(next, end, high, depth);
    if (first >= 0xdc) return this.list(next, end, high, depth);
    if (first >= 0xd9) return this.text(next, end, high);
    if (first >= 0xd4) return this.extension(at, end, 1 << (first - 0xd4), depth);
    if (first === 0xd3) return isLongNegative(high, this.long(at + 4)) ? next : failed;
    if (first === 0xcb) return isShortest(high, this.long(at + 4)) ? next : failed;
    if (first >= 0xca) return next;
    if (first >= 0xc7)
      return high < 17 && [1, 2, 4, 8, 16].includes(high) ? failed : this.extension(next, end, high, depth);
    return high > end - next ? this.fail('truncated') : next + high;
  }

  private fail(reason: MalformedReason): number {
    this.reason = reason;
    return failed;
  }

  private short(at: number): number {
    return ((this.bytes[at] as number) << 8) | (this.bytes[at + 1] as number);
  }

  private long(at: number): number {
    return ((this.short(at) << 16) | this.short(at + 2)) >>> 0;
  }

  private list(at: number, end: number, length: number, depth: number): number {
    if (depth < 1) return this.fail('depth');
    if (length > end - at) return this.fail('truncated');
    for (let left = length; left > 0; left--) {
      at = this.value(at, end, depth - 1);
      if (at === failed) return failed;
    }
    return at;
  }

  private object(at: number, end: number, size: number, depth: number): number {
    if (depth < 1) return this.fail('depth');
    if (size * 2 > end - at) return this.fail('truncated');
    const { bytes, keys } = this;
    const many = size > fewKeys ? new Set<string>() : undefined;
    const base = this.known;
    for (let left = size; left > 0; left--) {
      const start = at;
      if (at >= end) return this.fail('truncated');
      const first = bytes[at] as number;
      if (first >= 0xa0 && first < 0xc0)
        at = --this.items < 0 ? this.fail('items') : this.text(at + 1, end, first & 0x1f);
      else if (first >= 0xd9 && first <= 0xdb) at = this.value(at, end, 0);
      else return this.fail('keys');
      if (at === failed) return failed;
      const length = at - start;
      if (isForbidden(bytes, start, length)) return this.fail('keys');
      if (many === undefined) {
        for (let index = base; index < this.known; index++) {
          if (this.same(keys[index] as number, start, length)) return this.fail('keys');
        }
        keys[this.known++] = start;
      } else {
        many.add(readText(bytes, start, at));
        if (many.size !== size - left + 1) return this.fail('keys');
      }
      at = this.value(at, end, depth - 1);
      if (at === failed) return failed;
    }
    this.known = base;
    return at;
  }

  /** Whether two keys are equal. Their headers are compared too: equal lengths have equal headers. */
  private same(one: number, other: number, length: number): boolean {
    const { bytes } = this;
    for (let offset = 0; offset < length; offset++) if (bytes[one + offset] !== bytes[other + offset]) return false;
    return true;
  }

  private text(at: number, end: number, length: number): number {
    if (length > end - at) return this.fail('truncated');
    const { bytes } = this;
    const stop = at + length;
    for (;;) {
      while (at < stop && (bytes[at] as number) < 0x80) at++;
      if (at === stop) return stop;
      const first = bytes[at++] as number;
      const more = first < 0xc2 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : 0;
      if (more === 0 || more > stop - at) return this.fail('utf8');
      const second = bytes[at] as number;
      // No overlong forms, no surrogates, nothing above U+10FFFF.
      const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
      const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
      if (second < low || second > high) return this.fail('utf8');
      for (let offset = 1; offset < more; offset++)
        if (((bytes[at + offset] as number) & 0xc0) !== 0x80) return this.fail('utf8');
      at += more;
    }
  }

  private extension(at: number, end: number, length: number, depth: number): number {
    if (length > end - at - 1) return this.fail('truncated');
    const { bytes } = this;
    const type = bytes[at++] as number;
    const stop = at + length;
    if (type >= extensionTypes.map && type <= extensionTypes.error) {
      const isMap = type === extensionTypes.map;
      const first = length === 0 ? 0 : (bytes[at] as number);
      if ((first & 0xf0) !== 0x90 && first !== 0xdc && first !== 0xdd) return this.fail('extension');
      const last = first === 0xdc ? at + 2 : first === 0xdd ? at + 4 : at;
      if (isMap && last < stop && ((bytes[last] as number) & 1) === 1) return this.fail('extension');
      const reached = this.value(at, stop, depth);
      return reached === failed || reached === stop ? reached : this.fail('extension');
    }
    if (type === extensionTypes.bigint) {
      const sign = bytes[at] as number;
      const sound = length > 1 ? sign < 2 && bytes[at + 1] !== 0 : length === 1 && sign === 0;
      return sound && length <= envelopeLimits.maxBigintBytes + 1 ? stop : this.fail('extension');
    }
    if (type === (extensionTypes.timestamp & 0xff)) return this.isTimestamp(at, length) ? stop : this.fail('extension');
    const typed = typedArrays[type - firstTypedArrayType];
    return typed !== undefined && length % typed.BYTES_PER_ELEMENT === 0 ? stop : this.fail('extension');
  }

  private isTimestamp(at: number, length: number): boolean {
    if (length === 4) return true;
    if (length !== 8 && length !== 12) return false;
    const short = length === 8;
    const first = this.long(at);
    const nanoseconds = short ? first >>> 2 : first;
    const high = short ? first & 3 : this.long(at + 4) | 0;
    const seconds = high * 0x100000000 + this.long(at + length - 4);
    if (nanoseconds >= 1_000_000_000 || nanoseconds % 1_000_000 !== 0) return false;
    if (short) return seconds >= 0x100000000 || nanoseconds > 0;
    const milliseconds = seconds * 1_000 + nanoseconds / 1_000_000;
    return (seconds < 0 || seconds >= 0x400000000) && Math.abs(milliseconds) <= 8.64e15;
  }
}

/** For each first byte from 0xc0 on, how many bytes at least stand after it. */
export const widths = [0, 0, 0, 0, 1, 2, 4, 1, 2, 4, 0, 8, 1, 2, 4, 8, 1, 2, 4, 8, 1, 1, 1, 1, 1, 1, 2, 4, 2, 4, 2, 4];

const byte = 0x100;
const word = 0x10000;

/** The least that their first four may say; below it a shorter form would do. What is not of the profile may say nothing. */
const leasts = [
  ...[0, 1, 0, 0, 0, byte, word, 0, byte, word, 1, 0, 0x80, byte, word, 1],
  ...[0x80, 0x8000, 0x80000000, 0, 0, 0, 0, 0, 0, 32, byte, word, 16, word, 16, word],
];

/** The most, where there is one: integers within 2^53, negative ones that no shorter form can say. */
const mosts: readonly (number | undefined)[] = /* @__PURE__ */ Object.assign([], {
  [0xc1 - 0xc0]: 0,
  [0xca - 0xc0]: 0,
  [0xcf - 0xc0]: 0x1fffff,
  [0xd0 - 0xc0]: 0xdf,
  [0xd1 - 0xc0]: 0xff7f,
  [0xd2 - 0xc0]: 0xffff7fff,
});

/** Whether a float64 is a number that no integer form can say, and the one NaN. */
function isShortest(high: number, low: number): boolean {
  const exponent = (high >>> 20) & 0x7ff;
  if (exponent === 0x7ff) return low === 0 && ((high & 0xfffff) === 0 || high === 0x7ff80000);
  if (exponent === 0) return (high & 0xfffff) !== 0 || low !== 0 || high === 0x80000000;
  const fraction = 1075 - exponent;
  if (fraction > 52 || fraction < 0) return true;
  return fraction >= 32 ? low !== 0 || (high & ((1 << (fraction - 32)) - 1)) !== 0 : (low & (2 ** fraction - 1)) !== 0;
}

/** Whether a 64-bit negative integer is below -2^31 and not below -(2^53-1). */
function isLongNegative(high: number, low: number): boolean {
  if (high === 0xffffffff) return low < 0x80000000;
  return high >= 0xffe00000 && high < 0xffffffff && !(high === 0xffe00000 && low === 0);
}

function isForbidden(bytes: Uint8Array, start: number, length: number): boolean {
  if (length !== 10 && length !== 12) return false;
  const first = bytes[start + 1];
  // Only these letters begin a forbidden name.
  if (first !== 0x5f && first !== 0x63 && first !== 0x70) return false;
  const key = readText(bytes, start + 1, start + length);
  return key === '__proto__' || key === 'constructor' || key === 'prototype';
}
