import type { DashboardEvents, InventoryEvents, OrderEvents, OrderOutcome, StockCount, Summary } from '../events.js';
import type { InvalidOrder } from '../input/order-book.js';
import type { Order } from '../rules/order.js';
import type { Shop } from '../space.js';

/** The correlation of everything an order causes. */
export function correlationOf(orderId: number): string {
  return `order-${orderId}`;
}

/** Where orders come in. Everything that happens to an order goes back to the event sent from here. */
export function createFrontDesk(happen: Shop) {
  const node = happen.createNode('front-desk');
  const orderService = happen.node<OrderEvents>('order-service');
  const dashboard = happen.node<DashboardEvents>('dashboard');
  const inventory = happen.node<InventoryEvents>('inventory-service');

  const underWay = new Set<number>();
  let onceSettled: (() => void)[] = [];
  function ended(orderId: number | undefined): void {
    if (orderId !== undefined) underWay.delete(orderId);
    if (underWay.size > 0) return;
    for (const resolve of onceSettled) resolve();
    onceSettled = [];
  }
  node.on('order.fulfilled', ({ payload }) => ended(payload.orderId));
  node.on('order.rejected', ({ payload }) => ended(payload.orderId));

  return {
    /**
     * Has an order carried out.
     *
     * @param signal cancels it: the promise rejects at once, and what was done is being taken back; see `settled`
     */
    async submit(order: Order, signal: AbortSignal): Promise<OrderOutcome> {
      const context = { causal: { correlationId: correlationOf(order.id) } };
      underWay.add(order.id);
      try {
        return await node
          .send(orderService, { type: 'order.submitted', payload: order, context }, { signal, timeout: '1h' })
          .return();
      } catch (error) {
        if (!signal.aborted) ended(order.id);
        throw error;
      }
    },

    /** Has an order counted that stands in the file but cannot be carried out. */
    async turnAway(invalid: InvalidOrder): Promise<void> {
      const { orderId } = invalid;
      const context = orderId === undefined ? {} : { causal: { correlationId: correlationOf(orderId) } };
      await node.send(orderService, { type: 'order.unreadable', payload: { ...invalid }, context }).return();
    },

    /** Resolves once every order submitted so far has ended, one way or the other. */
    settled(): Promise<void> {
      return underWay.size === 0 ? Promise.resolve() : new Promise((resolve) => onceSettled.push(resolve));
    },

    summary: (): Promise<Summary> => node.send(dashboard, { type: 'summary.requested', payload: {} }).return(),
    countStock: (): Promise<StockCount> => node.send(inventory, { type: 'stock.count', payload: {} }).return(),
  };
}
