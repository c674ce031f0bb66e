import { initializeHappen, memoryHub } from '@happen/core';
import { dueCents, goodsCents, type Order, orderOf, shipmentOf, withNumber } from '../order.js';
import type { RowName, Setting } from '../rows.js';
import { inFlight, newTally, type Work } from '../work.js';
import { Arrivals } from './arrivals.js';
import { batch, createMany, eachOfMany, fanOutOf16 } from './happen-many.js';
import { stream } from './happen-stream.js';

type Tracking = Pick<Setting, 'tracking'>;

/** Isolation is left to `NODE_ENV`, as a program would. */
function request({ tracking }: Tracking): Work {
  const { createNode, close } = initializeHappen({ causality: { tracking } });
  const tally = newTally();
  const till = createNode('till');
  const customer = createNode('customer');
  till.on('order', (event) => {
    tally.received++;
    return dueCents(event.payload);
  });
  return {
    tally,
    async run(count) {
      for (let number = 0; number < count; number++) {
        const order = orderOf(number);
        tally.sent++;
        const due: unknown = await customer.send(till, { type: 'order', payload: order });
        if (due !== dueCents(order)) tally.wrong++;
      }
    },
    close: async () => void (await close()),
  };
}

/** A listener that adds up what it hears, so that the sender can compare. */
function broadcasting({ tracking }: Tracking) {
  const { createNode, close } = initializeHappen({ causality: { tracking } });
  const tally = newTally();
  const heard = { cents: 0 };
  const shop = createNode('shop');
  createNode('dashboard').on('ordered', (event) => {
    tally.received++;
    heard.cents += dueCents(event.payload);
  });
  return { shop, tally, heard, close: async () => void (await close()) };
}

function broadcast(tracking: Tracking): Work {
  const { shop, tally, heard, close } = broadcasting(tracking);
  return {
    tally,
    async run(count) {
      let told = 0;
      heard.cents = 0;
      for (let number = 0; number < count; number++) {
        const order = orderOf(number);
        tally.sent++;
        await shop.broadcast({ type: 'ordered', payload: order }).sent();
        told += dueCents(order);
      }
      if (heard.cents !== told) tally.wrong++;
    },
    close,
  };
}

function broadcastBurst(tracking: Tracking): Work {
  const { shop, tally, heard, close } = broadcasting(tracking);
  return {
    tally,
    async run(count) {
      let told = 0;
      heard.cents = 0;
      for (let number = 0; number < count; ) {
        for (let i = 1; i < inFlight; i++) {
          const order = orderOf(number++);
          tally.sent++;
          shop.broadcast({ type: 'ordered', payload: order });
          told += dueCents(order);
        }
        const last = orderOf(number++);
        tally.sent++;
        told += dueCents(last);
        // Events of one node leave in order, so the last one's receipt speaks for all.
        await shop.broadcast({ type: 'ordered', payload: last }).sent();
      }
      if (heard.cents !== told) tally.wrong++;
    },
    close,
  };
}

function flow({ tracking }: Tracking): Work {
  const { createNode, close } = initializeHappen({ causality: { tracking } });
  const tally = newTally();
  const till = createNode('till');
  const customer = createNode('customer');
  till.on('order', function price(event, context) {
    context['goods'] = goodsCents(event.payload);
    return number;
  });
  function number(event: { payload: Order }, context: Record<string, number>) {
    context['due'] = withNumber(context['goods'] as number, event.payload);
    return confirm;
  }
  function confirm(_event: unknown, context: Record<string, number>) {
    tally.received++;
    return context['due'];
  }
  return {
    tally,
    async run(count) {
      for (let i = 0; i < count; i++) {
        const order = orderOf(i);
        tally.sent++;
        const due: unknown = await customer.send(till, { type: 'order', payload: order });
        if (due !== dueCents(order)) tally.wrong++;
      }
    },
    close: async () => void (await close()),
  };
}

