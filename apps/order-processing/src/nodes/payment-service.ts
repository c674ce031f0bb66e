import type { PaymentEvents } from '../events.js';
import type { Chance } from '../rules/chance.js';
import { type Keyed, keyed } from '../rules/keyed.js';
import type { Shop } from '../space.js';
import { ownedState } from './owned-state.js';
import type { TakeTime } from './service-time.js';

interface Payment {
  readonly paymentId: string;
  readonly cents: number;
}

/** Charges customers, and gives the money back for as long as the order is not through. */
export function createPaymentService(happen: Shop, isDeclined: Chance, takeTime: TakeTime) {
  const node = happen.createNode<PaymentEvents>('payment-service');
  /** What can be given back, by order id. */
  const refundable = ownedState<Keyed<Payment>>(keyed());

  node.on('payment.charge', async (event, context) => {
    await takeTime(context.signal);
    const { orderId, cents } = event.payload;
    if (isDeclined(orderId)) {
      const reason = 'the payment was declined';
      node.broadcast({ type: 'payment.error', payload: { orderId, reason } });
      return { charged: false, reason } as const;
    }
    // Whoever asks twice is charged once.
    const payment = refundable.get((payments) => payments.get(orderId)) ?? { paymentId: `payment-${orderId}`, cents };
    await refundable.set((payments) => payments.with(orderId, payment));
    node.broadcast({ type: 'payment.charged', payload: { orderId, ...payment } });
    return { charged: true, paymentId: payment.paymentId } as const;
  });

  node.on('payment.refund', async (event, context) => {
    await takeTime(context.signal);
    const { orderId } = event.payload;
    const payment = refundable.get((payments) => payments.get(orderId));
    if (payment === undefined) return { cents: 0 };
    await refundable.set((payments) => payments.without(orderId));
    node.broadcast({ type: 'payment.refunded', payload: { orderId, cents: payment.cents } });
    return { cents: payment.cents };
  });

  node.on('order.fulfilled', async (event) => {
    await refundable.set((payments) => payments.without(event.payload.orderId));
  });
  return node;
}
