/** A product as the shop sells it. */
export interface Product {
  readonly id: number;
  readonly name: string;
  readonly unitsInStock: number;
}

/** A customer of the shop. */
export interface Customer {
  readonly id: string;
  readonly companyName: string;
}

/** One position of an order. Two positions may name the same product. */
export interface OrderLine {
  readonly productId: number;
  readonly unitPriceInCents: number;
  /** At least 1. */
  readonly quantity: number;
  /** 0 … 10 000; 1 500 is 15 %. */
  readonly discountInBasisPoints: number;
}

/** Where an order goes. A part the file does not name is `''`. */
export interface Destination {
  readonly name: string;
  readonly city: string;
  readonly country: string;
}

/** An order that can be carried out: its customer and all its products are known, and it has at least one line. */
export interface Order {
  readonly id: number;
  readonly customerId: string;
  readonly shipTo: Destination;
  readonly lines: readonly OrderLine[];
}

/** How many pieces an order has, all products together. */
export function unitsOf(lines: readonly OrderLine[]): number {
  return lines.reduce((units, { quantity }) => units + quantity, 0);
}
