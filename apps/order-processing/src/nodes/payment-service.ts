import type { PaymentEvents } from '../events.js';
import type { Chance } from '../rules/chance.js';
import { type Keyed, keyed } from '../rules/keyed.js';
import type { Shop } from '../space.js';
import { ownedState } from './owned-state.js';
import type { TakeTime } from './service-time.js';

/** What there is to be known of an order: how it was answered, and whether it was taken back. */
type Account =
  | { readonly charged: true; readonly paymentId: string; readonly cents: number }
  | { readonly charged: false; readonly reason: string };

const takenBack: Account = { charged: false, reason: 'the order was taken back' };

/** Charges customers, each order once, and gives the money back when the order is taken back. */
export function createPaymentService(happen: Shop, isDeclined: Chance, takeTime: TakeTime) {
  const node = happen.createNode<PaymentEvents>('payment-service');
  /** By order id. What is in it is never asked for anew: a request may come twice, and late. */
  const accounts = ownedState<Keyed<Account>>(keyed());
  const accountOf = (orderId: number) => accounts.get((known) => known.get(orderId));
  const note = (orderId: number, account: Account) => accounts.set((known) => known.with(orderId, account));

  node.on('payment.charge', async (event, context) => {
    await takeTime(context.signal);
    const { orderId, cents } = event.payload;
    const known = accountOf(orderId);
    if (known !== undefined) return answer(known);
    if (isDeclined(orderId)) {
      const reason = 'the payment was declined';
      await note(orderId, { charged: false, reason });
      node.broadcast({ type: 'payment.error', payload: { orderId, reason } });
      return { charged: false, reason } as const;
    }
    const paymentId = `payment-${orderId}`;
    await note(orderId, { charged: true, paymentId, cents });
    node.broadcast({ type: 'payment.charged', payload: { orderId, paymentId, cents } });
    return { charged: true, paymentId } as const;
  });

  node.on('payment.refund', async (event, context) => {
    await takeTime(context.signal);
    const { orderId } = event.payload;
    const known = accountOf(orderId);
    await note(orderId, takenBack);
    if (known === undefined || !known.charged) return { cents: 0 };
    node.broadcast({ type: 'payment.refunded', payload: { orderId, cents: known.cents } });
    return { cents: known.cents };
  });
  return node;
}

function answer(account: Account) {
  return account.charged ? ({ charged: true, paymentId: account.paymentId } as const) : account;
}
