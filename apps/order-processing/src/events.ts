import type { Destination, Order, OrderLine } from './rules/order.js';

// Who understands what. Each map names the events a node answers, with their payloads and results; `Broadcasts` are those
// that anybody may listen to. An amount is in cents, a count of units adds up all products.

/** Why an order was not fulfilled. */
export type Rejection = 'out-of-stock' | 'payment-failed' | 'shipping-failed' | 'invalid' | 'cancelled' | 'failed';

/** How an order ended. */
export type OrderOutcome =
  | {
      readonly status: 'fulfilled';
      readonly orderId: number;
      readonly shipmentId: string;
      readonly cents: number;
      readonly units: number;
    }
  | { readonly status: 'rejected'; readonly orderId: number; readonly reason: Rejection; readonly detail: string };

export type OrderEvents = {
  /**
   * Carries an order out as a whole, or leaves no trace of it in stock, payments and shipments. An order ends once: whoever
   * submits it again is told how it ended.
   */
  'order.submitted'(order: Order): OrderOutcome;
  /**
   * Asks how an order ended by somebody who got no answer to `order.submitted`. One that never came in, or of which nothing
   * is known, ends now, as rejected. To be sent with the key of the order, so that it waits while the order is under way.
   */
  'order.abandoned'(request: {
    readonly orderId: number;
    readonly customerId: string;
    readonly reason: 'cancelled' | 'failed';
    readonly detail: string;
  }): OrderOutcome;
  /** Counts an order that stands in the file but cannot be carried out. */
  'order.unreadable'(request: { readonly orderId?: number; readonly reason: string }): void;
};

/** A product of which there is less than an order wants. */
export interface Shortage {
  readonly productId: number;
  readonly wanted: number;
  readonly available: number;
}

export type InventoryEvents = {
  /** Takes the units of an order out of the available stock: all of them, or none. The first answer stands. */
  'stock.reserve'(request: {
    readonly orderId: number;
    readonly lines: readonly OrderLine[];
  }): { readonly reserved: true } | { readonly reserved: false; readonly shortages: readonly Shortage[] };
  /** Puts back what was reserved for an order, if anything was. From then on nothing can be reserved for it. */
  'stock.release'(request: { readonly orderId: number }): { readonly units: number };
  /** Lets what was reserved for an order leave with it. */
  'stock.depart'(request: { readonly orderId: number }): { readonly units: number };
  /** What there is now. */
  'stock.count'(request: Record<string, never>): StockCount;
};

/** The stock at one moment. Reserved units are not available. */
export interface StockCount {
  readonly availableUnits: number;
  readonly reservedUnits: number;
  /** What has left with its order. */
  readonly shippedUnits: number;
  /** The smallest available amount among all products; never below 0. */
  readonly least: number;
}

export type PaymentEvents = {
  /** Charges a customer for an order, once. The first answer stands. */
  'payment.charge'(request: {
    readonly orderId: number;
    readonly customerId: string;
    readonly cents: number;
  }): { readonly charged: true; readonly paymentId: string } | { readonly charged: false; readonly reason: string };
  /** Gives back what was charged for an order, if anything was. From then on nothing can be charged for it. */
  'payment.refund'(request: { readonly orderId: number }): { readonly cents: number };
};

export type ShippingEvents = {
  /** Hands the parcel of an order to a carrier, once. The first answer stands. */
  'parcel.ship'(request: {
    readonly orderId: number;
    readonly shipTo: Destination;
    readonly units: number;
  }): { readonly shipped: true; readonly shipmentId: string } | { readonly shipped: false; readonly reason: string };
  /** Calls the parcel of an order back, if there is one on its way. From then on none can be shipped. */
  'parcel.recall'(request: { readonly orderId: number }): { readonly recalled: boolean };
};

export type DashboardEvents = {
  /** How things stand, by everything that was broadcast so far. */
  'summary.requested'(request: Record<string, never>): Summary;
};

/** What the dashboard has counted. */
export interface Summary {
  readonly orders: number;
  readonly fulfilled: number;
  readonly rejected: Readonly<Record<Rejection, number>>;
  readonly revenueInCents: bigint;
  readonly unitsReceived: number;
  readonly unitsShipped: number;
  readonly unitsRemaining: number;
  readonly customersNotified: number;
  /** The services the supervisor is worried about, and how many errors of theirs it had counted when it last said so. */
  readonly degraded: readonly { readonly service: string; readonly errors: number }[];
}

export type Broadcasts = {
  'stock.received'(payload: { readonly units: number }): void;
  'stock.reserved'(payload: { readonly orderId: number; readonly units: number }): void;
  'stock.released'(payload: { readonly orderId: number; readonly units: number }): void;
  'payment.charged'(payload: { readonly orderId: number; readonly cents: number; readonly paymentId: string }): void;
  'payment.refunded'(payload: { readonly orderId: number; readonly cents: number }): void;
  'parcel.shipped'(payload: { readonly orderId: number; readonly shipmentId: string }): void;
  'parcel.recalled'(payload: { readonly orderId: number }): void;

  /** The order is through: from here on nothing of it is taken back. */
  'order.fulfilled'(payload: Fulfilled): void;
  'order.rejected'(payload: Rejected): void;

  'payment.error'(payload: Failure): void;
  'shipping.error'(payload: Failure): void;
  'order.error'(payload: Failure): void;
  'service.degraded'(payload: { readonly service: string; readonly errors: number }): void;

  'customer.notified'(payload: {
    readonly orderId: number;
    readonly customerId: string;
    readonly message: string;
  }): void;
};

export interface Fulfilled {
  readonly orderId: number;
  readonly customerId: string;
  readonly cents: number;
  readonly units: number;
}

export interface Rejected {
  /** Absent where not even the id could be read. */
  readonly orderId?: number;
  /** Absent for an order that never became one. */
  readonly customerId?: string;
  readonly reason: Rejection;
  readonly detail: string;
}

export interface Failure {
  readonly orderId: number;
  readonly reason: string;
}
