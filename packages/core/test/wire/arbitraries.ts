import fc from 'fast-check';
// The file, not the package: packages/testing needs core, and not the other way round.
import { payload as payloads, payloadKey, payloadScalar } from '../../../testing/src/arbitraries/payload.js';

/** Any value that the profile has a place for. */
export const payload: fc.Arbitrary<unknown> = payloads();

/** A value that may hold, anywhere in it, what has no place on a wire. */
export const dubiousPayload: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 6, arbitrary: payloadScalar },
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
      arbitrary: fc.dictionary(
        fc.oneof(payloadKey, fc.constantFrom('constructor', 'prototype', '\udfff')),
        tie('value'),
        {
          maxKeys: 4,
        },
      ),
    },
    {
      weight: 1,
      arbitrary: fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((entries) => new Map(entries)),
    },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }).map((items) => new Set(items)) },
  ),
})).value;
