import { type HappenEvent, isHappenError, type Step } from '@happen/core';
import { setTimeout } from 'node:timers/promises';
import type {
  InventoryEvents,
  OrderEvents,
  OrderOutcome,
  PaymentEvents,
  Rejection,
  ShippingEvents,
  Shortage,
} from '../events.js';
import { type Keyed, keyed } from '../rules/keyed.js';
import { orderTotalInCents } from '../rules/money.js';
import { type Order, unitsOf } from '../rules/order.js';
import type { Shop } from '../space.js';
import { messageOf } from './message-of.js';
import { ownedState } from './owned-state.js';

/** What a step of an order comes to: the next step, or how the order ended. */
type Next = OrderOutcome | OrderStep;
type OrderStep = Step<HappenEvent<'order.submitted', Order>, OrderOutcome>;

/** Takes back what one step has done. It is harmless where that step did nothing. */
interface Compensation {
  readonly name: string;
  readonly run: () => Promise<unknown>;
}

/** Whoever can tell everybody something: a node, or what a flow sees of it. */
type Teller = Pick<ReturnType<Shop['createNode']>, 'broadcast'>;

/** How long a service may keep an order waiting; many orders may stand in its queue. */
const patience = { timeout: '10m' } as const;

/**
 * Carries orders out, as a saga: reserve the stock, charge the customer, ship the parcel. If a step is refused, fails or is
 * cancelled, the steps before it are taken back, the last one first, so that an order is fulfilled as a whole or not at all.
 * It knows how each order ended, and each ends once.
 *
 * The services are addressed by their ids: they may live in this process or elsewhere.
 *
 * @param orders how many orders may be under way at once
 */
