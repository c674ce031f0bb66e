import { setMaxListeners } from 'node:events';
import type { OrderBook } from './input/order-book.js';
import type { createFrontDesk } from './nodes/front-desk.js';

type FrontDesk = ReturnType<typeof createFrontDesk>;

/**
 * Takes all orders in the order of their ids, `concurrency` of them under way at once; the invalid ones are counted first.
 * An order that fails does not stop the others.
 *
 * @param signal stops taking orders and cancels those under way; resolves once what they had done is taken back
 * @param onFailure called for an order of which nobody knows how it ended
 */
export async function runOrders(
  { orders, invalid }: Pick<OrderBook, 'orders' | 'invalid'>,
  frontDesk: FrontDesk,
  options: {
    readonly concurrency: number;
    readonly signal: AbortSignal;
    readonly onFailure: (message: string) => void;
  },
): Promise<void> {
  const { concurrency, signal, onFailure } = options;
  for (const order of invalid) {
    if (signal.aborted) return;
    await frontDesk.turnAway(order);
  }
  // Every order under way listens to it; that is no leak.
  setMaxListeners(0, signal);
  const waiting = orders.values();
  async function worker(): Promise<void> {
    for (const order of waiting) {
      if (signal.aborted) return;
      try {
        await frontDesk.submit(order, signal);
      } catch (error) {
        if (!signal.aborted) onFailure(`Order ${order.id}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, orders.length) }, worker));
  await frontDesk.settled();
}
