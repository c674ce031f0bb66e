import { type Context, ServiceBroker, type ServiceSchema } from 'moleculer';
import { dueCents, dueForAll, type Order, ordersFrom, orderOf } from '../order.js';
import type { Setting } from '../rows.js';
import { batchSize, fanOut, manyNodes, newTally, type Work } from '../work.js';

/** Moleculer's own defaults, without its log. */
export async function broker(services: readonly ServiceSchema[]): Promise<ServiceBroker> {
  const made = new ServiceBroker({ logger: false });
  for (const service of services) made.createService(service);
  await made.start();
  return made;
}

/** Moleculer has no batches: several calls at once are nearest. Sent as a list, all are parts of one call. */
export async function batch({ way }: Setting): Promise<Work> {
  const tally = newTally();
  const customer = await broker([
    {
      name: 'till',
      actions: {
        order(ctx: Context<Order>) {
          tally.received++;
          return dueCents(ctx.params);
        },
        orders(ctx: Context<{ orders: readonly Order[] }>) {
          tally.received += ctx.params.orders.length;
          return dueForAll(ctx.params.orders);
        },
      },
    },
  ]);
  const asList = (orders: readonly Order[]): Promise<unknown> => customer.call('till.orders', { orders });
  const singly = async (orders: readonly Order[]): Promise<unknown> => {
    const dues = await customer.mcall<number>(orders.map((params) => ({ action: 'till.order', params })));
    return dues.reduce((cents, due) => cents + due, 0);
  };
  const ask = way === 'as a list' ? asList : singly;
  return {
    tally,
    async run(count) {
      for (let number = 0; number < count; number += batchSize) {
        const orders = ordersFrom(number, batchSize);
        tally.sent += batchSize;
        if ((await ask(orders)) !== dueForAll(orders)) tally.wrong++;
      }
    },
    close: () => customer.stop(),
  };
}

export async function fanOutOf16(): Promise<Work> {
  const tally = newTally();
  const actions = Array.from({ length: fanOut }, (_, index) => `till-${index}.order`);
  const customer = await broker(
    actions.map((action) => ({
      name: action.replace('.order', ''),
      actions: {
        order(ctx: Context<Order>) {
          tally.received++;
          return dueCents(ctx.params);
        },
      },
    })),
  );
  return {
    tally,
    async run(count) {
      for (let number = 0; number < count; number += fanOut) {
        const params = orderOf(number);
        tally.sent += fanOut;
        const dues = await customer.mcall<number>(actions.map((action) => ({ action, params })));
        for (const due of dues) if (due !== dueCents(params)) tally.wrong++;
      }
    },
    close: () => customer.stop(),
  };
}

export async function eachOfMany(): Promise<Work> {
  const tally = newTally();
  const customer = await broker(
    Array.from({ length: manyNodes }, (_, index) => ({
      name: `till-${index}`,
      actions: {
        order(ctx: Context<Order>) {
          tally.received++;
          return dueCents(ctx.params) + index;
        },
      },
    })),
  );
  // A program that has a node at hand has no name to put together; so the names are made once here too.
  const actions = Array.from({ length: manyNodes }, (_, index) => `till-${index}.order`);
  let next = 0;
  return {
    tally,
    async run(count) {
      for (let number = 0; number < count; number++) {
        const order = orderOf(number);
        const index = next++ % manyNodes;
        tally.sent++;
        const due: unknown = await customer.call(actions[index] as string, order);
        if (due !== dueCents(order) + index) tally.wrong++;
      }
    },
    close: () => customer.stop(),
  };
}

export async function createMany(): Promise<Work> {
  const tally = newTally();
  return {
    tally,
    chunk: manyNodes,
    async run(count) {
      const customer = new ServiceBroker({ logger: false });
      let made = 0;
      for (let number = 0; number < count; number++) {
        tally.sent++;
        customer.createService({
          name: `till-${number}`,
          actions: { order: (ctx: Context<Order>) => dueCents(ctx.params) },
        });
        made++;
      }
      await customer.start();
      const order = orderOf(count);
      const due: unknown = await customer.call(`till-${count - 1}.order`, order);
      if (due === dueCents(order)) tally.received += made;
      else tally.wrong++;
      await customer.stop();
    },
    close: async () => {},
  };
}
