import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorCodes } from '../../src/errors/error-codes.js';
import { HappenError, isHappenError } from '../../src/errors/happen-error.js';
import { errorFromWire, errorToWire } from '../../src/wire/error-encoding.js';
import { encodeFrame } from '../../src/wire/frame.js';
import { errorFromRecord, errorRecord } from '../../src/wire/error-record.js';
import type { WireError } from '../../src/wire/messages.js';
import { dubiousPayload } from './arbitraries.js';

/** What arrives of a thrown value, having gone through bytes. */
function cross(thrown: unknown): Error {
  const wire = errorToWire(thrown);
  expect(errorFromRecord(errorRecord(wire))).toEqual(wire);
  encodeFrame({ from: 'i', sequence: 1, messages: [{ kind: 'failure', request: 1, error: wire }] });
  return errorFromWire(wire);
}

function hostile(name: string): never {
  throw new Error(`${name} was read`);
}

describe('an error that crosses', () => {
  test('is a HappenError again, with code, details and cause, for each known code', () => {
    for (const code of Object.keys(errorCodes) as (keyof typeof errorCodes)[]) {
      const arrived = cross(
        new HappenError(code, 'What happened.', { details: { id: 'a', at: new Date(1) }, cause: new TypeError('why') }),
      );
      expect(arrived).toBeInstanceOf(HappenError);
      expect(isHappenError(arrived, code)).toBe(true);
      expect(arrived).toMatchObject({ message: 'What happened.', details: { id: 'a', at: new Date(1) } });
      expect((arrived as HappenError).transient).toBe(errorCodes[code].transient);
      expect(arrived.cause).toMatchObject({ name: 'TypeError', message: 'why' });
    }
  });

  test('has no cause when there was none', () => {
    expect('cause' in cross(new HappenError('HAPPEN_TIMEOUT', 'Late.'))).toBe(false);
    expect('cause' in cross(new Error('x'))).toBe(false);
  });

  test('is a plain Error with the name when its code is of a later version', () => {
    const arrived = errorFromWire({
      name: 'HappenError',
      message: 'm',
      code: 'HAPPEN_FROM_TOMORROW',
      details: { a: 1 },
      cause: undefined,
    });
    expect(arrived).not.toBeInstanceOf(HappenError);
    expect(isHappenError(arrived)).toBe(false);
    expect(arrived).toMatchObject({
      name: 'HappenError',
      message: 'm',
      code: 'HAPPEN_FROM_TOMORROW',
      details: { a: 1 },
    });
  });

  test('is no HappenError because it names one of its codes', () => {
    const arrived = cross(Object.assign(new Error('m'), { code: 'HAPPEN_TIMEOUT' }));
    expect(arrived).not.toBeInstanceOf(HappenError);
    expect(arrived).toMatchObject({ name: 'Error', code: 'HAPPEN_TIMEOUT' });
  });

  test('is not fooled by a code that every object has', () => {
    expect(
      errorFromWire({ name: 'HappenError', message: 'm', code: 'toString', details: undefined, cause: undefined }),
    ).not.toBeInstanceOf(HappenError);
  });

  test('leaves its stack at home, and gives the receiver a stack that says what it is', () => {
    const error = new TypeError('m');
    expect(JSON.stringify(errorToWire(error))).not.toContain('errors.test');
    expect(cross(error).stack).toBe('TypeError: m');
    expect(cross(new HappenError('HAPPEN_CLOSED', 'm')).stack).toBe('HappenError: m');
    expect(new Error('afterwards').stack).toContain('errors.test');
  });

  test('has a name and code that are not listed among its data', () => {
    expect(Object.keys(cross(new RangeError('m')))).toEqual([]);
  });

  test('cuts a message that is too long, and says so', () => {
    const { message } = cross(new Error('😀'.repeat(10_000)));
    expect(message.length).toBe(8_192);
    expect(message.endsWith('… (cut)')).toBe(true);
    expect(message).not.toMatch(/[\uD800-\uDFFF]/u);
  });

  test('replaces halves of surrogate pairs', () => {
    expect(cross(new Error('a\ud800b')).message).toBe('a\ufffdb');
  });

  test('keeps eight errors of a chain, also of one that bites its tail', () => {
    const error = new Error('0') as Error & { cause: unknown };
    error.cause = error;
    let depth = 0;
    for (let at: unknown = cross(error); at !== undefined; at = (at as Error).cause) depth++;
    expect(depth).toBe(8);
  });

  test('loses the details that can not be encoded, and no others', () => {
    const arrived = cross(
      new HappenError('HAPPEN_HANDLER_FAILED', 'm', {
        details: {
          good: [1],
          bad: () => 1,
          half: '\ud800',
          huge: 'x'.repeat(20_000),
          error: new TypeError('inner'),
          nothing: undefined,
          deep: { a: [new Error('x')] },
          also: 2n,
        },
      }),
    );
    expect((arrived as HappenError).details).toEqual({ good: [1], error: 'TypeError: inner', also: 2n });
  });

  test('survives a details that is no object, or has forbidden keys', () => {
    for (const details of [1, 'text', [1], null, new Date(), JSON.parse('{"__proto__":{"a":1},"constructor":1}')]) {
      expect('details' in cross(Object.assign(new Error('m'), { details }))).toBe(false);
    }
  });

  test('keeps a code only when it is text', () => {
    expect(cross(Object.assign(new Error('m'), { code: 'ENOENT' }))).toMatchObject({ code: 'ENOENT' });
    expect('code' in cross(Object.assign(new Error('m'), { code: 5 }))).toBe(false);
  });
});

