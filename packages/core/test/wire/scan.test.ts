import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HappenError } from '../../src/errors/happen-error.js';
import type { MalformedReason } from '../../src/wire/malformed.js';
import { decodePayload, encodePayload } from '../../src/wire/payload-encoding.js';
import { scan } from '../../src/wire/scan.js';
import { payload } from './arbitraries.js';

const limits = { maxItems: 100_000, maxDepth: 64 };

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

/** What the scan says of bytes, having checked that decoding says the same. */
function reasonFor(bytes: Uint8Array): MalformedReason | undefined {
  const reason = scan(bytes, limits);
  let thrown: unknown;
  try {
    decodePayload(bytes);
  } catch (error) {
    thrown = (error as HappenError).details['reason'];
  }
  if (bytes.length > 0) expect(thrown).toBe(reason);
  return reason;
}

describe('the scan refuses', () => {
  test.each<[string, string, MalformedReason]>([
    ['nothing at all', '', 'truncated'],
    ['an array that is cut off', '92 01', 'truncated'],
    ['an object that is cut off after a key', '81 a1 61', 'truncated'],
    ['an object that is cut off before a key', '82 a1 61 01', 'truncated'],
    ['a number that is cut off', 'cd 01', 'truncated'],
    ['a float that is cut off', 'cb 3f f8 00 00', 'truncated'],
    ['a header that is cut off', 'dd 00 01', 'truncated'],
    ['a text longer than what is there', 'a5 61 62', 'truncated'],
    ['a binary longer than what is there', 'c4 10 00', 'truncated'],
    ['a binary of 4 GB', 'c6 ff ff ff ff 00', 'truncated'],
    ['an array of four thousand million', 'dd ff ff ff ff', 'truncated'],
    ['an object of four thousand million', 'df ff ff ff ff', 'truncated'],
    ['an extension of 4 GB', 'c9 ff ff ff ff 10 00', 'truncated'],
    ['an extension without its type', 'd4', 'truncated'],
    ['bytes after the end', '01 02', 'trailing'],
    ['a second value', '90 90', 'trailing'],
    ['a bare continuation byte', 'a1 80', 'utf8'],
    ['an overlong form', 'a2 c0 af', 'utf8'],
    ['an overlong form of three bytes', 'a3 e0 80 af', 'utf8'],
    ['an overlong form of four bytes', 'a4 f0 80 80 af', 'utf8'],
    ['half of a surrogate pair', 'a3 ed a0 80', 'utf8'],
    ['a character beyond the last', 'a4 f4 90 80 80', 'utf8'],
    ['a byte that never stands in UTF-8', 'a1 ff', 'utf8'],
    ['a character that is cut off by the end of its text', '92 a2 61 e2 82', 'utf8'],
    ['a character whose second byte is none', 'a2 c3 28', 'utf8'],
    ['a character whose last byte is none', 'a3 e2 82 28', 'utf8'],
    ['an invalid key', '81 a1 ff 01', 'utf8'],
    ['a number as a key', '81 01 01', 'keys'],
    ['nil as a key', '81 c0 01', 'keys'],
    ['binary as a key', '81 c4 01 61 01', 'keys'],
    ['an array as a key', '81 90 01', 'keys'],
    ['a key that stands twice', '82 a1 61 01 a1 61 02', 'keys'],
    ['the key __proto__', `81 a9 ${hexOf('__proto__')} 80`, 'keys'],
    ['the key constructor', `81 ab ${hexOf('constructor')} 80`, 'keys'],
    ['the key prototype', `81 a9 ${hexOf('prototype')} 80`, 'keys'],
    ['a float32', 'ca 3f c0 00 00', 'form'],
    ['the byte that is reserved', 'c1', 'form'],
    ['a whole number as a float', 'cb 3f f0 00 00 00 00 00 00', 'form'],
    ['zero as a float', 'cb 00 00 00 00 00 00 00 00', 'form'],
    ['2^53-1 as a float', 'cb 43 3f ff ff ff ff ff ff', 'form'],
    ['-2^31 as a float', 'cb c1 e0 00 00 00 00 00 00', 'form'],
    ['a NaN of another kind', 'cb 7f f8 00 00 00 00 00 01', 'form'],
    ['a negative NaN', 'cb ff f8 00 00 00 00 00 00', 'form'],
    ['a uint8 that fits the first byte', 'cc 7f', 'form'],
    ['a uint16 that fits a uint8', 'cd 00 ff', 'form'],
    ['a uint32 that fits a uint16', 'ce 00 00 ff ff', 'form'],
    ['a uint64 that fits a uint32', 'cf 00 00 00 00 ff ff ff ff', 'form'],
    ['a uint64 beyond 2^53-1', 'cf 00 20 00 00 00 00 00 00', 'form'],
    ['an int8 that fits the first byte', 'd0 e0', 'form'],
    ['a positive int8', 'd0 01', 'form'],
    ['an int16 that fits an int8', 'd1 ff 80', 'form'],
    ['an int32 that fits an int16', 'd2 ff ff 80 00', 'form'],
    ['a positive int32', 'd2 00 00 00 01', 'form'],
    ['an int64 that fits an int32', 'd3 ff ff ff ff 80 00 00 00', 'form'],
    ['an int64 beyond -(2^53-1)', 'd3 ff e0 00 00 00 00 00 00', 'form'],
    ['a positive int64', 'd3 00 00 00 01 00 00 00 00', 'form'],
    ['a str8 that fits the first byte', `d9 1f ${'61'.repeat(31)}`, 'form'],
    ['a str16 that fits a str8', `da 00 ff ${'61'.repeat(255)}`, 'form'],
    ['a str32 that fits a str16', `db 00 00 01 00 ${'61'.repeat(256)}`, 'form'],
    ['a bin16 that fits a bin8', 'c5 00 01 00', 'form'],
    ['a bin32 that fits a bin16', `c6 00 00 01 00 ${'00'.repeat(256)}`, 'form'],
    ['an array16 that fits the first byte', 'dc 00 01 01', 'form'],
    ['an array32 that fits an array16', `dd 00 00 00 10 ${'01'.repeat(16)}`, 'form'],
    ['a map16 that fits the first byte', 'de 00 01 a1 61 01', 'form'],
    ['a map32 that fits a map16', 'df 00 00 00 01 a1 61 01', 'form'],
    ['an ext8 that has a fixed form', 'c7 04 ff 00 00 00 00', 'form'],
    ['an ext16 that fits an ext8', 'c8 00 03 10 00 00 00', 'form'],
    ['an ext32 that fits an ext16', 'c9 00 00 00 03 10 00 00 00', 'form'],
    ['an unknown extension', 'd4 05 00', 'extension'],
    ['an unknown extension of the library', 'd4 7f 00', 'extension'],
    ['an unknown negative extension', 'd4 fe 00', 'extension'],
    ['extension 0', 'd4 00 00', 'extension'],
    ['half an element', 'c7 03 12 00 00 00', 'extension'],
    ['a bigint without a sign', 'c7 00 01', 'extension'],
    ['a bigint with a strange sign', 'd5 01 02 01', 'extension'],
    ['a bigint with a leading zero', 'c7 03 01 00 00 01', 'extension'],
    ['a negative zero of a bigint', 'd4 01 01', 'extension'],
    ['a bigint too long', `c8 04 02 01 00 ${'01'.repeat(1025)}`, 'extension'],
    ['a Map that is no array', 'd4 02 01', 'extension'],
    ['a Map without content', 'c7 00 02', 'extension'],
    ['a Map with a key but no value', 'd5 02 91 01', 'extension'],
    ['a Map with more after it', 'd5 02 90 01', 'extension'],
    ['a Map that is cut off', 'd5 02 92 01', 'truncated'],
    ['a Map with one key twice', 'c7 05 02 94 01 01 01 02', 'keys'],
    ['a Set that is an object', 'd4 03 80', 'extension'],
    ['a Set with one value twice', 'c7 03 03 92 01 01', 'keys'],
    ['an Error that is an object', 'd4 04 80', 'extension'],
    ['an Error without its fields', 'd4 04 90', 'extension'],
    ['a timestamp of another length', 'd5 ff 00 00', 'extension'],
    ['a timestamp64 that fits a timestamp32', 'd7 ff 00 00 00 00 00 00 00 01', 'extension'],
    ['a timestamp of a thousand million nanoseconds', 'd7 ff ee 6b 28 00 00 00 00 01', 'extension'],
    ['a timestamp finer than a millisecond', 'd7 ff 00 00 00 04 00 00 00 01', 'extension'],
    ['a timestamp96 that fits a timestamp64', 'c7 0c ff 00 00 00 00 00 00 00 00 00 00 00 01', 'extension'],
    ['a timestamp beyond what Date can say', 'c7 0c ff 00 00 00 00 7f ff ff ff ff ff ff ff', 'extension'],
  ])('%s', (_name, hex, reason) => {
    const bytes = bytesOf(hex);
    if (reason === 'keys' && hex.startsWith('c7')) {
      // What repeats in a Map or a Set is only seen when it is built.
      expect(scan(bytes, limits)).toBe(undefined);
      expect(() => decodePayload(bytes)).toThrow(
        expect.objectContaining({ code: 'HAPPEN_MALFORMED_FRAME', details: { reason } }),
      );
    } else if (hex === 'd4 04 90') {
      expect(scan(bytes, limits)).toBe(undefined);
      expect(() => decodePayload(bytes)).toThrow(
        expect.objectContaining({ code: 'HAPPEN_MALFORMED_FRAME', details: { reason, field: 'error' } }),
      );
    } else {
      expect(reasonFor(bytes)).toBe(reason);
    }
  });

  test('more levels than allowed, of every kind of container', () => {
    for (const [open, close] of [
      ['91', 'c0'],
      ['81 a1 61', 'c0'],
    ] as const) {
      expect(reasonFor(bytesOf(`${open.repeat(64)}${close}`))).toBe(undefined);
      expect(reasonFor(bytesOf(`${open.repeat(65)}${close}`))).toBe('depth');
      expect(reasonFor(bytesOf(`${open.repeat(100_000)}${close}`))).toBe('depth');
    }
    const sets = (levels: number): Uint8Array => {
      let bytes = [0xc0];
      for (let level = 0; level < levels; level++) {
        const length = bytes.length + 1;
        const fixed = [1, 2, 4, 8, 16].indexOf(length);
        const header = fixed >= 0 ? [0xd4 + fixed] : length < 256 ? [0xc7, length] : [0xc8, length >> 8, length & 0xff];
        bytes = [...header, 3, 0x91, ...bytes];
      }
      return Uint8Array.from(bytes);
    };
    expect(reasonFor(sets(64))).toBe(undefined);
    expect(reasonFor(sets(65))).toBe('depth');
  });

  test('more values than allowed', () => {
    expect(reasonFor(bytesOf(`dd 00 01 86 9f ${'01'.repeat(99_999)}`))).toBe(undefined);
    expect(reasonFor(bytesOf(`dd 00 01 86 a0 ${'01'.repeat(100_000)}`))).toBe('items');
  });

  test('arrays in arrays that each declare as much as they could', () => {
    // Each header claims all the bytes behind it: what made a decoder allocate gigabytes.
    const bomb = new Uint8Array(500_000);
    for (let at = 0; at + 5 <= bomb.length; at += 5) new DataView(bomb.buffer).setUint32(at + 1, bomb.length - at - 5);
    for (let at = 0; at + 5 <= bomb.length; at += 5) bomb[at] = 0xdd;
    expect(reasonFor(bomb)).toBe('depth');
  });

  test('a key that stands twice among very many', () => {
    const keys = Array.from({ length: 1_000 }, (_, index) => `key${index}`);
    const distinct = encodePayload(Object.fromEntries(keys.map((key) => [key, 1])));
    expect(reasonFor(distinct)).toBe(undefined);
    const text = Buffer.from(distinct).toString('latin1');
    expect(reasonFor(Uint8Array.from(Buffer.from(text.replace('key998', 'key999'), 'latin1')))).toBe('keys');
  });
});

