/** What every contender carries: a small order. Made anew for each operation, as a program would. */
export interface Order {
  readonly number: number;
  readonly customer: string;
  readonly quantity: number;
  readonly unitPriceCents: number;
}

/** An order that has to travel between processes: about 200 bytes as JSON. */
export interface Shipment extends Order {
  readonly shipTo: string;
}

export function orderOf(number: number): Order {
  return { number, customer: 'ALFKI', quantity: (number & 7) + 1, unitPriceCents: 1250 };
}

export function ordersFrom(number: number, count: number): Order[] {
  return Array.from({ length: count }, (_, index) => orderOf(number + index));
}

export function shipmentOf(number: number): Shipment {
  return {
    number,
    customer: 'ALFKI',
    quantity: (number & 7) + 1,
    unitPriceCents: 1250,
    shipTo:
      'Alfreds Futterkiste, Obere Strasse 57, second yard, ring twice, 12209 Berlin, Germany, before noon, no Monday',
  };
}

/** The right answer to an order. No two orders of one run share it, so an answer that went astray is noticed. */
export function dueCents({ number, quantity, unitPriceCents }: Order): number {
  return number * 100_000 + quantity * unitPriceCents;
}

/** The steps of `dueCents`, as the rows with several steps take them. */
export function goodsCents({ quantity, unitPriceCents }: Order): number {
  return quantity * unitPriceCents;
}

/** Adds what tells the orders apart. */
export function withNumber(goods: number, { number }: Order): number {
  return number * 100_000 + goods;
}

/** The right answer to a list of orders. */
export function dueForAll(orders: readonly Order[]): number {
  return orders.reduce((cents, order) => cents + dueCents(order), 0);
}
