import fc from 'fast-check';

/** Keys of an object, as a wire carries them. */
export const payloadKey: fc.Arbitrary<string> = fc
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

/** What holds nothing else. */
export const payloadScalar: fc.Arbitrary<unknown> = fc.oneof(
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

/**
 * Any payload that a wire has a place for: everything JSON has, members that are `undefined` (which a wire leaves out), every number and bigint, dates, typed
 * arrays, maps, sets, errors; strings of all alphabets and of the lengths at which their form changes. They shrink to `null`.
 *
 * @param limits.maxDepth how deep they nest at most. @default 4
 */
export function payload(limits: { readonly maxDepth?: number } = {}): fc.Arbitrary<unknown> {
  const { maxDepth = 4 } = limits;
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth, depthSize: 'small', withCrossShrink: true },
      payloadScalar,
      fc.array(tie('value'), { maxLength: 20 }),
      fc.dictionary(
        payloadKey,
        fc.oneof({ weight: 9, arbitrary: tie('value') }, { weight: 1, arbitrary: fc.constant(undefined) }),
        { maxKeys: 20 },
      ),
      fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 5 }).map((entries) => new Map(entries)),
      fc.array(tie('value'), { maxLength: 5 }).map((items) => new Set(items)),
      error,
    ),
  })).value;
}
