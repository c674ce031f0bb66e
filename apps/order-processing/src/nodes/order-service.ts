import { type HappenEvent, isHappenError, type Step } from '@happen/core';
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
import { askAgain, neverArrived, type Patience } from './asking.js';
import { messageOf } from './message-of.js';
import { ownedState } from './owned-state.js';
import type { Pause } from './pause.js';

/** What a step of an order comes to: the next step, or how the order ended. */
type Next = OrderOutcome | OrderStep;
type OrderStep = Step<HappenEvent<'order.submitted', Order>, OrderOutcome>;

/** Takes back what one step has done. It is harmless where that step did nothing. */
interface Compensation {
  readonly name: string;
  readonly run: () => PromiseLike<unknown>;
}

/** Whoever can tell everybody something: a node, or what a flow sees of it. */
type Teller = Pick<ReturnType<Shop['createNode']>, 'broadcast'>;

/**
 * Carries orders out, as a saga: reserve the stock, charge the customer, ship the parcel. If a step is refused, fails or is
 * cancelled, the steps before it are taken back, the last one first, so that an order is fulfilled as a whole or not at all.
 * It knows how each order ended, and each ends once.
 *
 * The services are addressed by their ids: they may live in this process or elsewhere, and frames between them may be lost. So
 * a step is asked for up to three times, and what must not be left undone until a service says that it has done it.
 *
 * @param orders how many orders may be under way at once
 */
export function createOrderService(happen: Shop, orders: number, patience: Patience, pause: Pause) {
  const node = happen.createNode<OrderEvents>('order-service', { concurrency: { maxConcurrent: orders } });
  const inventory = happen.node<InventoryEvents>('inventory-service');
  const payment = happen.node<PaymentEvents>('payment-service');
  const shipping = happen.node<ShippingEvents>('shipping-service');
  /** How the orders ended, by order id. */
  const outcomes = ownedState<Keyed<OrderOutcome>>(keyed());
  const insistently = (ask: () => PromiseLike<unknown>) => askAgain(ask, { pause, attempts: patience.insistence });
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
    const { signal } = context;
    const lasting = { timeout: patience.request, key: `order-${orderId}` };
    const doing = { ...lasting, signal };
    const compensations: Compensation[] = [];

    if (total === undefined) return compensating('invalid', 'the total is too large');
    const cents = total;
    return guarded(reserveStock);

    async function reserveStock(): Promise<Next> {
      // Noted before it is tried: an answer may get lost after the work was done.
      compensations.push({
        name: 'release the stock',
        run: () => context.node.send(inventory, { type: 'stock.release', payload: { orderId } }, lasting).return(),
      });
      const request = { type: 'stock.reserve', payload: { orderId, lines: order.lines } } as const;
      const answer = await tried(() => context.node.send(inventory, request, doing).return());
      if (answer.reserved) return guarded(chargeCustomer);
      return refused('out-of-stock', shortagesInWords(answer.shortages));
    }

    async function chargeCustomer(): Promise<Next> {
      compensations.push({
        name: 'refund the payment',
        run: () => context.node.send(payment, { type: 'payment.refund', payload: { orderId } }, lasting).return(),
      });
      const request = { type: 'payment.charge', payload: { orderId, customerId: order.customerId, cents } } as const;
      const answer = await tried(() => context.node.send(payment, request, doing).return());
      if (answer.charged) return guarded(shipParcel);
      return refused('payment-failed', answer.reason);
    }

    async function shipParcel(): Promise<Next> {
      compensations.push({
        name: 'recall the parcel',
        run: () => context.node.send(shipping, { type: 'parcel.recall', payload: { orderId } }, lasting).return(),
      });
      const request = { type: 'parcel.ship', payload: { orderId, shipTo: order.shipTo, units } } as const;
      const answer = await tried(() => context.node.send(shipping, request, doing).return());
      if (!answer.shipped) return refused('shipping-failed', answer.reason);
      const { shipmentId } = answer;
      return depart({ status: 'fulfilled', orderId, shipmentId, cents, units });
    }

    /** The order is through: nothing of it is taken back any more, and what it reserved has left. */
    function depart(outcome: OrderOutcome): OrderStep {
      return async () => {
        const leave = () =>
          context.node.send(inventory, { type: 'stock.depart', payload: { orderId } }, lasting).return();
        try {
          await insistently(leave);
        } catch (error) {
          reportError(`could not have the stock leave: ${messageOf(error)}`);
        }
        return end(outcome, order.customerId, context.node);
      };
    }

    /** Asks for a step. One that certainly was not even begun has nothing to take back. */
    async function tried<Answer>(ask: () => PromiseLike<Answer>): Promise<Answer> {
      try {
        return await askAgain(ask, { pause, attempts: 3, signal });
      } catch (error) {
        if (neverArrived(error)) compensations.pop();
        throw error;
      }
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
          signal.throwIfAborted();
          return await step();
        } catch (error) {
          const detail = messageOf(error);
          if (signal.aborted) return gaveUp();
          reportError(`${step.name} failed: ${detail}`);
          return compensating('failed', detail);
        }
      };
    }

    function gaveUp(): OrderStep {
      if (isHappenError(signal.reason, 'HAPPEN_TIMEOUT')) return compensating('failed', 'the order took too long');
      return compensating('cancelled', 'the order was cancelled');
    }

    /** A step that returns itself until nothing is left to take back. It goes on when the order has been cancelled. */
    function compensating(reason: Rejection, detail: string): OrderStep {
      let outcome: Rejection = reason;
      return async function compensate(): Promise<Next> {
        const last = compensations.pop();
        if (last !== undefined) {
          try {
            await insistently(last.run);
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

function shortagesInWords(shortages: readonly Shortage[]): string {
  const shown = shortages.slice(0, 3).map(({ productId, wanted, available }) => {
    return `product ${productId}: ${wanted} wanted, ${available} available`;
  });
  const more = shortages.length - shown.length;
  return more === 0 ? shown.join('; ') : `${shown.join('; ')}; and ${more} more`;
}