function chain({ tracking }: Tracking): Work {
  const { createNode, close } = initializeHappen({ causality: { tracking } });
  const tally = newTally();
  const customer = createNode('customer');
  const desk = createNode('desk');
  const till = createNode('till');
  const ledger = createNode('ledger');
  if (tracking === 'automatic') {
    desk.on('order', async (event) => (await desk.send(till, { type: 'price', payload: event.payload })) as number);
    till.on('price', async (event) => (await till.send(ledger, { type: 'book', payload: event.payload })) as number);
  } else {
    desk.on(
      'order',
      async (event, { node }) => (await node.send(till, { type: 'price', payload: event.payload })) as number,
    );
    till.on(
      'price',
      async (event, { node }) => (await node.send(ledger, { type: 'book', payload: event.payload })) as number,
    );
  }
  ledger.on('book', (event) => {
    tally.received++;
    if (event.context.causal.depth !== 2) tally.wrong++;
    return dueCents(event.payload);
  });
  return {
    tally,
    async run(count) {
      for (let number = 0; number < count; number++) {
        const order = orderOf(number);
        tally.sent++;
        const due: unknown = await customer.send(desk, { type: 'order', payload: order });
        if (due !== dueCents(order)) tally.wrong++;
      }
    },
    close: async () => void (await close()),
  };
}

/** Two spaces on a hub: all that passes between them is encoded into frames, checked and decoded. */
async function acrossHub({ tracking }: Tracking) {
  const hub = memoryHub();
  const shop = initializeHappen({ transport: hub.transport(), causality: { tracking } });
  const depot = initializeHappen({ transport: hub.transport(), causality: { tracking } });
  await Promise.all([shop.ready(), depot.ready()]);
  return {
    sender: shop.createNode('shop'),
    receiver: depot.createNode('depot'),
    depot: shop.node('depot'),
    close: async () => void (await Promise.all([shop.close(), depot.close()])),
  };
}

async function hubRequest(tracking: Tracking): Promise<Work> {
  const { sender, receiver, depot, close } = await acrossHub(tracking);
  const tally = newTally();
  receiver.on('ship', (event) => {
    tally.received++;
    return dueCents(event.payload);
  });
  return {
    tally,
    async run(count) {
      for (let number = 0; number < count; number++) {
        const shipment = shipmentOf(number);
        tally.sent++;
        const due: unknown = await sender.send(depot, { type: 'ship', payload: shipment });
        if (due !== dueCents(shipment)) tally.wrong++;
      }
    },
    close,
  };
}

async function hubRequest256(tracking: Tracking): Promise<Work> {
  const { sender, receiver, depot, close } = await acrossHub(tracking);
  const tally = newTally();
  receiver.on('ship', (event) => {
    tally.received++;
    return dueCents(event.payload);
  });
  return {
    tally,
    async run(count) {
      let next = 0;
      const one = async (): Promise<void> => {
        while (next < count) {
          const shipment = shipmentOf(next++);
          tally.sent++;
          const due: unknown = await sender.send(depot, { type: 'ship', payload: shipment });
          if (due !== dueCents(shipment)) tally.wrong++;
        }
      };
      await Promise.all(Array.from({ length: inFlight }, one));
    },
    close,
  };
}

async function hubOneWay(tracking: Tracking): Promise<Work> {
  const { sender, receiver, depot, close } = await acrossHub(tracking);
  const tally = newTally();
  const arrivals = new Arrivals();
  let heard = 0;
  receiver.on('ship', (event) => {
    tally.received++;
    heard += dueCents(event.payload);
    arrivals.one();
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
          sender.send(depot, { type: 'ship', payload: shipment });
          told += dueCents(shipment);
        }
        await arrived;
      }
      if (heard !== told) tally.wrong++;
    },
    close,
  };
}

/** Every row, as a program on Happen would write it. */
export const works: Readonly<Partial<Record<RowName, (setting: Setting) => Work | Promise<Work>>>> = {
  request,
  broadcast,
  'broadcast-burst': broadcastBurst,
  flow,
  chain,
  'batch-64': batch,
  'fan-out-16': fanOutOf16,
  'nodes-1000': eachOfMany,
  'create-nodes-1000': createMany,
  'stream-10000': stream,
  'request-development': request,
  'hub-request': hubRequest,
  'hub-request-256': hubRequest256,
  'hub-one-way': hubOneWay,
};
