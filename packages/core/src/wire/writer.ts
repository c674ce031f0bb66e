import { envelopeLimits } from './limits.js';

/** The part of the platform's `TextEncoder` used here. */
declare const TextEncoder: new () => { encodeInto(text: string, into: Uint8Array): { written: number } };

const textEncoder = /* @__PURE__ */ new TextEncoder();
const loneSurrogate = /[\uD800-\uDFFF]/u;

/** Up to this many characters a loop is faster than crossing into the platform's encoder. */
const shortText = 24;

/** Thrown inside an encoding; never leaves this folder. */
export class Refused extends Error {}

/** Thrown inside an encoding that outgrows a limit; never leaves this folder. */
export class Outgrown extends Error {
  constructor(readonly unit: 'bytes' | 'items') {
    super();
  }
}

/** Writes MessagePack in the profile's forms (the shortest one each) into an array that grows. */
export class Writer {
  position = 0;
  /** How many values were begun. */
  items = 0;
  private bytes: Uint8Array;
  private floats: DataView | undefined;
  private lastByte = 0;
  private lastItem = 0;

  constructor(startBytes: number) {
    this.bytes = new Uint8Array(startBytes);
  }

  /** From here on, so many bytes and values may be written. */
  allow(bytes: number, items: number): void {
    this.lastByte = this.position + bytes;
    this.lastItem = this.items + items;
  }

  /** @throws Outgrown when more was written than the last `allow` allowed */
  check(): void {
    if (this.position > this.lastByte) throw new Outgrown('bytes');
  }

  /** How much it can hold without growing. */
  get capacity(): number {
    return this.bytes.length;
  }

  /** What was written there, as a view that lasts until the next call. */
  view(start: number, end: number): Uint8Array {
    return this.bytes.subarray(start, end);
  }

  /** Leaves so many bytes unwritten. */
  skip(length: number): void {
    this.reserve(length);
    this.position += length;
  }

  /** Removes what stands between two positions. */
  drop(start: number, end: number): void {
    this.bytes.copyWithin(start, end, this.position);
    this.position -= end - start;
  }

