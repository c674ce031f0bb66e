import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesType } from '../../src/memory/type-pattern.js';

const segment = fc.constantFrom('a', 'b', 'c');
const type = fc.array(segment, { minLength: 1, maxLength: 6 });
const pattern = fc.array(fc.oneof(segment, fc.constant('*'), fc.constant('**')), { minLength: 1, maxLength: 6 });

/** The definition, without any cleverness. */
function defined(wanted: readonly string[], found: readonly string[]): boolean {
  const [first, ...rest] = wanted;
  if (first === undefined) return found.length === 0;
  if (first === '**') return found.some((_, at) => defined(rest, found.slice(at))) || defined(rest, []);
  return found.length > 0 && (first === '*' || first === found[0]) && defined(rest, found.slice(1));
}

describe('matching a type', () => {
  it.each([
    ['order.submitted', 'order.submitted', true],
    ['order.submitted', 'order.submitted.late', false],
    ['order.*', 'order.submitted', true],
    ['order.*', 'order', false],
    ['order.*', 'order.submitted.late', false],
    ['user.*.completed', 'user.login.completed', true],
    ['**', 'anything.at.all', true],
    ['order.**', 'order', true],
    ['order.**.done', 'order.a.b.done', true],
    ['order.**.done', 'order.a.b.undone', false],
    ['*', 'a.b', false],
  ])('%s takes %s: %s', (wanted, found, expected) => {
    expect(matchesType(wanted, found)).toBe(expected);
  });

  it('agrees with the definition', () => {
    fc.assert(
      fc.property(pattern, type, (wanted, found) => {
        expect(matchesType(wanted.join('.'), found.join('.'))).toBe(defined(wanted, found));
      }),
    );
  });

  it('takes a hostile pattern in bounded time', () => {
    const found = 'a.'.repeat(2_000) + 'b';
    const started = performance.now();
    expect(matchesType('**.a.'.repeat(1_000) + 'c', found)).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
