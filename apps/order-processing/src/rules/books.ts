import type { StockCount, Summary } from '../events.js';

/** What is known of a run from three sides. */
export interface Books {
  /** How many orders were taken at the front desk. */
  readonly taken: number;
  /** What the dashboard heard. */
  readonly summary: Summary;
  /** What the warehouse counts. */
  readonly stock: StockCount;
}

/**
 * Compares the books with each other, once no order is under way.
 *
 * @returns what contradicts what; `undefined` if every order that was taken has ended, and everything that came in was
 *   shipped or is still there
 */
export function contradictionIn({ taken, summary, stock }: Books): string | undefined {
  const { orders, unitsReceived, unitsShipped, unitsRemaining } = summary;
  if (orders !== taken) return `${taken} orders were taken, but ${orders} have ended`;
  if (unitsShipped + unitsRemaining !== unitsReceived) {
    return `${unitsReceived} units came in, but ${unitsShipped} were shipped and ${unitsRemaining} remain`;
  }
  if (unitsRemaining !== stock.availableUnits) {
    return `${unitsRemaining} units should remain, but ${stock.availableUnits} are available`;
  }
  if (stock.reservedUnits !== 0) return `${stock.reservedUnits} units are still reserved`;
  return stock.least < 0 ? `the stock of a product is ${stock.least}` : undefined;
}
