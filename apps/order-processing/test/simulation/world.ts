import type { Scenario, SpaceTools } from '@happen/testing';
import type { OrderOutcome } from '../../src/events.js';
import { createDashboard } from '../../src/nodes/dashboard.js';
import { createFrontDesk } from '../../src/nodes/front-desk.js';
import { createInventoryService } from '../../src/nodes/inventory-service.js';
import { createNotificationService } from '../../src/nodes/notification-service.js';
import { createOrderService } from '../../src/nodes/order-service.js';
import type { Pause } from '../../src/nodes/pause.js';
import { createPaymentService } from '../../src/nodes/payment-service.js';
import { createShippingService } from '../../src/nodes/shipping-service.js';
import { createSupervisor } from '../../src/nodes/supervisor.js';
import { seededChance } from '../../src/rules/chance.js';
import { type Order, unitsOf } from '../../src/rules/order.js';
import { openShop, type Shop } from '../../src/space.js';
import { takeDown } from './history.js';

/** Puts a fault into a space of the shop, to see whether it is noticed. */
export type Twist = (shop: Shop) => Shop;

const products = [
  { id: 1, name: 'Tea', unitsInStock: 12 },
  { id: 2, name: 'Jam', unitsInStock: 6 },
  { id: 3, name: 'Oil', unitsInStock: 3 },
];
const initialUnits = products.reduce((sum, { unitsInStock }) => sum + unitsInStock, 0);
/** Less than a frame may take there and back, so that requests are repeated which have not got lost. */
const patience = { order: '1500ms', request: '60ms', insistence: Number.POSITIVE_INFINITY } as const;

/** How the network of the shop behaves. */
export const faults = {
  delayMs: [0, 30],
  reorder: 0.1,
  duplicate: 0.1,
  drop: 0.1,
  cuts: { everyMs: 500, forMs: [20, 400] },
  disconnects: { everyMs: 1_000, forMs: [20, 400] },
  crashes: { everyMs: 700, forMs: [20, 400] },
} as const;

/**
 * The shop, each service on a machine of its own; a handful of customers who want more than there is, and some of whom change
 * their minds. What must be true of it stands here, and nowhere in the shop.
 */
export function shopWorld(twist: Twist = (shop) => shop, inventoryOf = createInventoryService): Scenario {
  return async ({ seed, space, random, sleep, clock, always, atEnd }) => {
    const history = takeDown();
    const place = <Built>(name: string, build: (shop: Shop, tools: SpaceTools) => Built, crashes = false) =>
      space(name, (tools) => build(twist(openShop(history.extension, tools.open)), tools), { crashes });
    const taking = ({ clock, random }: SpaceTools) => {
      const pause = pauseBy(clock);
      return (signal: AbortSignal) => pause(random.integer(0, 8), signal);
    };

    const { current: warehouse } = place('warehouse', (shop, tools) => inventoryOf(shop, products, taking(tools)));
    place('bank', (shop, tools) => createPaymentService(shop, seededChance(`${seed}`, 'payment', 0.2), taking(tools)));
    place('carrier', (shop, tools) =>
      createShippingService(shop, seededChance(`${seed}`, 'shipping', 0.2), taking(tools)),
    );
    place('orders', (shop, { clock }) => createOrderService(shop, 4, patience, pauseBy(clock)));
    const { current: desk } = place('desk', (shop, { clock }) => createFrontDesk(shop, patience, pauseBy(clock)));
    // Nobody depends on those who only listen, so they may crash.
    const office = (shop: Shop): void => {
      createDashboard(shop, () => {});
      createNotificationService(shop, new Map());
      createSupervisor(shop);
    };
    place('office', office, true);

    const orders = Array.from({ length: random.integer(6, 12) }, (_, at) => orderOf(at + 1, random));
    const outcomes = new Map<number, OrderOutcome>();

    always('no stock is below zero', () => warehouse.count().least >= 0);
    always('nothing is made or lost', () => {
      const { availableUnits, reservedUnits, shippedUnits } = warehouse.count();
      return availableUnits + reservedUnits + shippedUnits === initialUnits;
    });
    always('nothing is done twice, and no order ends twice', () => {
      if (history.contradictions.length > 0) throw new Error(history.contradictions.join(', '));
    });
    for (const { id, lines } of orders) {
      atEnd(`order ${id} ends once, as a whole or not at all`, () => {
        const { status } = outcomes.get(id) ?? { status: 'unknown' };
        const fulfilled = status === 'fulfilled' ? 1 : 0;
        const happened = {
          fulfilled: history.of(id, 'order.fulfilled'),
          rejected: history.of(id, 'order.rejected'),
          reserved: history.of(id, 'stock.reserved') - history.of(id, 'stock.released'),
          charged: history.of(id, 'payment.charged') - history.of(id, 'payment.refunded'),
          shipped: history.of(id, 'parcel.shipped') - history.of(id, 'parcel.recalled'),
        };
        const expected = {
          fulfilled,
          rejected: 1 - fulfilled,
          reserved: fulfilled,
          charged: fulfilled,
          shipped: fulfilled,
        };
        const [found, wanted] = [JSON.stringify(happened), JSON.stringify(expected)];
        if (found !== wanted) throw new Error(`order ${id} of ${unitsOf(lines)} units is ${status}, but ${found}`);
      });
    }
    atEnd('what was shipped and what remains is what there was', () => {
      const shipped = orders.filter(({ id }) => outcomes.get(id)?.status === 'fulfilled');
      const units = shipped.reduce((sum, { lines }) => sum + unitsOf(lines), 0);
      const count = warehouse.count();
      const expected = { availableUnits: initialUnits - units, reservedUnits: 0, shippedUnits: units };
      for (const [name, value] of Object.entries(expected)) {
        const found = count[name as keyof typeof expected];
        if (found !== value) throw new Error(`${name} should be ${value} and is ${found}`);
      }
    });

    const customer = async (order: Order): Promise<void> => {
      await sleep(random.integer(0, 1_500));
      const changing = new AbortController();
      if (random.chance(0.15)) clock.setTimer(random.integer(0, 150), () => changing.abort());
      outcomes.set(order.id, await desk.submit(order, changing.signal));
    };
    await Promise.all(orders.map(customer));
  };
}

function orderOf(id: number, random: Parameters<Scenario>[0]['random']): Order {
  const lines = random
    .shuffle(products)
    .slice(0, random.integer(1, 2))
    .map((product) => {
      return {
        productId: product.id,
        quantity: random.integer(1, 4),
        unitPriceInCents: random.integer(1, 500),
        discountInBasisPoints: 0,
      };
    });
  return { id, customerId: 'ANNA', shipTo: { name: 'Anna', city: 'Ulm', country: 'Germany' }, lines };
}

function pauseBy(clock: SpaceTools['clock']): Pause {
  return (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const timer = clock.setTimer(milliseconds, resolve);
      signal?.addEventListener(
        'abort',
        () => {
          timer.clear();
          resolve();
        },
        { once: true },
      );
    });
}
