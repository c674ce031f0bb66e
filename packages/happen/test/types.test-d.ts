import { expectTypeOf } from 'vitest';
import {
  createNodeArray,
  type HappenConfig,
  type HappenSpace,
  initializeHappen,
  type Node,
  type Space,
} from '../src/index.js';

interface Broadcasts {
  'order.placed'(payload: { id: number }): void;
}
interface Orders {
  'order.place'(payload: { id: number }): { accepted: boolean };
}

const happen = initializeHappen<Broadcasts>({
  nats: {
    connection: {
      server: { servers: ['nats://localhost:4222'], jetstream: true },
      browser: { servers: ['wss://localhost:8443'], jetstream: true },
    },
  },
});
expectTypeOf(happen).toEqualTypeOf<HappenSpace<Broadcasts, []>>();
// whoever takes a space of core takes this one
expectTypeOf(happen).toExtend<Space<Broadcasts, []>>();

const orders = happen.createNode<Orders>('orders', { delivery: 'at-most-once', acceptFrom: ['till'] });
expectTypeOf(orders).toEqualTypeOf<Node<Orders, any, [], Broadcasts>>();
orders.on('order.place', (event) => {
  expectTypeOf(event.payload).toEqualTypeOf<{ id: number }>();
  return { accepted: true };
});
createNodeArray([orders]);

// @ts-expect-error a server has URLs
export const wrong: HappenConfig = { nats: { connection: { servers: 4222 } } };
// @ts-expect-error durable delivery is still to come
happen.createNode('a', { delivery: 'exactly-once' });
// @ts-expect-error there is no such setting
initializeHappen({ nats: { conection: {} } });
