import type { StockCount, Summary } from '../events.js';

/**
 * Compares what the dashboard heard with what the warehouse counts, once no order is under way.
 *
 * @returns what contradicts what; `undefined` if everything that came in was shipped or is still there
 */
export function contradictionIn(summary: Summary, stock: StockCount): string | undefined {
  const { unitsReceived, unitsShipped, unitsRemaining } = summary;
  if (unitsShipped + unitsRemaining !== unitsReceived) {
    return `${unitsReceived} units came in, but ${unitsShipped} were shipped and ${unitsRemaining} remain`;
  }
  if (unitsRemaining !== stock.availableUnits) {
    return `${unitsRemaining} units should remain, but ${stock.availableUnits} are available`;
  }
  if (stock.reservedUnits !== 0) return `${stock.reservedUnits} units are still reserved`;
  return stock.least < 0 ? `the stock of a product is ${stock.least}` : undefined;
}
