import type { InventoryEvents } from '../events.js';
import type { Product } from '../rules/order.js';
import {
  countStock,
  openingStock,
  reservedUnits,
  shortagesFor,
  withDeparture,
  withRelease,
  withReservation,
} from '../rules/stock.js';
import type { Shop } from '../space.js';
import { ownedState } from './owned-state.js';
import type { TakeTime } from './service-time.js';

/** Owns the stock. What it reserves is no longer available, until it is released or leaves with its order. */
export function createInventoryService(happen: Shop, products: Iterable<Product>, takeTime: TakeTime) {
  const node = happen.createNode<InventoryEvents>('inventory-service');
  const stock = ownedState(openingStock(products));

  node.on('stock.reserve', async (event, context) => {
    await takeTime(context.signal);
    const { orderId, lines } = event.payload;
    // Whether there is enough is decided inside the transform. Read what came of it before anything else can change it.
    const kept = stock.set((before) => withReservation(before, orderId, lines));
    const units = stock.get((after) => reservedUnits(after, orderId));
    const shortages = units > 0 ? [] : stock.get((after) => shortagesFor(after, lines));
    await kept;
    if (units === 0) return { reserved: false, shortages } as const;
    node.broadcast({ type: 'stock.reserved', payload: { orderId, units } });
    return { reserved: true } as const;
  });

  node.on('stock.release', async (event, context) => {
    await takeTime(context.signal);
    const { orderId } = event.payload;
    const units = stock.get((before) => reservedUnits(before, orderId));
    await stock.set((before) => withRelease(before, orderId));
    if (units > 0) node.broadcast({ type: 'stock.released', payload: { orderId, units } });
    return { units };
  });

  node.on('order.fulfilled', async (event) => {
    await stock.set((before) => withDeparture(before, event.payload.orderId));
  });

  node.on('stock.count', () => stock.get(countStock));

  /** Tells the others what there is to begin with. */
  function openWarehouse(): void {
    node.broadcast({ type: 'stock.received', payload: { units: stock.get(countStock).availableUnits } });
  }
  return Object.assign(node, { openWarehouse });
}
