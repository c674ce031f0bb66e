import type { ShippingEvents } from '../events.js';
import type { Chance } from '../rules/chance.js';
import { type Keyed, keyed } from '../rules/keyed.js';
import type { Shop } from '../space.js';
import { ownedState } from './owned-state.js';
import type { TakeTime } from './service-time.js';

/** Hands parcels to carriers, and calls them back for as long as the order is not through. */
export function createShippingService(happen: Shop, isRefusedByCarriers: Chance, takeTime: TakeTime) {
  const node = happen.createNode<ShippingEvents>('shipping-service');
  /** The shipments that can be called back, by order id. */
  const recallable = ownedState<Keyed<string>>(keyed());

  node.on('parcel.ship', async (event, context) => {
    await takeTime(context.signal);
    const { orderId } = event.payload;
    if (isRefusedByCarriers(orderId)) {
      const reason = 'no carrier took the parcel';
      node.broadcast({ type: 'shipping.error', payload: { orderId, reason } });
      return { shipped: false, reason } as const;
    }
    const shipmentId = `shipment-${orderId}`;
    await recallable.set((parcels) => parcels.with(orderId, shipmentId));
    node.broadcast({ type: 'parcel.shipped', payload: { orderId, shipmentId } });
    return { shipped: true, shipmentId } as const;
  });

  node.on('parcel.recall', async (event, context) => {
    await takeTime(context.signal);
    const { orderId } = event.payload;
    const recalled = recallable.get((parcels) => parcels.has(orderId));
    if (!recalled) return { recalled };
    await recallable.set((parcels) => parcels.without(orderId));
    node.broadcast({ type: 'parcel.recalled', payload: { orderId } });
    return { recalled };
  });

  node.on('order.fulfilled', async (event) => {
    await recallable.set((parcels) => parcels.without(event.payload.orderId));
  });
  return node;
}
