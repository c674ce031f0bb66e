import type { OrderLine } from './order.js';

/** A whole discount, in basis points. */
const wholeInBasisPoints = 10_000;

/**
 * What one line costs, in cents: unit price × quantity × (1 − discount), computed exactly and then rounded to the cent,
 * half a cent up.
 *
 * @returns `undefined` if no safe integer can hold it
 */
export function lineTotalInCents({ unitPriceInCents, quantity, discountInBasisPoints }: OrderLine): number | undefined {
  const whole = BigInt(wholeInBasisPoints);
  const exact = BigInt(unitPriceInCents) * BigInt(quantity) * BigInt(wholeInBasisPoints - discountInBasisPoints);
  const cents = Number((exact + whole / 2n) / whole);
  return Number.isSafeInteger(cents) ? cents : undefined;
}

/**
 * What an order costs, in cents: the sum of its lines, each rounded to the cent.
 *
 * @returns `undefined` if no safe integer can hold it
 */
export function orderTotalInCents(lines: readonly OrderLine[]): number | undefined {
  let total = 0;
  for (const line of lines) {
    const cents = lineTotalInCents(line);
    if (cents === undefined || !Number.isSafeInteger(total + cents)) return undefined;
    total += cents;
  }
  return total;
}

/** An amount as people write it: `1,234.50`. */
export function formatCents(cents: bigint | number): string {
  const amount = BigInt(cents);
  const whole = (amount / 100n).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  return `${whole}.${(amount % 100n).toString().padStart(2, '0')}`;
}

/** An amount in currency units as JSON writes a number, exact however large it is: 123450 cents are `1234.5`. */
export function currencyUnits(cents: bigint): string {
  return `${cents / 100n}.${(cents % 100n).toString().padStart(2, '0')}`.replace(/\.?0+$/, '');
}