test('the scan takes equal keys in different objects, inside each other and beside each other', () => {
  const value = { a: { a: { a: 1 }, b: 1 }, b: [{ a: 1, b: 2 }, { a: 1 }], c: { b: 1, a: 1, c: 1 } };
  expect(scan(encodePayload(value), limits)).toBe(undefined);
});

test('the scan takes whatever the library writes in the forms the profile allows', () => {
  const json = fc
    .jsonValue({ maxDepth: 4, stringUnit: 'grapheme' })
    .filter((value) => !/"(?:__proto__|constructor|prototype)":/.test(JSON.stringify(value)));
  fc.assert(
    fc.property(json, (value) => {
      // The library writes -0 as an integer.
      const bytes = encode(JSON.parse(JSON.stringify(value)));
      expect(scan(bytes, limits)).toBe(undefined);
    }),
    { numRuns: 500 },
  );
});

test('what the scan takes is read, and encodes to just these bytes unless members come in another order', () => {
  let read = 0;
  fc.assert(
    fc.property(
      payload,
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 2 }),
      (value, edits) => {
        const bytes = encodePayload(value);
        for (const [at, byte] of edits) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        if (scan(bytes, limits) !== undefined) return;
        let arrived: unknown;
        try {
          arrived = decodePayload(bytes);
        } catch (error) {
          // Only what the scan leaves to the reader.
          expect(['keys', 'extension']).toContain((error as HappenError).details['reason']);
          return;
        }
        read++;
        expect(encodePayload(arrived).length).toBe(bytes.length);
      },
    ),
    { numRuns: 3_000 },
  );
  expect(read).toBeGreaterThan(500);
});

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex');
}
