import { setMaxListeners } from 'node:events';
import type { OrderBook } from './input/order-book.js';
import type { createFrontDesk } from './nodes/front-desk.js';
import { messageOf } from './nodes/message-of.js';

type FrontDesk = ReturnType<typeof createFrontDesk>;

/**
 * Takes all orders in the order of their ids, `concurrency` of them under way at once; the invalid ones are counted first.
 * An order that fails does not stop the others.
 *
 * @param signal stops taking orders and cancels those under way; resolves once what they had done is taken back
 * @param onFailure called for an order of which nobody knows how it ended
 * @returns how many orders were taken, the invalid ones included
 */
export async function runOrders(
  { orders, invalid }: Pick<OrderBook, 'orders' | 'invalid'>,
  frontDesk: FrontDesk,
  options: {
    readonly concurrency: number;
    readonly signal: AbortSignal;
    readonly onFailure: (message: string) => void;
  },
): Promise<number> {
  const { concurrency, signal, onFailure } = options;
  let taken = 0;
  async function take(orderId: number | undefined, handOver: () => Promise<unknown>): Promise<void> {
    taken += 1;
    try {
      await handOver();
    } catch (error) {
      onFailure(`${orderId === undefined ? 'An order' : `Order ${orderId}`}: ${messageOf(error)}`);
    }
  }

  for (const order of invalid) {
    if (signal.aborted) return taken;
    await take(order.orderId, () => frontDesk.turnAway(order));
  }
  // Every order under way listens to it; that is no leak.
  setMaxListeners(0, signal);
  const waiting = orders.values();
  async function worker(): Promise<void> {
    for (const order of waiting) {
      if (signal.aborted) return;
      await take(order.id, () => frontDesk.submit(order, signal));
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, orders.length) }, worker));
  return taken;
}
