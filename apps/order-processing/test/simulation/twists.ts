import type { FlowContext, HappenEvent } from '@happen/core';
import type { createInventoryService } from '../../src/nodes/inventory-service.js';
import type { TakeTime } from '../../src/nodes/service-time.js';
import type { Order, OrderLine, Product } from '../../src/rules/order.js';
import {
  type Stock,
  countStock,
  openingStock,
  reservedUnits,
  shortagesFor,
  withDeparture,
  withRelease,
} from '../../src/rules/stock.js';
import type { Shop } from '../../src/space.js';
import type { Twist } from './world.js';

type Node = ReturnType<Shop['createNode']>;
type Handler = (event: HappenEvent, context: FlowContext<unknown>) => unknown;

/** Has another handler stand in for that of a type, whichever node it belongs to. */
function handling(type: string, handlerOf: (node: Node, original: Handler) => Handler): Twist {
  return (shop) => ({
    ...shop,
    createNode: ((...parameters: Parameters<Shop['createNode']>) => {
      const node = shop.createNode(...parameters);
      return new Proxy(node, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key, target);
          if (typeof value !== 'function') return value;
          const method = value.bind(target) as (...given: unknown[]) => unknown;
          if (key !== 'on') return method;
          return (on: unknown, handler: Handler) => method(on, on === type ? handlerOf(node, handler) : handler);
        },
      });
    }) as Shop['createNode'],
  });
}

/** What a shop may have forgotten, by what it forgets. */
export const twists: Readonly<Record<string, Twist>> = {
  'releases nothing when an order fails': handling('stock.release', () => () => ({ units: 0 })),
  'forgets the refund': handling('payment.refund', () => () => ({ cents: 0 })),
  'forgets to call the parcel back': handling('parcel.recall', () => () => ({ recalled: true })),
  'does not let go of what has left': handling('stock.depart', () => () => ({ units: 0 })),
  'charges whoever asks, as often as he asks': handling('payment.charge', (node) => ({ payload }) => {
    const { orderId, cents } = payload as { orderId: number; cents: number };
    node.broadcast({ type: 'payment.charged', payload: { orderId, cents, paymentId: 'another' } });
    return { charged: true, paymentId: 'another' };
  }),
  'ships a parcel each time it is asked': handling('parcel.ship', (node) => ({ payload }) => {
    const { orderId } = payload as { orderId: number };
    node.broadcast({ type: 'parcel.shipped', payload: { orderId, shipmentId: 'another' } });
    return { shipped: true, shipmentId: 'another' };
  }),
  'rejects what was given up without asking how it ended': handling('order.abandoned', (node) => ({ payload }) => {
    const { orderId } = payload as { orderId: number };
    const rejected = { orderId, reason: 'failed', detail: 'nobody answered' } as const;
    node.broadcast({ type: 'order.rejected', payload: rejected });
    return { status: 'rejected', ...rejected };
  }),
  'carries an order out again when it comes in again': handling('order.submitted', (_, original) => {
    const seen = new Set<number>();
    return (event, context) => {
      const order = event.payload as Order;
      if (!seen.has(order.id)) {
        seen.add(order.id);
        return original(event, context);
      }
      // One that nobody knows yet, as it were.
      const payload = { ...order, id: order.id + 1_000 };
      return original({ type: event.type, payload, context: event.context } as HappenEvent, context);
    };
  }),
};

/** An inventory that looks, does something else, and takes. */
export function racyInventory(
  happen: Shop,
  products: Iterable<Product>,
  takeTime: TakeTime,
): ReturnType<typeof createInventoryService> {
  const node = happen.createNode('inventory-service');
  let stock: Stock = openingStock(products);
  const closed = new Set<number>();
  const count = () => countStock(stock);
  node.on('stock.reserve', async (event, { signal }) => {
    const { orderId, lines } = event.payload as { orderId: number; lines: readonly OrderLine[] };
    if (stock.reserved.has(orderId)) return { reserved: true };
    if (closed.has(orderId) || shortagesFor(stock, lines).length > 0) {
      closed.add(orderId);
      return { reserved: false, shortages: [] };
    }
    await takeTime(signal);
    let { available } = stock;
    for (const { productId, quantity } of lines) {
      available = available.with(productId, (available.get(productId) ?? 0) - quantity);
    }
    const units = new Map(lines.map(({ productId, quantity }) => [productId, quantity]));
    stock = { ...stock, available, reserved: stock.reserved.with(orderId, units) };
    node.broadcast({ type: 'stock.reserved', payload: { orderId, units: reservedUnits(stock, orderId) } });
    return { reserved: true };
  });
  node.on('stock.release', ({ payload: { orderId } }) => {
    const units = reservedUnits(stock, orderId);
    stock = withRelease(stock, orderId);
    closed.add(orderId);
    if (units > 0) node.broadcast({ type: 'stock.released', payload: { orderId, units } });
    return { units };
  });
  node.on('stock.depart', ({ payload: { orderId } }) => {
    stock = withDeparture(stock, orderId);
    return { units: 0 };
  });
  return Object.assign(node, { openWarehouse() {}, count }) as unknown as ReturnType<typeof createInventoryService>;
}
