import { errorFromWire } from './error-encoding.js';
import { errorFromRecord } from './error-record.js';
import { extensionTypes, firstTypedArrayType, toWireOrder, typedArrays } from './extensions.js';
import { malformed } from './malformed.js';
import { widths } from './scan.js';
import { Scratch } from './scratch.js';
import { readText } from './text.js';

/** Reads the value of bytes that `scan` has found sound. */
export class Reader {
  /** Made for the first float: most of what is read has none. */
  private view: DataView | undefined;

  /**
   * @param copy whether binary is copied out of the bytes, or a view of them
   * @param position where the value begins
   */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly copy: boolean,
    private scratch: Scratch | undefined,
    private position = 0,
  ) {
    // Worth its making where keys are likely to come again.
    if (copy && bytes.length > 1_024) this.scratch ??= new Scratch();
  }

  /**
   * The next value.
   *
   * @throws HappenError `HAPPEN_MALFORMED_FRAME` for what the scan leaves to the reader
   */
  value(): unknown {
    const first = this.bytes[this.position++] as number;
    if (first < 0x80) return first;
    if (first < 0x90) return this.object(first & 0x0f);
    if (first < 0xa0) return this.list(first & 0x0f);
    if (first < 0xc0) return this.text(first & 0x1f);
    if (first >= 0xe0) return first - 0x100;
    switch (first) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xcb:
        return this.float();
      case 0xcf:
        return this.length(4) * 0x100000000 + this.length(4);
      case 0xd0:
        return (this.length(1) << 24) >> 24;
      case 0xd1:
        return (this.length(2) << 16) >> 16;
      case 0xd2:
        return this.length(4) | 0;
      case 0xd3:
        return (this.length(4) | 0) * 0x100000000 + this.length(4);
    }
    if (first >= 0xd4 && first <= 0xd8) return this.extension(1 << (first - 0xd4));
    const length = this.length(widths[first - 0xc0] as number);
    if (first >= 0xde) return this.object(length);
    if (first >= 0xdc) return this.list(length);
    if (first >= 0xd9) return this.text(length);
    // An unsigned integer is what a length would be.
    if (first >= 0xcc) return length;
    return first >= 0xc7 ? this.extension(length) : this.binary(length);
  }

  private advance(bytes: number): number {
    const at = this.position;
    this.position = at + bytes;
    return at;
  }

  /** An unsigned integer of so many bytes. */
  private length(width: number): number {
    let length = 0;
    for (; width > 0; width--) length = length * 256 + (this.bytes[this.position++] as number);
    return length;
  }

  private float(): number {
    const { buffer, byteOffset } = this.bytes;
    this.view ??= new DataView(buffer, byteOffset);
    return this.view.getFloat64(this.advance(8));
  }

  private text(length: number): string {
    const start = this.advance(length);
    return readText(this.bytes, start, start + length);
  }

  private list(length: number): unknown[] {
    const items: unknown[] = [];
    for (let left = length; left > 0; left--) items.push(this.value());
    return items;
  }

  private object(size: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (let left = size; left > 0; left--) {
      const key = this.name() as string;
      object[key] = this.value();
    }
    return object;
  }

  /** The next value, which is likely to have come before: a key, or a name in an envelope. */
  name(): unknown {
    const { scratch, bytes, position } = this;
    const first = bytes[position] as number;
    if (scratch === undefined || first < 0xa1 || first > 0xbf) return this.value();
    const start = position + 1;
    const known = scratch.recall(bytes, start, first & 0x1f);
    if (known !== undefined) {
      this.position = start + known.length;
      return known;
    }
    const key = this.value() as string;
    scratch.remember(key, bytes, start, first & 0x1f);
    return key;
  }

  private binary(length: number, copy = this.copy): Uint8Array {
    const start = this.advance(length);
    // Not `subarray`, which takes twice the time.
    if (!copy) return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + start, length);
    const binary = new Uint8Array(length);
    // A loop spares what is short the view, which costs more than the copying.
    if (length > 64) binary.set(this.bytes.subarray(start, start + length));
    else for (let at = 0; at < length; at++) binary[at] = this.bytes[start + at] as number;
    return binary;
  }

  private extension(length: number): unknown {
    const type = (this.length(1) << 24) >> 24;
    switch (type) {
      case extensionTypes.timestamp:
        return this.timestamp(length);
      case extensionTypes.bigint:
        return this.bigint(length);
      case extensionTypes.map: {
        const flat = this.value() as unknown[];
        const map = new Map<unknown, unknown>();
        for (let index = 0; index < flat.length; index += 2) map.set(flat[index], flat[index + 1]);
        if (map.size * 2 !== flat.length) throw malformed('keys');
        return map;
      }
      case extensionTypes.set: {
        const flat = this.value() as unknown[];
        const set = new Set(flat);
        if (set.size !== flat.length) throw malformed('keys');
        return set;
      }
      case extensionTypes.error: {
        const wire = errorFromRecord(this.value());
        if (wire === undefined) throw malformed('extension', 'error');
        return errorFromWire(wire);
      }
      default: {
        const TypedArray = typedArrays[type - firstTypedArrayType] as Int8ArrayConstructor;
        const content = toWireOrder(this.binary(length, true), TypedArray.BYTES_PER_ELEMENT);
        return new TypedArray(content.buffer as ArrayBuffer, content.byteOffset, length / TypedArray.BYTES_PER_ELEMENT);
      }
    }
  }

  private timestamp(length: number): Date {
    if (length === 4) return new Date(this.length(4) * 1_000);
    const first = this.length(4);
    if (length === 8) return new Date(((first & 3) * 0x100000000 + this.length(4)) * 1_000 + (first >>> 2) / 1_000_000);
    return new Date(((this.length(4) | 0) * 0x100000000 + this.length(4)) * 1_000 + first / 1_000_000);
  }

  private bigint(length: number): bigint {
    const negative = this.length(1) === 1;
    let magnitude = 0n;
    let left = length - 1;
    for (; left % 4 > 0; left--) magnitude = (magnitude << 8n) | BigInt(this.length(1));
    for (; left > 0; left -= 4) magnitude = (magnitude << 32n) | BigInt(this.length(4));
    return negative ? -magnitude : magnitude;
  }
}
