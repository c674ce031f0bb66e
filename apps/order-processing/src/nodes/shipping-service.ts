import type { ShippingEvents } from '../events.js';
import type { Chance } from '../rules/chance.js';
import { type Keyed, keyed } from '../rules/keyed.js';
import type { Shop } from '../space.js';
import { ownedState } from './owned-state.js';
import type { TakeTime } from './service-time.js';

/** What there is to be known of an order's parcel: how it was answered. */
type Parcel =
  | { readonly shipped: true; readonly shipmentId: string }
  | { readonly shipped: false; readonly reason: string };

const takenBack: Parcel = { shipped: false, reason: 'the order was taken back' };

/** Hands parcels to carriers, one for each order, and calls them back when the order is taken back. */
export function createShippingService(happen: Shop, isRefusedByCarriers: Chance, takeTime: TakeTime) {
  const node = happen.createNode<ShippingEvents>('shipping-service');
  /** By order id. What is in it is never asked for anew: a request may come twice, and late. */
  const parcels = ownedState<Keyed<Parcel>>(keyed());
  const parcelOf = (orderId: number) => parcels.get((known) => known.get(orderId));
  const note = (orderId: number, parcel: Parcel) => parcels.set((known) => known.with(orderId, parcel));

  node.on('parcel.ship', async (event, context) => {
    await takeTime(context.signal);
    const { orderId } = event.payload;
    const known = parcelOf(orderId);
    if (known !== undefined) return known;
    if (isRefusedByCarriers(orderId)) {
      const reason = 'no carrier took the parcel';
      await note(orderId, { shipped: false, reason });
      node.broadcast({ type: 'shipping.error', payload: { orderId, reason } });
      return { shipped: false, reason } as const;
    }
    const shipmentId = `shipment-${orderId}`;
    await note(orderId, { shipped: true, shipmentId });
    node.broadcast({ type: 'parcel.shipped', payload: { orderId, shipmentId } });
    return { shipped: true, shipmentId } as const;
  });

  node.on('parcel.recall', async (event, context) => {
    await takeTime(context.signal);
    const { orderId } = event.payload;
    const known = parcelOf(orderId);
    await note(orderId, takenBack);
    const recalled = known?.shipped === true;
    if (recalled) node.broadcast({ type: 'parcel.recalled', payload: { orderId } });
    return { recalled };
  });
  return node;
}