describe('what is thrown and is no error', () => {
  test.each<[string, unknown, Partial<WireError>]>([
    ['a text', 'went wrong', { name: 'Error', message: 'went wrong' }],
    ['an empty text', '', { name: 'Error', message: '' }],
    ['undefined', undefined, { name: 'Error', message: 'undefined' }],
    ['null', null, { name: 'Error', message: 'null' }],
    ['a number', 5, { name: 'Error', message: '5' }],
    ['a bigint', 5n, { name: 'Error', message: '5' }],
    ['a symbol', Symbol('why'), { name: 'Error', message: 'Symbol(why)' }],
    [
      'an object with data',
      { status: 404 },
      { name: 'Error', message: 'A value that is no error was thrown.', details: { thrown: { status: 404 } } },
    ],
    [
      'an object that looks like an error',
      { name: 'Odd', message: 'm', code: 'C' },
      { name: 'Odd', message: 'm', code: 'C' },
    ],
    ['a frozen error', Object.freeze(new Error('m')), { name: 'Error', message: 'm' }],
    [
      'an object without a prototype',
      Object.assign(Object.create(null) as object, { a: 1 }),
      { message: 'A value that is no error was thrown.', details: { thrown: { a: 1 } } },
    ],
    ['an error whose message is no text', Object.assign(new Error('m'), { message: 5 }), { name: 'Error' }],
    ['an error without a name', Object.assign(new Error('m'), { name: '' }), { name: 'Error', message: 'm' }],
    ['a promise', Promise.resolve(), { message: 'A value that is no error was thrown.' }],
    ['an array', [1], { details: { thrown: [1] } }],
  ])('%s becomes one', (_name, thrown, expected) => {
    expect(errorToWire(thrown)).toMatchObject(expected);
    expect(cross(thrown)).toBeInstanceOf(Error);
  });

  test('a function becomes one', () => {
    expect(cross(function why() {}).message).toContain('why');
  });

  test('an object whose every property throws becomes one', () => {
    const thrown = {
      get name() {
        return hostile('name');
      },
      get message() {
        return hostile('message');
      },
      get code() {
        return hostile('code');
      },
      get details() {
        return hostile('details');
      },
      get cause() {
        return hostile('cause');
      },
      toString: () => hostile('toString'),
    };
    expect(errorToWire(thrown)).toMatchObject({ name: 'Error', message: 'A value that is no error was thrown.' });
    expect(cross(thrown)).toBeInstanceOf(Error);
  });

  test('a function that has no text, and a proxy that refuses everything, become one', () => {
    expect(cross(Object.assign(() => 1, { toString: () => hostile('toString') })).message).toBe(
      'A value that has no text was thrown.',
    );
    const refusing = (target: object): object =>
      new Proxy(
        target,
        Object.fromEntries(
          Reflect.ownKeys(Reflect).map((trap) => [trap, () => hostile(String(trap))]),
        ) as ProxyHandler<object>,
      );
    expect(cross(refusing({}))).toBeInstanceOf(Error);
    expect(cross(refusing(new Error('m')))).toBeInstanceOf(Error);
    expect(cross(Object.assign(new Error('m'), { details: refusing({}), cause: refusing({}) }))).toBeInstanceOf(Error);
  });

  test('anything else, on its own or as details or cause, crosses as an error', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          dubiousPayload,
          fc.anything({
            withBigInt: true,
            withDate: true,
            withMap: true,
            withSet: true,
            withSparseArray: true,
            withNullPrototype: true,
          }),
        ),
        (value) => {
          expect(cross(value)).toBeInstanceOf(Error);
          expect(
            cross(Object.assign(new Error('m', { cause: value }), { details: value, code: value })),
          ).toBeInstanceOf(Error);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

test('a record that is no error is not taken for one', () => {
  const good = ['Error', 'm', null, null, null];
  expect(errorFromRecord(good)).toBeDefined();
  const nestedTooDeep = Array.from({ length: 8 }).reduce<unknown>((cause) => ['Error', 'm', null, null, cause], good);
  for (const record of [
    null,
    {},
    [],
    good.slice(1),
    [...good, null],
    ['', 'm', null, null, null],
    ['Error', 5, null, null, null],
    ['Error', 'x'.repeat(8_193), null, null, null],
    ['Error', 'm', 5, null, null],
    ['Error', 'm', null, [], null],
    ['Error', 'm', null, new Date(), null],
    ['Error', 'm', null, null, 'cause'],
    ['Error', 'm', null, null, ['Error']],
    nestedTooDeep,
  ]) {
    expect(errorFromRecord(record)).toBe(undefined);
  }
});
