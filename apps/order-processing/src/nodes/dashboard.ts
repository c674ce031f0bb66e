import type { DashboardEvents, Fulfilled, Rejected, Rejection, Summary } from '../events.js';
import type { Shop } from '../space.js';
import { ownedState } from './owned-state.js';

/** An order that has ended, as the dashboard tells it on. */
export type Ending = { readonly fulfilled: Fulfilled } | { readonly rejected: Rejected };

/**
 * Builds the summary from nothing but what the others broadcast; it is asked for with `summary.requested`.
 *
 * @param onEnding called for each order as it ends
 */
export function createDashboard(happen: Shop, onEnding: (ending: Ending) => void) {
  const node = happen.createNode<DashboardEvents>('dashboard');
  const counts = ownedState(nothingYet);

  node.on('stock.received', ({ payload: { units } }) =>
    counts.set((before) => ({
      ...before,
      unitsReceived: before.unitsReceived + units,
      unitsRemaining: before.unitsRemaining + units,
    })),
  );
  node.on('stock.reserved', ({ payload: { units } }) =>
    counts.set((before) => ({ ...before, unitsRemaining: before.unitsRemaining - units })),
  );
  node.on('stock.released', ({ payload: { units } }) =>
    counts.set((before) => ({ ...before, unitsRemaining: before.unitsRemaining + units })),
  );

  node.on('order.fulfilled', async ({ payload }) => {
    await counts.set((before) => ({
      ...before,
      orders: before.orders + 1,
      fulfilled: before.fulfilled + 1,
      revenueInCents: before.revenueInCents + BigInt(payload.cents),
      unitsShipped: before.unitsShipped + payload.units,
    }));
    onEnding({ fulfilled: payload });
  });
  node.on('order.rejected', async ({ payload }) => {
    const { reason } = payload;
    await counts.set((before) => ({
      ...before,
      orders: before.orders + 1,
      rejected: { ...before.rejected, [reason]: before.rejected[reason] + 1 },
    }));
    onEnding({ rejected: payload });
  });

  node.on('customer.notified', () =>
    counts.set((before) => ({ ...before, customersNotified: before.customersNotified + 1 })),
  );
  node.on('service.degraded', ({ payload }) =>
    counts.set((before) => ({
      ...before,
      degraded: [...before.degraded.filter(({ service }) => service !== payload.service), payload],
    })),
  );

  node.on('summary.requested', () => counts.get());
  return node;
}

const noRejections: Readonly<Record<Rejection, number>> = {
  'out-of-stock': 0,
  'payment-failed': 0,
  'shipping-failed': 0,
  invalid: 0,
  cancelled: 0,
  failed: 0,
};

const nothingYet: Summary = {
  orders: 0,
  fulfilled: 0,
  rejected: noRejections,
  revenueInCents: 0n,
  unitsReceived: 0,
  unitsShipped: 0,
  unitsRemaining: 0,
  customersNotified: 0,
  degraded: [],
};
