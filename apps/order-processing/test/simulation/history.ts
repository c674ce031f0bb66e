import { defineExtension, type HappenEvent } from '@happen/core';

/** What may happen to an order at most once. */
const onceEach = [
  'stock.reserved',
  'stock.released',
  'payment.charged',
  'payment.refunded',
  'parcel.shipped',
  'parcel.recalled',
] as const;

type Effect = (typeof onceEach)[number] | 'order.fulfilled' | 'order.rejected';

/** What the services of a world said that they have done, taken down where it was said: so nothing of it can get lost. */
export function takeDown() {
  const counts = new Map<string, number>();
  const of = (orderId: number, type: Effect): number => counts.get(`${type} ${orderId}`) ?? 0;
  const contradictions: string[] = [];
  const extension = defineExtension({
    name: 'history',
    install: () => ({
      emission: ({ target }) => ({
        stamped(events) {
          if (target === undefined) for (const event of events) note(event);
        },
      }),
    }),
  });
  function note({ type, payload }: HappenEvent): void {
    const { orderId } = payload as { orderId?: number };
    if (orderId === undefined) return;
    counts.set(`${type} ${orderId}`, (counts.get(`${type} ${orderId}`) ?? 0) + 1);
    for (const effect of onceEach) {
      if (of(orderId, effect) > 1) contradictions.push(`${effect} twice for order ${orderId}`);
    }
    if (of(orderId, 'order.fulfilled') + of(orderId, 'order.rejected') > 1) {
      contradictions.push(`order ${orderId} ends twice`);
    }
  }
  return {
    extension,
    /** How often something happened to an order. */
    of,
    /** What happened more often than it may. */
    contradictions,
  };
}
