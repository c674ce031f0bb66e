// What schemas promise to those who handle and send: the payload that comes out of them, and the one that goes in.
import { z } from 'zod';
import { expectTypeOf } from 'vitest';
import {
  type AnyEvents,
  type Checked,
  type HappenEvent,
  initializeHappen,
  type NodeRef,
  type StandardSchema,
} from '../../src/index.js';

const { createNode, node } = initializeHappen();
const plain = createNode('plain');

const orderEvents = {
  'order.placed': z.object({ orderId: z.string(), total: z.string().transform(Number), note: z.string().default('') }),
  'order.cancelled': z.string(),
};

// --- the map is that of the schemas

const orders = createNode('orders', { events: orderEvents, acceptFrom: ['plain'] });
orders.on('order.placed', (event) => {
  expectTypeOf(event).toEqualTypeOf<HappenEvent<'order.placed', { orderId: string; total: number; note: string }>>();
  return { accepted: true };
});
orders.on('order.*', (event) => {
  expectTypeOf(event.type).toEqualTypeOf<'order.placed' | 'order.cancelled'>();
});
orders.on(
  'order.placed',
  (one) => {
    expectTypeOf(one).toEqualTypeOf<
      | HappenEvent<'order.placed', { orderId: string; total: number; note: string }>
      | HappenEvent<'order.placed', { orderId: string; total: number; note: string }>[]
    >();
  },
  { batch: true },
);

async function sending(): Promise<void> {
  void (await plain.send(orders, { type: 'order.placed', payload: { orderId: '1', total: '5' } })).whatever;
  await plain.send(orders, { type: 'order.cancelled', payload: '1' });
  await plain.send(orders, [
    { type: 'order.cancelled', payload: '1' },
    { type: 'order.placed', payload: { orderId: '1', total: '5', note: 'x' } },
  ]);
  // @ts-expect-error a misspelt member, where the right one may be left out
  await plain.send(orders, { type: 'order.placed', payload: { orderId: '1', total: '5', nte: 'x' } });
  // @ts-expect-error what comes out is not what goes in
  await plain.send(orders, { type: 'order.placed', payload: { orderId: '1', total: 5 } });
  // @ts-expect-error an unknown type
  await plain.send(orders, { type: 'order.lost' });
  // @ts-expect-error a wrong payload within a batch
  await plain.send(orders, [{ type: 'order.cancelled', payload: 1 }]);

  // a reference with the same schemas
  const reference = node('orders', { events: orderEvents });
  await plain.send(reference, { type: 'order.placed', payload: { orderId: '1', total: '5' } });
  // @ts-expect-error a wrong payload to it
  await plain.send(reference, { type: 'order.placed', payload: { orderId: 1, total: '5' } });
}

// --- a map beside them says what handlers result in

type OrderEvents = {
  'order.placed': Checked<(typeof orderEvents)['order.placed'], { accepted: boolean }>;
  'order.cancelled'(orderId: string): void;
  'order.listed'(): number;
};
const typed = createNode<OrderEvents>('typed', { events: orderEvents });
typed.on('order.placed', (event) => ({ accepted: event.payload.total > 0 }));
// @ts-expect-error a wrong result
typed.on('order.placed', () => ({ accepted: 'yes' }));
const known: NodeRef<OrderEvents> = node<OrderEvents>('typed', { events: { 'order.cancelled': z.string() } });
createNode<OrderEvents>('wrong', {
  // @ts-expect-error a schema of another payload
  events: { 'order.cancelled': z.number() },
});
createNode<OrderEvents>('unknown', {
  // @ts-expect-error a type that the map has not
  events: { 'order.lost': z.string() },
});

async function sendingTyped(): Promise<void> {
  const answer = await plain.send(known, { type: 'order.placed', payload: { orderId: '1', total: '5' } });
  expectTypeOf(answer).toEqualTypeOf<{ accepted: boolean }>();
  // @ts-expect-error what comes out is not what goes in
  await plain.send(typed, { type: 'order.placed', payload: { orderId: '1', total: 5 } });
}

// --- any Standard Schema will do, and nothing else

const byHand: StandardSchema<string, Date> = {
  '~standard': { version: 1, vendor: 'me', validate: (value) => ({ value: new Date(String(value)) }) },
};
const timed = createNode('timed', { events: { due: byHand } });
timed.on('due', (event) => {
  expectTypeOf(event.payload).toEqualTypeOf<Date>();
});
void timed.send({ type: 'due', payload: '2026-01-01' });
// @ts-expect-error no schema
createNode('none', { events: { due: {} } });
// @ts-expect-error no such option
createNode('none', { event: { due: byHand } });

// --- untyped as before

expectTypeOf(createNode('plain too', { acceptFrom: ['a'] })).toEqualTypeOf(plain);
expectTypeOf(node('elsewhere')).toEqualTypeOf<NodeRef<AnyEvents>>();

export { sending, sendingTyped };