export function createOrderService(happen: Shop, orders: number) {
  const node = happen.createNode<OrderEvents>('order-service', { concurrency: { maxConcurrent: orders } });
  const inventory = happen.node<InventoryEvents>('inventory-service');
  const payment = happen.node<PaymentEvents>('payment-service');
  const shipping = happen.node<ShippingEvents>('shipping-service');
  /** How the orders ended, by order id. */
  const outcomes = ownedState<Keyed<OrderOutcome>>(keyed());
  const outcomeOf = (orderId: number) => outcomes.get((ended) => ended.get(orderId));

  /** The only place where an order ends: it is noted, and then everybody is told. */
  async function end(outcome: OrderOutcome, customerId: string, teller: Teller): Promise<OrderOutcome> {
    const { orderId } = outcome;
    await outcomes.set((ended) => ended.with(orderId, outcome));
    if (outcome.status === 'fulfilled') {
      const { cents, units } = outcome;
      teller.broadcast({ type: 'order.fulfilled', payload: { orderId, customerId, cents, units } });
    } else {
      const { reason, detail } = outcome;
      teller.broadcast({ type: 'order.rejected', payload: { orderId, customerId, reason, detail } });
    }
    return outcome;
  }

  // Each step is a function that returns the next one. What the steps of one order share lives in this closure.
  node.on('order.submitted', (event, context) => {
    const order = event.payload;
    const orderId = order.id;
    const known = outcomeOf(orderId);
    if (known !== undefined) return known;
    const units = unitsOf(order.lines);
    const total = orderTotalInCents(order.lines);
    // A service handles the requests of one order one at a time, so a compensation cannot overtake what it compensates.
    // Cancelling the order ends the wait for a step, never that for a compensation.
    const undoing = { ...patience, key: `order-${orderId}` };
    const doing = { ...undoing, signal: context.signal };
    const compensations: Compensation[] = [];

    if (total === undefined) return compensating('invalid', 'the total is too large');
    const cents = total;
    return guarded(reserveStock);

    async function reserveStock(): Promise<Next> {
      // Noted before it is tried: an answer may get lost after the work was done.
      compensations.push({
        name: 'release the stock',
        run: () => context.node.send(inventory, { type: 'stock.release', payload: { orderId } }, undoing).return(),
      });
      const request = { type: 'stock.reserve', payload: { orderId, lines: order.lines } } as const;
      const answer = await context.node.send(inventory, request, doing).return();
      if (answer.reserved) return guarded(chargeCustomer);
      return refused('out-of-stock', shortagesInWords(answer.shortages));
    }

    async function chargeCustomer(): Promise<Next> {
      compensations.push({
        name: 'refund the payment',
        run: () => context.node.send(payment, { type: 'payment.refund', payload: { orderId } }, undoing).return(),
      });
      const request = { type: 'payment.charge', payload: { orderId, customerId: order.customerId, cents } } as const;
      const answer = await context.node.send(payment, request, doing).return();
      if (answer.charged) return guarded(shipParcel);
      return refused('payment-failed', answer.reason);
    }

    async function shipParcel(): Promise<Next> {
      compensations.push({
        name: 'recall the parcel',
        run: () => context.node.send(shipping, { type: 'parcel.recall', payload: { orderId } }, undoing).return(),
      });
      const request = { type: 'parcel.ship', payload: { orderId, shipTo: order.shipTo, units } } as const;
      const answer = await context.node.send(shipping, request, doing).return();
      if (!answer.shipped) return refused('shipping-failed', answer.reason);
      const { shipmentId } = answer;
      return end({ status: 'fulfilled', orderId, shipmentId, cents, units }, order.customerId, context.node);
    }

    /** A step that answered no has done nothing, so there is nothing of it to take back. */
    function refused(reason: Rejection, detail: string): OrderStep {
      compensations.pop();
      return compensating(reason, detail);
    }

    /** Runs a step, and turns whatever it throws into compensation. */
    function guarded(step: () => Promise<Next>): OrderStep {
      return async () => {
        try {
          context.signal.throwIfAborted();
          return await step();
        } catch (error) {
          const detail = messageOf(error);
          if (context.signal.aborted) return compensating('cancelled', 'the order was cancelled');
          reportError(`${step.name} failed: ${detail}`);
          return compensating('failed', detail);
        }
      };
    }

    /** A step that returns itself until nothing is left to take back. It goes on when the order has been cancelled. */
    function compensating(reason: Rejection, detail: string): OrderStep {
      let outcome: Rejection = reason;
      return async function compensate(): Promise<Next> {
        const last = compensations.pop();
        if (last !== undefined) {
          try {
            await persistently(last.run);
          } catch (error) {
            outcome = 'failed';
            reportError(`could not ${last.name}: ${messageOf(error)}`);
          }
          return compensate;
        }
        return end({ status: 'rejected', orderId, reason: outcome, detail }, order.customerId, context.node);
      };
    }

    function reportError(reason: string): void {
      context.node.broadcast({ type: 'order.error', payload: { orderId, reason } });
    }
  });

  node.on('order.abandoned', ({ payload: { orderId, customerId, reason, detail } }, context) => {
    return outcomeOf(orderId) ?? end({ status: 'rejected', orderId, reason, detail }, customerId, context.node);
  });

  node.on('order.unreadable', ({ payload: { orderId, reason } }, context) => {
    const rejected = { ...(orderId !== undefined && { orderId }), reason: 'invalid', detail: reason } as const;
    context.node.broadcast({ type: 'order.rejected', payload: rejected });
  });
  return node;
}

/** Tries again, up to three times in all, where the error says that this can help. */
async function persistently(run: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await run();
      return;
    } catch (error) {
      if (attempt === 3 || !isHappenError(error) || !error.transient) throw error;
      await setTimeout(100 * attempt);
    }
  }
}

function shortagesInWords(shortages: readonly Shortage[]): string {
  const shown = shortages.slice(0, 3).map(({ productId, wanted, available }) => {
    return `product ${productId}: ${wanted} wanted, ${available} available`;
  });
  const more = shortages.length - shown.length;
  return more === 0 ? shown.join('; ') : `${shown.join('; ')}; and ${more} more`;
}