  /** Bytes that are already in the profile's form. */
  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.position);
    this.position += bytes.length;
  }

  nil(): void {
    this.count();
    this.reserve(1);
    this.byte(0xc0);
  }

  boolean(value: boolean): void {
    this.count();
    this.reserve(1);
    this.byte(value ? 0xc3 : 0xc2);
  }

  number(value: number): void {
    this.count();
    this.reserve(9);
    if (!Number.isSafeInteger(value) || (value === 0 && 1 / value < 0)) {
      this.byte(0xcb);
      this.float(value);
    } else if (value >= 0) {
      if (value < 0x80) this.byte(value);
      else if (value < 0x100) this.prefixed(0xcc, value, 1);
      else if (value < 0x10000) this.prefixed(0xcd, value, 2);
      else if (value < 0x100000000) this.prefixed(0xce, value, 4);
      else this.wide(0xcf, value);
    } else if (value >= -0x20) this.byte(value & 0xff);
    else if (value >= -0x80) this.prefixed(0xd0, value, 1);
    else if (value >= -0x8000) this.prefixed(0xd1, value, 2);
    else if (value >= -0x80000000) this.prefixed(0xd2, value, 4);
    else this.wide(0xd3, value);
  }

  string(text: string): void {
    this.count();
    const { length } = text;
    if (length > this.lastByte - this.position) throw new Outgrown('bytes');
    this.reserve(length * 3 + 5);
    const { bytes, position } = this;
    const guess = stringHeaderBytes(length);
    if (length <= shortText) {
      let at = position + guess;
      let index = 0;
      for (; index < length; index++) {
        const unit = text.charCodeAt(index);
        if (unit > 0x7f) break;
        bytes[at++] = unit;
      }
      if (index === length) {
        this.stringHeader(length);
        this.position = at;
        return;
      }
    }
    const { written } = textEncoder.encodeInto(text, bytes.subarray(position + guess));
    if (written !== length && loneSurrogate.test(text)) throw new Refused();
    const header = stringHeaderBytes(written);
    if (header !== guess) bytes.copyWithin(position + header, position + guess, position + guess + written);
    this.stringHeader(written);
    this.position += written;
  }

  optionalString(text: string | undefined): void {
    if (text === undefined) this.nil();
    else this.string(text);
  }

  binary(bytes: Uint8Array): void {
    this.count();
    const { length } = bytes;
    if (length > this.lastByte - this.position) throw new Outgrown('bytes');
    this.reserve(length + 5);
    if (length < 0x100) this.prefixed(0xc4, length, 1);
    else if (length < 0x10000) this.prefixed(0xc5, length, 2);
    else this.prefixed(0xc6, length, 4);
    this.raw(bytes);
  }

  array(length: number): void {
    this.container(length, 0x90, 0xdc);
  }

  /** Writes the header of an object of so many members, and returns where it stands. */
  object(size: number): number {
    const at = this.position;
    this.container(size, 0x80, 0xde);
    return at;
  }

  /** Corrects the header written at `at` for `before` members, of which only `after` came. */
  correctObject(at: number, before: number, after: number): void {
    const from = at + containerHeaderBytes(before);
    const to = at + containerHeaderBytes(after);
    const end = this.position;
    this.bytes.copyWithin(to, from, end);
    this.position = at;
    this.items--;
    this.container(after, 0x80, 0xde);
    this.position = end - from + to;
  }

  /** An extension whose content is given. */
  extension(type: number, content: Uint8Array): void {
    if (content.length > this.lastByte - this.position) throw new Outgrown('bytes');
    this.count();
    this.reserve(content.length + 6);
    this.extensionHeader(type, content.length);
    this.raw(content);
  }

  /** An extension whose content is what `write` writes. */
  enclose(type: number, write: () => void): void {
    this.count();
    this.reserve(6);
    const at = this.position;
    this.position += 6;
    write();
    const end = this.position;
    const length = end - at - 6;
    this.position = at;
    this.extensionHeader(type, length);
    this.bytes.copyWithin(this.position, at + 6, end);
    this.position += length;
  }

  /** A sign byte and the magnitude, big-endian, without leading zeros. */
  bigint(type: number, value: bigint): void {
    const hex = (value < 0n ? -value : value).toString(16);
    const length = value === 0n ? 0 : (hex.length + 1) >> 1;
    if (length > envelopeLimits.maxBigintBytes) throw new Refused();
    const content = new Uint8Array(length + 1);
    content[0] = value < 0n ? 1 : 0;
    const padded = hex.padStart(length * 2, '0');
    for (let at = 0; at < length; at++) content[at + 1] = Number.parseInt(padded.slice(at * 2, at * 2 + 2), 16);
    this.extension(type, content);
  }

  /** The shortest timestamp form; `milliseconds` is an integer within the range of `Date`. */
  timestamp(type: number, milliseconds: number): void {
    const seconds = Math.floor(milliseconds / 1000);
    const nanoseconds = (milliseconds - seconds * 1000) * 1_000_000;
    this.count();
    this.reserve(15);
    if (seconds >= 0 && seconds < 0x100000000 && nanoseconds === 0) {
      this.extensionHeader(type, 4);
      this.integer(seconds, 4);
    } else if (seconds >= 0 && seconds < 0x400000000) {
      this.extensionHeader(type, 8);
      this.integer(nanoseconds * 4 + Math.floor(seconds / 0x100000000), 4);
      this.integer(seconds, 4);
    } else {
      this.extensionHeader(type, 12);
      this.integer(nanoseconds, 4);
      this.integer(Math.floor(seconds / 0x100000000), 4);
      this.integer(seconds, 4);
    }
  }

  private count(): void {
    if (++this.items > this.lastItem) throw new Outgrown('items');
  }

  private reserve(length: number): void {
    const needed = this.position + length;
    if (needed <= this.bytes.length) return;
    if (this.position > this.lastByte) throw new Outgrown('bytes');
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.position));
    this.bytes = grown;
    this.floats = undefined;
  }

  private container(length: number, short: number, long: number): void {
    this.count();
    this.reserve(5);
    if (length < 16) this.byte(short | length);
    else if (length < 0x10000) this.prefixed(long, length, 2);
    else this.prefixed(long + 1, length, 4);
  }

  private stringHeader(length: number): void {
    if (length < 32) this.byte(0xa0 | length);
    else if (length < 0x100) this.prefixed(0xd9, length, 1);
    else if (length < 0x10000) this.prefixed(0xda, length, 2);
    else this.prefixed(0xdb, length, 4);
  }

  private extensionHeader(type: number, length: number): void {
    const fixed = [1, 2, 4, 8, 16].indexOf(length);
    if (fixed >= 0) this.byte(0xd4 + fixed);
    else if (length < 0x100) this.prefixed(0xc7, length, 1);
    else if (length < 0x10000) this.prefixed(0xc8, length, 2);
    else this.prefixed(0xc9, length, 4);
    this.byte(type & 0xff);
  }

  private byte(value: number): void {
    this.bytes[this.position++] = value;
  }

  private prefixed(prefix: number, value: number, width: number): void {
    this.byte(prefix);
    this.integer(value, width);
  }

  /** The lowest `width` bytes, at most four, of an integer. */
  private integer(value: number, width: number): void {
    const { bytes } = this;
    for (let shift = (width - 1) * 8; shift >= 0; shift -= 8) bytes[this.position++] = value >>> shift;
  }

  private wide(prefix: number, value: number): void {
    this.prefixed(prefix, Math.floor(value / 0x100000000), 4);
    this.integer(value, 4);
  }

  private float(value: number): void {
    this.floats ??= new DataView(this.bytes.buffer);
    // One NaN of the many.
    this.floats.setFloat64(this.position, Number.isNaN(value) ? Number.NaN : value);
    this.position += 8;
  }
}

function stringHeaderBytes(length: number): number {
  return length < 32 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : 5;
}

function containerHeaderBytes(length: number): number {
  return length < 16 ? 1 : length < 0x10000 ? 3 : 5;
}
