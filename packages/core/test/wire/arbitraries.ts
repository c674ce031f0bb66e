import fc from 'fast-check';

const key = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.nat(99).map(String),
    fc.constantFrom('toString', 'hasOwnProperty', 'length', ''),
  )
  .filter((text) => !['__proto__', 'constructor', 'prototype'].includes(text));

const text = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ minLength: 250, maxLength: 300 }),
  fc.constantFrom('\uFEFFmarked', 'é'.repeat(24), 'a'.repeat(31), 'a'.repeat(32), '\u0000', '😀'.repeat(9)),
);

/** Numbers around every border of the integer forms, beside arbitrary ones. */
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc
    .tuple(fc.constantFrom(5, 7, 8, 15, 16, 31, 32, 52, 53, 63, 64), fc.integer({ min: -2, max: 2 }), fc.boolean())
    .map(([bits, off, negative]) => {
      const value = 2 ** bits + off;
      return negative ? -value : value;
    }),
  fc.constantFrom(
    0,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    0.5,
    Number.MIN_VALUE,
    Number.MAX_VALUE,
  ),
);

const typedArray = fc.oneof(
  fc.uint8Array(),
  fc.int8Array(),
  fc.uint8ClampedArray(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
);

const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  number,
  text,
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }),
  fc.date({ noInvalidDate: true }),
  typedArray,
);

const error = fc
  .tuple(
    fc.string({ maxLength: 20 }),
    fc.constantFrom('Error', 'TypeError', 'OutOfStock'),
    fc.option(fc.string(), { nil: undefined }),
  )
  .map(([message, name, code]) => {
    const made = new Error(message);
    Object.defineProperty(made, 'name', { value: name });
    return code === undefined ? made : Object.assign(made, { code });
  });

/** Any value that the profile has a place for. */
export const payload: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(
      key,
      fc.oneof({ weight: 9, arbitrary: tie('value') }, { weight: 1, arbitrary: fc.constant(undefined) }),
      { maxKeys: 20 },
    ),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 5 }).map((entries) => new Map(entries)),
    fc.array(tie('value'), { maxLength: 5 }).map((items) => new Set(items)),
    error,
  ),
})).value;

/** A value that may hold, anywhere in it, what has no place on a wire. */
export const dubiousPayload: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 6, arbitrary: scalar },
    {
      weight: 1,
      arbitrary: fc.constantFrom<unknown>(
        undefined,
        Symbol('s'),
        () => 1,
        new Date(Number.NaN),
        /x/,
        new WeakMap(),
        'half \ud800',
        new DataView(new ArrayBuffer(2)),
      ),
    },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 4 }) },
    {
      weight: 2,
      arbitrary: fc.dictionary(fc.oneof(key, fc.constantFrom('constructor', 'prototype', '\udfff')), tie('value'), {
        maxKeys: 4,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((entries) => new Map(entries)),
    },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }).map((items) => new Set(items)) },
  ),
})).value;
