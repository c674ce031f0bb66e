import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HappenError } from '../../src/errors/happen-error.js';
import { checkPayload } from '../../src/wire/check-payload.js';
import { defaultWireLimits } from '../../src/wire/limits.js';
import { decodePayload, encodePayload } from '../../src/wire/payload-encoding.js';
import { dubiousPayload, payload } from './arbitraries.js';

function failure(run: () => unknown): HappenError {
  try {
    run();
  } catch (error) {
    if (error instanceof HappenError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

/** How the encoder and the check refuse a value; they must agree. */
function refusal(value: unknown): { code: string; path: unknown; message: string } {
  const [encoding, check] = [failure(() => encodePayload(value)), failure(() => checkPayload(value))];
  expect({ code: encoding.code, message: encoding.message, details: encoding.details }).toEqual({
    code: check.code,
    message: check.message,
    details: check.details,
  });
  return { code: encoding.code, path: encoding.details['path'], message: encoding.message };
}

class Order {
  id = 1;
}

class Sly {
  get [Symbol.toStringTag]() {
    return 'Map';
  }
}

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { in: value };
  return value;
}

const circular: Record<string, unknown> = { name: 'a' };
circular['self'] = circular;

describe('a payload is refused, and its path named, when it holds', () => {
  test.each<[string, unknown, string, string]>([
    ['an invalid Date', { items: [1, 2, 3, { when: new Date(Number.NaN) }] }, 'payload.items[3].when', 'invalid Date'],
    ['a function', { a: { call: () => 1 } }, 'payload.a.call', 'a function'],
    ['a method', { call() {} }, 'payload.call', 'a function'],
    ['a symbol', [Symbol('x')], 'payload[0]', 'a symbol'],
    ['a symbol as a key', { a: { [Symbol('x')]: 1 } }, 'payload.a', 'symbol as a key'],
    ['undefined in an array', { list: [1, undefined] }, 'payload.list[1]', 'undefined'],
    ['a hole in an array', { list: [1, , 3] }, 'payload.list[1]', 'undefined'], // biome-ignore lint/suspicious/noSparseArray: the hole is the point
    ['undefined in a Map', new Map([['a', undefined]]), 'payload.entries()[0][1]', 'undefined'],
    ['undefined in a Set', new Set([undefined]), 'payload.values()[0]', 'undefined'],
    ['a function as a key of a Map', { m: new Map([[() => 1, 1]]) }, 'payload.m.entries()[0][0]', 'a function'],
    ['an instance of a class', { order: new Order() }, 'payload.order', 'an instance of Order'],
    ['an instance of a nameless class', { order: new (class {})() }, 'payload.order', 'an instance of a class'],
    ['an instance of a subclass of Map', new (class Index extends Map {})(), 'payload', 'an instance of Index'],
    ['an instance of a subclass of Date', new (class Day extends Date {})(), 'payload', 'an instance of Day'],
    ['an instance of a subclass of Array', [new (class Stack extends Array {})()], 'payload[0]', 'subclass of Array'],
    ['a regular expression', [/x/], 'payload[0]', 'an instance of RegExp'],
    ['a promise', { later: Promise.resolve() }, 'payload.later', 'an instance of Promise'],
    ['a boxed string', [Object('x')], 'payload[0]', 'an instance of String'],
    ['a boxed number', [Object(1)], 'payload[0]', 'an instance of Number'],
    ['a boxed bigint', [Object(1n)], 'payload[0]', 'an instance of BigInt'],
    ['an ArrayBuffer', [new ArrayBuffer(1)], 'payload[0]', 'an instance of ArrayBuffer'],
    ['a DataView', [new DataView(new ArrayBuffer(1))], 'payload[0]', 'an instance of DataView'],
    ['a WeakMap', [new WeakMap()], 'payload[0]', 'an instance of WeakMap'],
    ['a generator', [(function* () {})()], 'payload[0]', 'an instance of'],
    ['half of a surrogate pair', { name: 'x\ud83d' }, 'payload.name', 'surrogate'],
    ['half of a surrogate pair in a long text', { name: `${'x'.repeat(100)}\ude00` }, 'payload.name', 'surrogate'],
    ['half of a surrogate pair in a key', { '\ud83d': 1 }, 'payload["\\ud83d"]', 'surrogate'],
    ['the key constructor', { a: [{ constructor: 1 }] }, 'payload.a[0].constructor', 'not allowed'],
    ['the key prototype', { prototype: 1 }, 'payload.prototype', 'not allowed'],
    ['the key __proto__', JSON.parse('{"a":{"__proto__":{"b":1}}}'), 'payload.a.__proto__', 'not allowed'],
    ['a key that needs quotes', { 'a b': { 0: [() => 1] } }, 'payload["a b"]["0"][0]', 'a function'],
    ['itself', circular, `payload${'.self'.repeat(64)}`, 'contains itself'],
    ['too many levels', nested(65), `payload${'[0].in'.repeat(32)}`, 'too deeply'],
    ['a bigint too large', [2n ** 8192n], 'payload[0]', 'bigint of more than 1024 bytes'],
    ['a negative bigint too large', [-(2n ** 8192n)], 'payload[0]', 'bigint of more than 1024 bytes'],
    ['an object of a class that calls itself a Map', new Sly(), 'payload', 'an instance of Sly'],
  ])('%s', (_name, value, path, what) => {
    const refused = refusal(value);
    expect(refused.code).toBe('HAPPEN_NOT_SERIALISABLE');
    expect(refused.path).toBe(path);
    expect(refused.message).toContain(`${path} `);
    expect(refused.message).toContain(what);
  });

  test('a getter that throws', () => {
    const cause = new Error('no');
    const error = failure(() =>
      encodePayload({
        a: [
          {
            get b(): never {
              throw cause;
            },
          },
        ],
      }),
    );
    expect([error.code, error.details['path'], error.cause]).toEqual([
      'HAPPEN_NOT_SERIALISABLE',
      'payload.a[0].b',
      cause,
    ]);
  });

  test('a proxy that refuses everything', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(refusal({ a: proxy })).toMatchObject({ code: 'HAPPEN_NOT_SERIALISABLE', path: 'payload.a' });
  });

  test('a function only when it is read for the first time', () => {
    let reads = 0;
    const error = failure(() =>
      encodePayload({
        get a() {
          return reads++ === 0 ? () => 1 : 1;
        },
      }),
    );
    expect([error.code, error.message]).toEqual(['HAPPEN_NOT_SERIALISABLE', 'payload changed while it was read.']);
  });
});

describe('a payload is too large', () => {
  const small = { ...defaultWireLimits, maxPayloadBytes: 1_000, maxItems: 50 };

  test.each<[string, unknown, string]>([
    ['when its text is', 'x'.repeat(1_001), 'bytes'],
    ['when its binary is', new Uint8Array(1_001), 'bytes'],
    ['when a typed array is', new Float64Array(126), 'bytes'],
    ['when all of it together is', Array.from({ length: 40 }, () => 'x'.repeat(30)), 'bytes'],
    ['when it holds too many values', Array.from({ length: 50 }, () => 1), 'items'],
    [
      'when it holds too many keys',
      Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`k${index}`, 1])),
      'items',
    ],
  ])('%s', (_name, value, unit) => {
    for (const run of [() => encodePayload(value, small), () => checkPayload(value, 'payload', small)]) {
      const error = failure(run);
      expect(error.code).toBe('HAPPEN_PAYLOAD_TOO_LARGE');
      expect(error.details).toEqual({ path: 'payload', unit, limit: unit === 'bytes' ? 1_000 : 50 });
    }
  });

  test('by a single byte, and not by none', () => {
    const limits = { ...defaultWireLimits, maxPayloadBytes: 103 };
    expect(encodePayload(['x'.repeat(100)], limits).length).toBe(103);
    expect(failure(() => encodePayload(['x'.repeat(101)], limits)).code).toBe('HAPPEN_PAYLOAD_TOO_LARGE');
    expect(failure(() => encodePayload(['é'.repeat(51)], limits)).code).toBe('HAPPEN_PAYLOAD_TOO_LARGE');
  });

  test('when values that are shared would be written ever so often', () => {
    let value: unknown = [1];
    for (let level = 0; level < 60; level++) value = [value, value];
    expect(refusal(value).code).toBe('HAPPEN_PAYLOAD_TOO_LARGE');
  });

  test('when an array is almost endless', () => {
    const endless = new Proxy([], {
      get: (target, key) => (key === 'length' ? 2 ** 32 - 1 : Reflect.get(target, key)) || 1,
    });
    expect(failure(() => encodePayload(endless)).code).toBe('HAPPEN_PAYLOAD_TOO_LARGE');
  });
});

