import { type Context, ServiceBroker, type ServiceSchema } from 'moleculer';
import { dueCents, goodsCents, type Order, orderOf, type Shipment, shipmentOf, withNumber } from '../order.js';
import type { RowName, Setting } from '../rows.js';
import { inFlight, newTally, type Work } from '../work.js';
import { Arrivals } from './arrivals.js';
import { batch, broker, createMany, eachOfMany, fanOutOf16 } from './moleculer-many.js';

async function request(): Promise<Work> {
  const tally = newTally();
  const customer = await broker([
    {
      name: 'till',
      actions: {
        order(ctx: Context<Order>) {
          tally.received++;
          return dueCents(ctx.params);
        },
      },
    },
  ]);
  return {
    tally,
    async run(count) {
      for (let number = 0; number < count; number++) {
        const order = orderOf(number);
        tally.sent++;
        const due: unknown = await customer.call('till.order', order);
        if (due !== dueCents(order)) tally.wrong++;
      }
    },
    close: () => customer.stop(),
  };
}

async function broadcasting() {
  const tally = newTally();
  const heard = { cents: 0 };
  const shop = await broker([
    {
      name: 'dashboard',
      events: {
        ordered(ctx: Context<Order>) {
          tally.received++;
          heard.cents += dueCents(ctx.params);
        },
      },
    },
  ]);
  return { shop, tally, heard, close: () => shop.stop() };
}

async function broadcast(): Promise<Work> {
  const { shop, tally, heard, close } = await broadcasting();
  return {
    tally,
    async run(count) {
      let told = 0;
      heard.cents = 0;
      for (let number = 0; number < count; number++) {
        const order = orderOf(number);
        tally.sent++;
        await shop.emit('ordered', order);
        told += dueCents(order);
      }
      if (heard.cents !== told) tally.wrong++;
    },
    close,
  };
}

async function broadcastBurst(): Promise<Work> {
  const { shop, tally, heard, close } = await broadcasting();
  return {
    tally,
    async run(count) {
      let told = 0;
      heard.cents = 0;
      for (let number = 0; number < count; ) {
        const emitted: Promise<unknown>[] = [];
        for (let i = 0; i < inFlight; i++) {
          const order = orderOf(number++);
          tally.sent++;
          emitted.push(shop.emit('ordered', order));
          told += dueCents(order);
        }
        await Promise.all(emitted);
      }
      if (heard.cents !== told) tally.wrong++;
    },
    close,
  };
}

/** Three functions that the framework runs one after the other for one call. */
async function flow(): Promise<Work> {
  const tally = newTally();
  const customer = await broker([
    {
      name: 'till',
      actions: {
        order: {
          hooks: {
            before(ctx: Context<Order>) {
              ctx.locals['goods'] = goodsCents(ctx.params);
            },
            after(ctx: Context<Order>) {
              tally.received++;
              return ctx.locals['due'];
            },
          },
          handler(ctx: Context<Order>) {
            ctx.locals['due'] = withNumber(ctx.locals['goods'], ctx.params);
          },
        },
      },
    },
  ]);
  return {
    tally,
    async run(count) {
      for (let number = 0; number < count; number++) {
        const order = orderOf(number);
        tally.sent++;
        const due: unknown = await customer.call('till.order', order);
        if (due !== dueCents(order)) tally.wrong++;
      }
    },
    close: () => customer.stop(),
  };
}

/** `ctx.call` is what carries Moleculer's own request id and level along. */
async function chain(): Promise<Work> {
  const tally = newTally();
  const customer = await broker([
    {
      name: 'desk',
      actions: { order: async (ctx: Context<Order>): Promise<number> => await ctx.call('till.price', ctx.params) },
    },
    {
      name: 'till',
      actions: { price: async (ctx: Context<Order>): Promise<number> => await ctx.call('ledger.book', ctx.params) },
    },
    {
      name: 'ledger',
      actions: {
        book(ctx: Context<Order>) {
          tally.received++;
          if (ctx.level !== 3) tally.wrong++;
          return dueCents(ctx.params);
        },
      },
    },
  ]);
  return {
    tally,
    async run(count) {
      for (let number = 0; number < count; number++) {
        const order = orderOf(number);
        tally.sent++;
        const due: unknown = await customer.call('desk.order', order);
        if (due !== dueCents(order)) tally.wrong++;
      }
    },
    close: () => customer.stop(),
  };
}

/** Two brokers on Moleculer's transporter within a process, which serialises as its others do (JSON). */
async function acrossBrokers(depotSchema: ServiceSchema) {
  const shop = new ServiceBroker({ nodeID: 'shop', logger: false, transporter: 'fake' });
  const depot = new ServiceBroker({ nodeID: 'depot', logger: false, transporter: 'fake' });
  depot.createService(depotSchema);
  await Promise.all([shop.start(), depot.start()]);
  await shop.waitForServices('depot');
  return {
    shop,
    close: async () => {
      await shop.stop();
      await depot.stop();
    },
  };
}

async function hubRequest(): Promise<Work> {
  const tally = newTally();
  const { shop, close } = await acrossBrokers(shippingDepot(tally));
  return {
    tally,
    async run(count) {
      for (let number = 0; number < count; number++) {
        const shipment = shipmentOf(number);
        tally.sent++;
        const due: unknown = await shop.call('depot.ship', shipment);
        if (due !== dueCents(shipment)) tally.wrong++;
      }
    },
    close,
  };
}

async function hubRequest256(): Promise<Work> {
  const tally = newTally();
  const { shop, close } = await acrossBrokers(shippingDepot(tally));
  return {
    tally,
    async run(count) {
      let next = 0;
      const one = async (): Promise<void> => {
        while (next < count) {
          const shipment = shipmentOf(next++);
          tally.sent++;
          const due: unknown = await shop.call('depot.ship', shipment);
          if (due !== dueCents(shipment)) tally.wrong++;
        }
      };
      await Promise.all(Array.from({ length: inFlight }, one));
    },
    close,
  };
}

function shippingDepot(tally: { received: number }): ServiceSchema {
  return {
    name: 'depot',
    actions: {
      ship(ctx: Context<Shipment>) {
        tally.received++;
        return dueCents(ctx.params);
      },
    },
  };
}

async function hubOneWay(): Promise<Work> {
  const tally = newTally();
  const arrivals = new Arrivals();
  let heard = 0;
  const { shop, close } = await acrossBrokers({
    name: 'depot',
    events: {
      ship(ctx: Context<Shipment>) {
        tally.received++;
        heard += dueCents(ctx.params);
        arrivals.one();
      },
    },
  });
  return {
    tally,
    async run(count) {
      let told = 0;
      heard = 0;
      for (let number = 0; number < count; ) {
        const arrived = arrivals.expect(inFlight);
        for (let i = 0; i < inFlight; i++) {
          const shipment = shipmentOf(number++);
          tally.sent++;
          void shop.emit('ship', shipment);
          told += dueCents(shipment);
        }
        await arrived;
      }
      if (heard !== told) tally.wrong++;
    },
    close,
  };
}

/** Every row that Moleculer takes part in, as a program on it would write it. */
export const works: Readonly<Partial<Record<RowName, (setting: Setting) => Promise<Work>>>> = {
  request,
  broadcast,
  'broadcast-burst': broadcastBurst,
  flow,
  chain,
  'batch-64': batch,
  'fan-out-16': fanOutOf16,
  'nodes-1000': eachOfMany,
  'create-nodes-1000': createMany,
  'hub-request': hubRequest,
  'hub-request-256': hubRequest256,
  'hub-one-way': hubOneWay,
};
