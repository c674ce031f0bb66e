import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEvent, encodeEvent } from '../../src/wire/event-encoding.js';
import { decodePayload, encodePayload } from '../../src/wire/payload-encoding.js';
import { payload } from './arbitraries.js';
import { libraryDecode, libraryEncode } from './library-codec.js';
import { sampleEvent, sha256 } from './samples.js';

/** The library writes -0 as the integer 0, and Set and Map elements too. */
const withoutNegativeZero = payload.filter((value) => !holdsNegativeZero(value));

function holdsNegativeZero(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Object.is(value, -0);
  if (ArrayBuffer.isView(value)) return false;
  const inner = value instanceof Map ? [...value].flat(1) : value instanceof Set ? [...value] : Object.values(value);
  return inner.some(holdsNegativeZero);
}

test('the encoder writes what the library writes', () => {
  fc.assert(
    fc.property(withoutNegativeZero, (value) => {
      expect(encodePayload(value)).toEqual(libraryEncode(value));
    }),
    { numRuns: 1_000 },
  );
});

test('the decoder reads what the library reads', () => {
  fc.assert(
    fc.property(payload, (value) => {
      const bytes = encodePayload(value);
      expect(libraryDecode(bytes)).toEqual(decodePayload(bytes));
    }),
    { numRuns: 500 },
  );
});

test('an event is an array that the library reads and writes alike', () => {
  fc.assert(
    fc.property(withoutNegativeZero, (value) => {
      const { bytes } = encodeEvent({ ...sampleEvent, payload: value }, undefined, sha256);
      expect(libraryEncode(libraryDecode(bytes))).toEqual(bytes);
      expect(decodeEvent({ bytes, hash: sha256(bytes), integrity: undefined }, sha256).payload).toEqual(value);
    }),
    { numRuns: 300 },
  );
});
