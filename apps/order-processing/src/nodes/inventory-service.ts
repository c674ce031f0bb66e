import type { InventoryEvents, Shortage, StockCount } from '../events.js';
import { type Keyed, keyed } from '../rules/keyed.js';
import type { OrderLine, Product } from '../rules/order.js';
import {
  countStock,
  openingStock,
  reservedUnits,
  shortagesFor,
  type Stock,
  withDeparture,
  withRelease,
  withReservation,
} from '../rules/stock.js';
import type { Shop } from '../space.js';
import { ownedState } from './owned-state.js';
import type { TakeTime } from './service-time.js';

interface Warehouse {
  readonly stock: Stock;
  /**
   * The orders for which nothing is reserved any more, ever: they were refused, with what was short, or taken back, or have
   * left. A request may come twice, and late.
   */
  readonly closed: Keyed<readonly Shortage[]>;
}

/** How much is remembered of what was short. */
const mostShortages = 10;

/** Owns the stock. What it reserves is no longer available, until it is released or leaves with its order. */
export function createInventoryService(happen: Shop, products: Iterable<Product>, takeTime: TakeTime) {
  const node = happen.createNode<InventoryEvents>('inventory-service');
  const warehouse = ownedState<Warehouse>({ stock: openingStock(products), closed: keyed() });
  const unitsOf = (orderId: number) => warehouse.get(({ stock }) => reservedUnits(stock, orderId));
  const count = (): StockCount => warehouse.get(({ stock }) => countStock(stock));

  node.on('stock.reserve', async (event, context) => {
    await takeTime(context.signal);
    const { orderId, lines } = event.payload;
    const isNew = unitsOf(orderId) === 0;
    const shortages = warehouse.get(({ stock, closed }) => closed.get(orderId) ?? shortagesFor(stock, lines));
    // Whether there is enough is decided inside the transform. Read what came of it before anything else can change it.
    const kept = warehouse.set((before) => reserving(before, orderId, lines));
    const units = unitsOf(orderId);
    await kept;
    if (units === 0) return { reserved: false, shortages } as const;
    if (isNew) node.broadcast({ type: 'stock.reserved', payload: { orderId, units } });
    return { reserved: true } as const;
  });

  node.on('stock.release', async (event, context) => {
    await takeTime(context.signal);
    const { orderId } = event.payload;
    const units = unitsOf(orderId);
    await warehouse.set(({ stock, closed }) => {
      return { stock: withRelease(stock, orderId), closed: closed.has(orderId) ? closed : closed.with(orderId, []) };
    });
    if (units > 0) node.broadcast({ type: 'stock.released', payload: { orderId, units } });
    return { units };
  });

  node.on('stock.depart', async (event) => {
    const { orderId } = event.payload;
    const units = unitsOf(orderId);
    await warehouse.set(({ stock, closed }) => {
      return { stock: withDeparture(stock, orderId), closed: closed.with(orderId, []) };
    });
    return { units };
  });

  node.on('stock.count', count);

  /** Tells the others what there is to begin with. */
  function openWarehouse(): void {
    node.broadcast({ type: 'stock.received', payload: { units: count().availableUnits } });
  }
  return Object.assign(node, { openWarehouse, count });
}

function reserving({ stock, closed }: Warehouse, orderId: number, lines: readonly OrderLine[]): Warehouse {
  if (closed.has(orderId)) return { stock, closed };
  const after = withReservation(stock, orderId, lines);
  if (after.reserved.has(orderId)) return { stock: after, closed };
  return { stock, closed: closed.with(orderId, shortagesFor(stock, lines).slice(0, mostShortages)) };
}
