import type { Shortage, StockCount } from '../events.js';
import { type Keyed, keyed } from './keyed.js';
import type { OrderLine, Product } from './order.js';

/** What the warehouse knows. Available and reserved units of a product together are what stands on its shelf. */
export interface Stock {
  /** By product id. */
  readonly available: Keyed<number>;
  /** By order id, then by product id. */
  readonly reserved: Keyed<ReadonlyMap<number, number>>;
  /** How many have left, all products together. */
  readonly shippedUnits: number;
}

/** The stock before the first order. */
export function openingStock(products: Iterable<Product>): Stock {
  return {
    available: keyed(Array.from(products, ({ id, unitsInStock }) => [id, unitsInStock] as const)),
    reserved: keyed(),
    shippedUnits: 0,
  };
}

/** Of which products there is less than these lines want, all lines of a product together. */
export function shortagesFor(stock: Stock, lines: readonly OrderLine[]): Shortage[] {
  return Array.from(wantedBy(lines), ([productId, wanted]) => {
    return { productId, wanted, available: stock.available.get(productId) ?? 0 };
  }).filter(({ wanted, available }) => wanted > available);
}

/** Reserves an order as a whole, or changes nothing: when something is short, or when the order holds a reservation. */
export function withReservation(stock: Stock, orderId: number, lines: readonly OrderLine[]): Stock {
  if (stock.reserved.has(orderId) || shortagesFor(stock, lines).length > 0) return stock;
  const wanted = wantedBy(lines);
  return {
    ...stock,
    available: changed(stock.available, wanted, -1),
    reserved: stock.reserved.with(orderId, wanted),
  };
}

/** Puts an order's reservation back, if it holds one. */
export function withRelease(stock: Stock, orderId: number): Stock {
  const units = stock.reserved.get(orderId);
  return units === undefined
    ? stock
    : { ...stock, reserved: stock.reserved.without(orderId), available: changed(stock.available, units, 1) };
}

/** Lets an order's reserved units leave the warehouse. */
export function withDeparture(stock: Stock, orderId: number): Stock {
  const shippedUnits = stock.shippedUnits + reservedUnits(stock, orderId);
  return { ...stock, reserved: stock.reserved.without(orderId), shippedUnits };
}

/** How many units an order holds reserved. */
export function reservedUnits(stock: Stock, orderId: number): number {
  return sum(stock.reserved.get(orderId)?.values() ?? []);
}

/** The stock in numbers. */
export function countStock({ available, reserved, shippedUnits }: Stock): StockCount {
  let reservedInAll = 0;
  for (const units of reserved.values()) reservedInAll += sum(units.values());
  let least = available.size === 0 ? 0 : Number.MAX_SAFE_INTEGER;
  for (const units of available.values()) least = Math.min(least, units);
  return { availableUnits: sum(available.values()), reservedUnits: reservedInAll, shippedUnits, least };
}

function wantedBy(lines: readonly OrderLine[]): Map<number, number> {
  const wanted = new Map<number, number>();
  for (const { productId, quantity } of lines) wanted.set(productId, (wanted.get(productId) ?? 0) + quantity);
  return wanted;
}

function changed(available: Keyed<number>, units: ReadonlyMap<number, number>, sign: 1 | -1): Keyed<number> {
  let after = available;
  for (const [productId, count] of units) after = after.with(productId, (after.get(productId) ?? 0) + sign * count);
  return after;
}

function sum(counts: Iterable<number>): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
