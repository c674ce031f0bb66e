import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currencyUnits, formatCents, lineTotalInCents, orderTotalInCents } from '../../src/rules/money.js';

const line = (unitPriceInCents: number, quantity: number, discountInBasisPoints = 0) => {
  return { productId: 1, unitPriceInCents, quantity, discountInBasisPoints };
};

describe('totals', () => {
  it('are unit price × quantity × (1 − discount), rounded to the cent, half a cent up', () => {
    expect(lineTotalInCents(line(980, 10))).toBe(9800);
    expect(lineTotalInCents(line(1550, 15, 1500))).toBe(19_763); // 19 762.5
    expect(lineTotalInCents(line(1275, 15, 1500))).toBe(16_256); // 16 256.25
    expect(lineTotalInCents(line(333, 1, 3333))).toBe(222); // 222.0111
    expect(lineTotalInCents(line(980, 3, 10_000))).toBe(0);
  });

  it('are summed line by line, each rounded first', () => {
    expect(orderTotalInCents([line(1, 1, 5000), line(1, 1, 5000)])).toBe(2);
    expect(orderTotalInCents([])).toBe(0);
  });

  it('are exact, or there is none', () => {
    expect(lineTotalInCents(line(Number.MAX_SAFE_INTEGER, 1))).toBe(Number.MAX_SAFE_INTEGER);
    expect(lineTotalInCents(line(Number.MAX_SAFE_INTEGER, 2))).toBeUndefined();
    expect(orderTotalInCents([line(Number.MAX_SAFE_INTEGER, 1), line(1, 1)])).toBeUndefined();
  });

  it('are never more than without discount, and never negative', () => {
    const integer = (max: number) => fc.integer({ min: 0, max });
    fc.assert(
      fc.property(integer(10 ** 6), integer(10 ** 6), integer(10_000), (price, quantity, discount) => {
        const total = lineTotalInCents(line(price, quantity, discount)) ?? -1;
        expect(total).toBeGreaterThanOrEqual(0);
        expect(total).toBeLessThanOrEqual(price * quantity);
      }),
    );
  });
});

describe('amounts', () => {
  it('are written with two decimals and grouped thousands', () => {
    expect(formatCents(0)).toBe('0.00');
    expect(formatCents(5)).toBe('0.05');
    expect(formatCents(99_999)).toBe('999.99');
    expect(formatCents(123_456_789n)).toBe('1,234,567.89');
  });

  it('are currency units for machines', () => {
    expect(currencyUnits(3_910_694n)).toBe('39106.94');
    expect(currencyUnits(7n)).toBe('0.07');
    expect(currencyUnits(123_450n)).toBe('1234.5');
    expect(currencyUnits(100_000n)).toBe('1000');
    expect(currencyUnits(0n)).toBe('0');
  });
});
