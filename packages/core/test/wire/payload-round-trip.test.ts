import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkPayload } from '../../src/wire/check-payload.js';
import { toWireOrder } from '../../src/wire/extensions.js';
import { decodePayload, encodePayload } from '../../src/wire/payload-encoding.js';
import { scan } from '../../src/wire/scan.js';
import { Scratch } from '../../src/wire/scratch.js';
import { payload } from './arbitraries.js';

function roundTrip(value: unknown): unknown {
  return decodePayload(encodePayload(value));
}

describe('a payload', () => {
  test('arrives equal, and encodes again to the same bytes', () => {
    fc.assert(
      fc.property(payload, (value) => {
        const bytes = encodePayload(value);
        const arrived = decodePayload(bytes);
        expect(arrived).toEqual(value);
        expect(encodePayload(arrived)).toEqual(bytes);
      }),
      { numRuns: 1_000 },
    );
  });

  test('passes the check and the scan when it can be encoded', () => {
    fc.assert(
      fc.property(payload, (value) => {
        checkPayload(value);
        expect(scan(encodePayload(value), { maxItems: 100_000, maxDepth: 64 })).toBe(undefined);
      }),
      { numRuns: 500 },
    );
  });

  test('gives the same bytes and values with a scratch as without, one after another', () => {
    const scratch = new Scratch();
    fc.assert(
      fc.property(fc.array(payload, { maxLength: 5 }), (values) => {
        const kept = values.map((value) => encodePayload(value, undefined, scratch));
        expect(kept).toEqual(values.map((value) => encodePayload(value)));
        expect(kept.map((bytes) => decodePayload(bytes, undefined, scratch))).toEqual(values);
      }),
      { numRuns: 300 },
    );
  });

  test('may be encoded in the middle of encoding another with the same scratch', () => {
    const scratch = new Scratch();
    let inner: Uint8Array | undefined;
    const outer = {
      before: 'x'.repeat(50),
      get member() {
        inner = encodePayload({ inside: [1, 2, 3] }, undefined, scratch);
        return 'y'.repeat(50);
      },
      after: 'z'.repeat(50),
    };
    expect(encodePayload(outer, undefined, scratch)).toEqual(
      encodePayload({ before: 'x'.repeat(50), member: 'y'.repeat(50), after: 'z'.repeat(50) }),
    );
    expect(decodePayload(inner ?? new Uint8Array())).toEqual({ inside: [1, 2, 3] });
  });

  test('keeps undefined as a whole, and loses undefined members', () => {
    expect(encodePayload(undefined)).toEqual(new Uint8Array(0));
    expect(roundTrip(undefined)).toBe(undefined);
    const arrived = roundTrip({ a: 1, b: undefined, c: undefined, d: 2 });
    expect(Object.keys(arrived as object)).toEqual(['a', 'd']);
  });

  test('keeps the members that are left when dropped ones change the size of the header', () => {
    for (const [all, kept] of [
      [16, 15],
      [20, 3],
      [70_000, 65_535],
      [65_536, 0],
    ] as const) {
      const value = Object.fromEntries(
        Array.from({ length: all }, (_, index) => [`k${index}`, index < kept ? index : undefined]),
      );
      const limits = { maxFrameBytes: 2 ** 22, maxItems: 200_000, maxDepth: 64, maxPayloadBytes: 2 ** 22 };
      const arrived = decodePayload(encodePayload(value, limits), limits) as object;
      expect(Object.keys(arrived).length).toBe(kept);
    }
  });

  test('keeps the sign of zero', () => {
    expect(Object.is(roundTrip(-0), -0)).toBe(true);
    expect(Object.is(roundTrip(0), 0)).toBe(true);
  });

  test('keeps any order of members', () => {
    expect(Object.keys(roundTrip({ b: 1, a: 2, 10: 3, 9: 4 }) as object)).toEqual(['9', '10', 'b', 'a']);
  });

  test('keeps a byte order mark at the start of a long text', () => {
    const text = `\uFEFF${'x'.repeat(1_000)}`;
    expect(roundTrip(text)).toBe(text);
  });

  test('shares no memory with the bytes it came in', () => {
    const bytes = encodePayload({ a: new Uint8Array([1, 2, 3]), b: new Uint16Array([4, 5]) });
    const arrived = decodePayload(bytes) as { a: Uint8Array; b: Uint16Array };
    bytes.fill(0xff);
    expect(arrived).toEqual({ a: new Uint8Array([1, 2, 3]), b: new Uint16Array([4, 5]) });
    expect(arrived.a.buffer.byteLength).toBe(3);
  });

  test('is independent of later changes to the arrays it was made of', () => {
    const binary = new Float64Array([1, 2]);
    const bytes = encodePayload({ binary });
    binary.fill(9);
    expect(decodePayload(bytes)).toEqual({ binary: new Float64Array([1, 2]) });
  });

  test('arrives from a Buffer as a plain Uint8Array, and from a view as what the view showed', () => {
    const arrived = roundTrip({
      one: Buffer.from('abc'),
      two: new Uint16Array(new Uint16Array([1, 2, 3, 4]).buffer, 2, 2),
    });
    expect(arrived).toEqual({ one: new Uint8Array([97, 98, 99]), two: new Uint16Array([2, 3]) });
    expect(Object.getPrototypeOf((arrived as { one: object }).one)).toBe(Uint8Array.prototype);
  });

  test('is read from a Buffer like from any array', () => {
    const bytes = Buffer.from(encodePayload({ binary: new Uint8Array([1]), text: 'ü' }));
    const arrived = decodePayload(bytes) as { binary: Uint8Array };
    expect(arrived).toEqual({ binary: new Uint8Array([1]), text: 'ü' });
    expect(Object.getPrototypeOf(arrived.binary)).toBe(Uint8Array.prototype);
  });

  test('becomes plain objects, from an object without a prototype too', () => {
    const bare = Object.assign(Object.create(null) as object, { a: { b: 1 } });
    const arrived = roundTrip(bare) as { a: object };
    expect(Object.getPrototypeOf(arrived)).toBe(Object.prototype);
    expect(Object.getPrototypeOf(arrived.a)).toBe(Object.prototype);
  });

  test('holds dates to the ends of their range', () => {
    for (const time of [
      8.64e15,
      -8.64e15,
      -1,
      0,
      999,
      1_000,
      2 ** 32 * 1_000 - 1,
      2 ** 32 * 1_000,
      2 ** 34 * 1_000 - 1,
      2 ** 34 * 1_000,
    ]) {
      expect((roundTrip(new Date(time)) as Date).getTime()).toBe(time);
    }
  });

  test('holds bigints to the ends of their range', () => {
    for (const value of [2n ** 8192n - 1n, -(2n ** 8192n) + 1n, 0n, 255n, 256n, -1n])
      expect(roundTrip(value)).toBe(value);
  });

  test('reads each member once, so that a getter with a mind of its own can not break the bytes', () => {
    let reads = 0;
    const value = {
      first: 1,
      get second() {
        return reads++ % 2 === 0 ? 'there' : undefined;
      },
    };
    expect(roundTrip(value)).toEqual({ first: 1, second: 'there' });
    expect(roundTrip(value)).toEqual({ first: 1 });
  });

  test('carries errors with their causes and without their stacks', () => {
    const error = Object.assign(new RangeError('too far', { cause: new Error('inner') }), {
      code: 'E_FAR',
      details: { by: 3n },
    });
    const arrived = roundTrip({ error }) as { error: Error & { code: string; details: unknown } };
    expect(arrived.error).toBeInstanceOf(Error);
    expect([arrived.error.name, arrived.error.message, arrived.error.code, arrived.error.details]).toEqual([
      'RangeError',
      'too far',
      'E_FAR',
      { by: 3n },
    ]);
    expect((arrived.error.cause as Error).message).toBe('inner');
    expect(arrived.error.stack).toBe('RangeError: too far');
  });
});

test('elements of typed arrays are little-endian on the wire, whatever the host is', () => {
  expect(toWireOrder(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]), 4, true)).toEqual(
    new Uint8Array([4, 3, 2, 1, 8, 7, 6, 5]),
  );
  expect(toWireOrder(new Uint8Array([1, 2, 3, 4]), 2, false)).toEqual(new Uint8Array([1, 2, 3, 4]));
  expect([...encodePayload(new Uint16Array([0x0102]))]).toEqual([0xd5, 19, 0x02, 0x01]);
});
