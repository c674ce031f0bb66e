import type { Rejection } from '../events.js';
import { visible } from '../input/visible.js';
import { formatCents } from '../rules/money.js';
import type { Customer } from '../rules/order.js';
import type { Shop } from '../space.js';

/** Tells customers how their orders ended. Nobody asks it to: it listens. */
export function createNotificationService(happen: Shop, customers: ReadonlyMap<string, Customer>) {
  const node = happen.createNode('notification-service');

  function tell(orderId: number, customerId: string, news: string): void {
    const name = visible(customers.get(customerId)?.companyName || customerId);
    node.broadcast({ type: 'customer.notified', payload: { orderId, customerId, message: `Dear ${name}, ${news}` } });
  }

  node.on('order.fulfilled', ({ payload: { orderId, customerId, cents } }) => {
    tell(orderId, customerId, `your order ${orderId} over ${formatCents(cents)} is on its way.`);
  });

  node.on('order.rejected', ({ payload: { orderId, customerId, reason } }) => {
    // An order that nobody could read has nobody to write to.
    if (orderId === undefined || customerId === undefined) return;
    tell(
      orderId,
      customerId,
      `we are sorry: your order ${orderId} could not be fulfilled, because ${explanations[reason]}.`,
    );
  });
  return node;
}

const explanations: Readonly<Record<Rejection, string>> = {
  'out-of-stock': 'we do not have all of it',
  'payment-failed': 'your payment did not go through',
  'shipping-failed': 'no carrier could take it',
  invalid: 'it was not complete',
  cancelled: 'it was cancelled',
  failed: 'something went wrong on our side',
};
