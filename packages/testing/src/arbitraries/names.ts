import fc from 'fast-check';
import { unusualNames } from '../contract/unusual-names.js';

const segment = fc.oneof(
  { withCrossShrink: true },
  { weight: 4, arbitrary: fc.constantFrom('order', 'stock', 'payment', 'created', 'failed') },
  { weight: 2, arbitrary: fc.stringMatching(/^[a-z][a-z0-9-]{0,11}$/) },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => !/[.*{},]/.test(text) && text.length > 0),
  },
);

/**
 * Types of events that any node may emit: one to five segments, parted by dots, mostly words of a few letters so that two of
 * them meet. They shrink to `order`.
 */
export function eventType(): fc.Arbitrary<string> {
  return fc
    .array(segment, { minLength: 1, maxLength: 5 })
    .map((segments) => segments.join('.'))
    .filter((type) => !/^(node|system)\./.test(type) && type.length <= 512);
}

/**
 * Patterns that `on` takes and that don't match the framework's own events: types in which segments are `*`, `**` or
 * alternatives. They shrink to a type.
 */
export function pattern(): fc.Arbitrary<string> {
  const part = fc.oneof(
    { withCrossShrink: true },
    { weight: 4, arbitrary: segment },
    { weight: 1, arbitrary: fc.constant('*') },
    { weight: 1, arbitrary: fc.constant('**') },
    {
      weight: 1,
      arbitrary: fc.array(segment, { minLength: 2, maxLength: 3 }).map((alternatives) => `{${alternatives.join(',')}}`),
    },
  );
  return fc
    .array(part, { minLength: 1, maxLength: 5 })
    .map((parts) => parts.join('.'))
    .filter((written) => !/^(node|system)\./.test(written) && written.length <= 512);
}

/**
 * Ids that a node may have, unusual ones among them: with spaces, dots, wildcards, control characters, of other alphabets,
 * and such as differ only by what a careless escape drops. They shrink to `a`.
 */
export function nodeId(): fc.Arbitrary<string> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'checkout', 'order-service') },
    { weight: 2, arbitrary: fc.constantFrom(...unusualNames) },
    {
      weight: 2,
      arbitrary: fc
        .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
        .filter((id) => !id.includes(':') && id.length <= 512),
    },
  );
}
