import { initializeHappen } from '@happen/core';
import { dueCents, dueForAll, type Order, ordersFrom, orderOf } from '../order.js';
import type { Setting } from '../rows.js';
import { batchSize, fanOut, manyNodes, newTally, type Work } from '../work.js';

/** One run of the handler gets the list; sent singly, each event has a run of its own. */
export function batch({ tracking, way }: Setting): Work {
  const { createNode, close } = initializeHappen({ causality: { tracking } });
  const tally = newTally();
  const till = createNode('till');
  const customer = createNode('customer');
  // A handler that takes batches too.
  till.on('order', (received: { payload: Order } | readonly { payload: Order }[]) => {
    const events = Array.isArray(received) ? received : [received];
    tally.received += events.length;
    return dueForAll(events.map(({ payload }) => payload));
  });
  const together = async (orders: readonly Order[]): Promise<unknown> =>
    customer.send(
      till,
      orders.map((payload) => ({ type: 'order', payload })),
    );
  const singly = async (orders: readonly Order[]): Promise<unknown> => {
    const dues = await Promise.all(orders.map((payload) => customer.send(till, { type: 'order', payload })));
    return dues.reduce((cents, due) => cents + due, 0);
  };
  const ask = way === 'singly' ? singly : together;
  return {
    tally,
    async run(count) {
      for (let number = 0; number < count; number += batchSize) {
        const orders = ordersFrom(number, batchSize);
        tally.sent += batchSize;
        if ((await ask(orders)) !== dueForAll(orders)) tally.wrong++;
      }
    },
    close: async () => void (await close()),
  };
}

export function fanOutOf16({ tracking }: Setting): Work {
  const { createNode, close } = initializeHappen({ causality: { tracking } });
  const tally = newTally();
  const customer = createNode('customer');
  const tills = Array.from({ length: fanOut }, (_, index) => createNode(`till-${index}`));
  for (const till of tills) {
    till.on('order', (event) => {
      tally.received++;
      return dueCents(event.payload);
    });
  }
  return {
    tally,
    async run(count) {
      for (let number = 0; number < count; number += fanOut) {
        const order = orderOf(number);
        tally.sent += fanOut;
        const dues = await customer.send(tills, { type: 'order', payload: order });
        for (const { id } of tills) if (dues[id] !== dueCents(order)) tally.wrong++;
      }
    },
    close: async () => void (await close()),
  };
}

export function eachOfMany({ tracking }: Setting): Work {
  const { createNode, close } = initializeHappen({ causality: { tracking } });
  const tally = newTally();
  const customer = createNode('customer');
  const tills = Array.from({ length: manyNodes }, (_, index) => createNode(`till-${index}`));
  tills.forEach((till, index) => {
    till.on('order', (event) => {
      tally.received++;
      return dueCents(event.payload) + index;
    });
  });
  let next = 0;
  return {
    tally,
    async run(count) {
      for (let number = 0; number < count; number++) {
        const order = orderOf(number);
        const index = next++ % manyNodes;
        tally.sent++;
        const due: unknown = await customer.send(tills[index] as (typeof tills)[number], {
          type: 'order',
          payload: order,
        });
        if (due !== dueCents(order) + index) tally.wrong++;
      }
    },
    close: async () => void (await close()),
  };
}

export function createMany({ tracking }: Setting): Work {
  const tally = newTally();
  return {
    tally,
    chunk: manyNodes,
    async run(count) {
      const { createNode, close } = initializeHappen({ causality: { tracking } });
      const customer = createNode('customer');
      let made = 0;
      let last = customer;
      for (let number = 0; number < count; number++) {
        tally.sent++;
        last = createNode(`till-${number}`);
        last.on('order', (event) => dueCents(event.payload));
        made++;
      }
      const order = orderOf(count);
      const due: unknown = await customer.send(last, { type: 'order', payload: order });
      if (due === dueCents(order)) tally.received += made;
      else tally.wrong++;
      await close();
    },
    close: async () => {},
  };
}
