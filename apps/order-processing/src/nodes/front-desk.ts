import type { DashboardEvents, InventoryEvents, OrderEvents, OrderOutcome, StockCount, Summary } from '../events.js';
import type { InvalidOrder } from '../input/order-book.js';
import type { Order } from '../rules/order.js';
import type { Shop } from '../space.js';
import { askAgain, type Patience } from './asking.js';
import { messageOf } from './message-of.js';
import type { Pause } from './pause.js';

/** The correlation of everything an order causes. */
export function correlationOf(orderId: number): string {
  return `order-${orderId}`;
}

/** Where orders come in. Everything that happens to an order goes back to the event sent from here. */
export function createFrontDesk(happen: Shop, patience: Patience, pause: Pause) {
  const node = happen.createNode('front-desk');
  const orderService = happen.node<OrderEvents>('order-service');
  const dashboard = happen.node<DashboardEvents>('dashboard');
  const inventory = happen.node<InventoryEvents>('inventory-service');

  const insistently = { pause, attempts: patience.insistence };

  return {
    /**
     * Has an order carried out, and waits until it has ended, one way or the other.
     *
     * @param signal cancels the order: what was done is taken back, and then the promise resolves
     */
    async submit(order: Order, signal: AbortSignal): Promise<OrderOutcome> {
      const { id: orderId, customerId } = order;
      const correlationId = correlationOf(orderId);
      const context = { causal: { correlationId } };
      // What is sent with one key is handled one at a time.
      const options = { key: correlationId, timeout: patience.order } as const;
      try {
        const submitted = { type: 'order.submitted', payload: order, context } as const;
        const submit = () => node.send(orderService, submitted, { ...options, signal }).return();
        return await askAgain(submit, { pause, attempts: 3, signal });
      } catch (error) {
        // Nobody has answered: the order may be too large for an event and never have left, or have been cancelled, before it
        // arrived or half-way. Whatever it was, the order service sees to it that the order ends, and ends once.
        const why = signal.aborted
          ? ({ reason: 'cancelled', detail: 'the order was cancelled' } as const)
          : ({ reason: 'failed', detail: messageOf(error) } as const);
        const abandoned = { type: 'order.abandoned', payload: { orderId, customerId, ...why }, context } as const;
        return askAgain(() => node.send(orderService, abandoned, options).return(), insistently);
      }
    },

    /** Has an order counted that stands in the file but cannot be carried out. */
    async turnAway(invalid: InvalidOrder): Promise<void> {
      const { orderId } = invalid;
      const context = orderId === undefined ? {} : { causal: { correlationId: correlationOf(orderId) } };
      const unreadable = { type: 'order.unreadable', payload: { ...invalid }, context } as const;
      await node.send(orderService, unreadable).return();
    },

    summary: (): Promise<Summary> => node.send(dashboard, { type: 'summary.requested', payload: {} }).return(),
    countStock: (): Promise<StockCount> => node.send(inventory, { type: 'stock.count', payload: {} }).return(),
  };
}