test('64 levels are taken', () => {
  expect(decodePayload(encodePayload(nested(64)))).toEqual(nested(64));
  checkPayload(nested(64));
});

test('the check refuses just what the encoder refuses, in the same place', () => {
  fc.assert(
    fc.property(fc.oneof(dubiousPayload, payload), (value) => {
      const outcome = (run: () => unknown): unknown => {
        try {
          run();
          return 'sound';
        } catch (error) {
          return (error as HappenError).details;
        }
      };
      expect(outcome(() => checkPayload(value))).toEqual(outcome(() => encodePayload(value)));
    }),
    { numRuns: 2_000 },
  );
});

test('the check counts values as the encoder does', () => {
  fc.assert(
    fc.property(payload, fc.integer({ min: 1, max: 30 }), (value, maxItems) => {
      const limits = { ...defaultWireLimits, maxItems };
      const isSound = (run: () => unknown): boolean => {
        try {
          run();
          return true;
        } catch {
          return false;
        }
      };
      const encodes = isSound(() => encodePayload(value, limits));
      expect(isSound(() => checkPayload(value, 'payload', limits))).toBe(encodes);
      expect(isSound(() => decodePayload(encodePayload(value), limits))).toBe(encodes);
    }),
    { numRuns: 500 },
  );
});

test('values of another realm are taken for what they are', () => {
  const foreign = runInNewContext(
    '({ object: { a: 1 }, array: [1], date: new Date(5), map: new Map([[1, 2]]), set: new Set([3]), error: new TypeError("x"), bytes: new Uint8Array([1]), floats: new Float32Array([2]) })',
  ) as Record<string, unknown>;
  const arrived = decodePayload(encodePayload(foreign)) as Record<string, unknown>;
  expect(arrived).toEqual({
    object: { a: 1 },
    array: [1],
    date: new Date(5),
    map: new Map([[1, 2]]),
    set: new Set([3]),
    error: expect.objectContaining({ message: 'x', name: 'TypeError' }),
    bytes: new Uint8Array([1]),
    floats: new Float32Array([2]),
  });
  expect(refusal({ r: runInNewContext('/x/') }).path).toBe('payload.r');
  expect(refusal({ c: runInNewContext('new (class Foreign {})()') }).path).toBe('payload.c');
});

test('another name can be given to what is checked', () => {
  expect(failure(() => checkPayload([() => 1], 'reply')).message).toContain('reply[0] is a function');
});
