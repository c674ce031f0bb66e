import { defineExtension, type HappenEvent } from '@happen/core';
import type { Order, Product } from '../../src/rules/order.js';
import { createOrderSystem, type SystemSettings } from '../../src/order-system.js';

/** Keeps every event that is emitted, in order. */
export function recordEverything() {
  const emissions: { readonly event: HappenEvent; readonly target: string | undefined }[] = [];
  const extension = defineExtension({
    name: 'record-everything',
    install: () => ({
      emission: ({ target }) => ({
        stamped(events) {
          emissions.push(...events.map((event) => ({ event, target })));
        },
      }),
    }),
  });
  return {
    emissions,
    /** The types of what concerns one order, in the order of emission. */
    typesOf(orderId: number): string[] {
      const concerned = emissions.filter(({ event }) => event.context.causal.correlationId === `order-${orderId}`);
      return concerned.map(({ event }) => event.type);
    },
    recorder: { extension, emitted: 0, events: [], omitted: 0 },
  };
}

export const products: readonly Product[] = [
  { id: 1, name: 'Tea', unitsInStock: 10 },
  { id: 2, name: 'Jam', unitsInStock: 5 },
];

export function order(id: number, ...quantities: (readonly [productId: number, quantity: number])[]): Order {
  return {
    id,
    customerId: 'ANNA',
    shipTo: { name: 'Anna', city: 'Ulm', country: 'Germany' },
    lines: quantities.map(([productId, quantity]) => {
      return { productId, quantity, unitPriceInCents: 250, discountInBasisPoints: 0 };
    }),
  };
}

/** The whole shop, with Anna as its customer; `failures` is what failed behind the orders' backs. */
export function openTestShop(settings: Partial<SystemSettings> = {}, stock: readonly Product[] = products) {
  const record = recordEverything();
  const failures: string[] = [];
  const book = {
    products: new Map(stock.map((product) => [product.id, product])),
    customers: new Map([['ANNA', { id: 'ANNA', companyName: 'Anna & Co' }]]),
  };
  const system = createOrderSystem(book, {
    paymentFailureRate: 0,
    shippingFailureRate: 0,
    seed: 'test',
    concurrency: 8,
    serviceTimeMs: 0,
    recorder: record.recorder,
    onEnding: () => {},
    onFailure: (message) => failures.push(message),
    ...settings,
  });
  return { ...system, ...record, failures };
}
