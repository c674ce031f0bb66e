import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDecimal, scaledDecimal } from '../../src/input/decimal.js';

describe('reading decimal numbers', () => {
  it.each([
    ['14', 2, 1400],
    ['9.80000019', 2, 980],
    ['34.7999992', 2, 3480],
    ['0.150000006', 4, 1500],
    ['0.00999999978', 4, 100],
    ['1.005', 2, 101],
    ['1.00499999999999999999', 2, 100],
    ['-1.005', 2, -101],
    ['0.5', 0, 1],
    ['0.49', 0, 0],
    ['0.05', 0, 0],
    ['.5', 2, 50],
    ['5.', 2, 500],
    ['+3', 0, 3],
    ['-0', 2, 0],
    ['1e3', 2, 100_000],
    ['9.99999978e-03', 4, 100],
    ['0e999', 2, 0],
    ['1e-999', 2, 0],
  ])('%s in units of 10^-%i is %i', (text, digits, units) => {
    expect(scaledDecimal(text, digits)).toBe(units);
  });

  it.each(['', '.', '-', 'e5', '1,5', '0x10', '1_000', 'NaN', 'Infinity', '1e', '1e1234', ' 1', '1'.repeat(65), '１'])(
    'does not take %j for a number',
    (text) => {
      expect(isDecimal(text)).toBe(false);
      expect(scaledDecimal(text, 2)).toBeUndefined();
    },
  );

  it('gives nothing rather than something inexact', () => {
    expect(scaledDecimal('90071992547409.91', 2)).toBe(Number.MAX_SAFE_INTEGER);
    expect(scaledDecimal('90071992547409.92', 2)).toBeUndefined();
    expect(scaledDecimal('1e300', 2)).toBeUndefined();
  });

  it('reads every amount of cents that is written with two decimals', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (cents) => {
        const text = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
        expect(scaledDecimal(text, 2)).toBe(cents);
        expect(scaledDecimal(`-${text}`, 2)).toBe(cents === 0 ? 0 : -cents);
      }),
    );
  });
});
