// What a map of events promises to those who handle, send and broadcast them.
import {
  type EventStream,
  type HappenError,
  type FlowContext,
  type HappenEvent,
  type Handler,
  createNodeArray,
  initializeHappen,
  type NodeRef,
  type Receipt,
  type ResultsById,
  type Step,
} from '../../src/index.js';
import { expectTypeOf } from 'vitest';
import type { Broadcasts, OrderEvents } from './order-events.js';

const happen = initializeHappen<Broadcasts>();
const orders = happen.createNode<OrderEvents>('orders');
const plain = initializeHappen().createNode('plain');

// --- handling

orders.on('order.submitted', (event, context) => {
  expectTypeOf(event.type).toEqualTypeOf<'order.submitted'>();
  expectTypeOf(event.payload).toEqualTypeOf<{ orderId: string; total: number }>();
  expectTypeOf(context.sender).toEqualTypeOf<string>();
  expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>();
  context['validation'] = 1;
  context.anything = { of: 'the user' };
  return check;
});

// a named step that returns itself
const check: Step<HappenEvent<'order.submitted', { orderId: string; total: number }>, { accepted: boolean }> = (
  event,
  context,
) => (context.again ? check : { accepted: event.payload.total > context.validation });

// a named step without writing the event's type twice
const second: Handler<OrderEvents, 'order.submitted'> = (event) => ({ accepted: event.payload.total > 0 });
orders.on('order.submitted', () => second);
orders.on('order.submitted', async () => second);
orders.on('order.submitted', async (event) => ({ accepted: event.payload.total > 1 }));
orders.on('order.submitted', () => {});

// @ts-expect-error a wrong result
orders.on('order.submitted', () => ({ accepted: 'yes' }));
// @ts-expect-error a wrong result, promised
orders.on('order.submitted', async () => ({ accepted: 'yes' }));
orders.on('order.submitted', (event) => {
  // @ts-expect-error a member that the payload has not
  void event.payload.quantity;
});
orders.on('order.submitted', (event) => {
  // @ts-expect-error what was received can't be changed
  event.type = 'order.submitted';
});

// words among the results are taken for what they are
orders.on('stock.low', () => 'noted');
orders.on('payment.judged', () => ({ status: 'taken' }));
orders.on('payment.judged', async (event) =>
  event.payload.total > 5 ? { status: 'taken' } : { status: 'refused', reason: 'little' },
);
orders.on('payment.judged', (event) => {
  if (event.payload.total > 5) return { status: 'taken' };
  return (later) => (later.payload.total > 1 ? { status: 'refused' } : undefined);
});
// @ts-expect-error another word
orders.on('stock.low', () => 'heard');
// @ts-expect-error another word within
orders.on('payment.judged', () => ({ status: 'lost' }));

// patterns know what they match
orders.on('order.*', (event) => {
  expectTypeOf(event.type).toEqualTypeOf<'order.submitted' | 'order.shipped' | 'order.confirmed'>();
  if (event.type === 'order.submitted') expectTypeOf(event.payload).toEqualTypeOf<{ orderId: string; total: number }>();
});
orders.on('order.**', (event) => {
  expectTypeOf(event.type).toEqualTypeOf<
    'order.submitted' | 'order.shipped' | 'order.line.added' | 'order.confirmed'
  >();
});
orders.on('**', (event) => {
  expectTypeOf(event.type).toEqualTypeOf<keyof OrderEvents | keyof Broadcasts>();
});
orders.on('*.low', (event) => {
  expectTypeOf(event.type).toEqualTypeOf<'stock.low'>();
});
orders.on('price.changed', (event) => {
  expectTypeOf(event.payload).toEqualTypeOf<{ product: string; price: number }>();
});
orders.on('something.else', (event) => {
  expectTypeOf(event.payload).toEqualTypeOf<any>();
});
orders.on(
  (type) => type.endsWith('.error'),
  (event, context) => {
    void event.payload.anything;
    return context.next || null;
  },
);
const end: () => void = orders.on('stock.low', () => 'noted');

// a type that the node's map and the broadcasts both name may come from either
const both = initializeHappen<{ 'order.shipped'(payload: { to: string }): void }>().createNode<OrderEvents>('both');
both.on('order.shipped', (event) => {
  expectTypeOf(event.payload).toEqualTypeOf<{ orderId: string } | { to: string }>();
});

// a generator's outcome is its stream
orders.on('report.build', async function* (event) {
  yield { progress: event.payload.year };
  return { url: '' };
});

// … of either kind, and also a stream of the same items that it received, which it hands on
orders.on('report.build', function* (event) {
  yield { progress: event.payload.year };
  return { url: '' };
});
orders.on('report.build', async (event) => await plain.send(orders, { type: 'report.build', payload: event.payload }));
// @ts-expect-error the items are of another type
orders.on('report.build', async function* () {
  yield { progress: 'half' };
  return { url: '' };
});
// @ts-expect-error what is no stream is no outcome
orders.on('report.build', () => ({ url: '' }));

// a broadcast that its sender makes by a generator brings a stream
orders.on('load.measured', async (event) => {
  const stream = event[Symbol.asyncIterator]();
  expectTypeOf(stream).toEqualTypeOf<EventStream<{ load: number }, 'over'>>();
  expectTypeOf(stream.dropped).toBeNumber();
  for await (const item of event) expectTypeOf(item).toEqualTypeOf<{ load: number }>();
});
orders.on('order.confirmed', async (event) => {
  // @ts-expect-error it has no stream
  event[Symbol.asyncIterator]();
});
// what is left untyped may have one
plain.on('anything', async (event) => {
  for await (const item of event) expectTypeOf(item).toBeAny();
});
plain.broadcast({ type: 'load.measured', payload: undefined }, { overflow: 'block' });
// @ts-expect-error only a broadcast has it
void plain.send(orders, { type: 'stock.low' }, { overflow: 'block' });

// --- sending to one node: the target's map decides

async function sending(): Promise<void> {
  const answer = await plain.send(orders, { type: 'order.submitted', payload: { orderId: '1', total: 2 } });
  expectTypeOf(answer).toEqualTypeOf<{ accepted: boolean }>();
  const returned = await plain.send(orders, { type: 'order.submitted', payload: { orderId: '1', total: 2 } }).return();
  expectTypeOf(returned).toEqualTypeOf<{ accepted: boolean }>();
  const mapped = await plain
    .send(orders, { type: 'order.submitted', payload: { orderId: '1', total: 2 } })
    .return((result) => result.accepted);
  expectTypeOf(mapped).toEqualTypeOf<boolean>();
  const chained = await plain
    .send(orders, { type: 'order.submitted', payload: { orderId: '1', total: 2 } })
    .then((result) => [result.accepted]);
  expectTypeOf(chained).toEqualTypeOf<boolean[]>();
  const awaited = await plain.send(orders, { type: 'order.line.added', payload: { line: 1 } });
  expectTypeOf(awaited).toEqualTypeOf<number>();
  const nothing = await plain.send(orders, { type: 'order.shipped', payload: { orderId: '1' } });
  expectTypeOf(nothing).toEqualTypeOf<void>();
  const receipt = await plain.send(orders, { type: 'order.shipped', payload: { orderId: '1' } }).sent();
  expectTypeOf(receipt).toEqualTypeOf<Receipt>();
  await plain.send(orders, { type: 'stock.low' });
  await plain.send(orders, { type: 'stock.low', payload: undefined });

  const stream = await plain.send(orders, { type: 'report.build', payload: { year: 1 } });
  expectTypeOf(stream).toEqualTypeOf<EventStream<{ progress: number }, { url: string }>>();
  for await (const step of stream) expectTypeOf(step).toEqualTypeOf<{ progress: number }>();
  expectTypeOf(await stream.result).toEqualTypeOf<{ url: string }>();
  expectTypeOf(await stream.next()).toEqualTypeOf<IteratorResult<{ progress: number }, { url: string }>>();
  expectTypeOf(await stream.return()).toEqualTypeOf<IteratorResult<{ progress: number }, { url: string }>>();
  for await (const step of plain.send(orders, { type: 'report.build', payload: { year: 1 } })) {
    expectTypeOf(step).toEqualTypeOf<{ progress: number }>();
  }
  // nothing can be taken from what is no stream
  for await (const nothing of plain.send(orders, { type: 'stock.low' })) expectTypeOf(nothing).toBeNever();
  // untyped, it may be one
  for await (const anything of plain.send('orders', { type: 'any' })) expectTypeOf(anything).toBeAny();
  const final = await plain.send(orders, { type: 'report.build', payload: { year: 1 } }).return();
  expectTypeOf(final).toEqualTypeOf<{ url: string }>();
  expectTypeOf(orders.process({ type: 'report.build', payload: { year: 1 } })).resolves.toEqualTypeOf<{
    url: string;
  }>();

  const reference: NodeRef<OrderEvents> = happen.node<OrderEvents>('orders');
  const referred = await plain.send(
    reference,
    { type: 'order.submitted', payload: { orderId: '1', total: 2 } },
    { timeout: '5s', key: 'k' },
  );
  expectTypeOf(referred).toEqualTypeOf<{ accepted: boolean }>();

  const self = await orders.send({ type: 'order.submitted', payload: { orderId: '1', total: 2 } });
  expectTypeOf(self).toEqualTypeOf<{ accepted: boolean }>();
  const processed = await orders.process({ type: 'order.line.added', payload: { line: 1 } });
  expectTypeOf(processed).toEqualTypeOf<number>();
  const response = orders.processSync({ type: 'order.submitted', payload: { orderId: '1', total: 2 } });
  expectTypeOf(response).toEqualTypeOf<HappenEvent<'order.submitted', { accepted: boolean }>>();

  // @ts-expect-error a wrong payload
  plain.send(orders, { type: 'order.submitted', payload: { orderId: 1 } });
  // @ts-expect-error a payload that is missing
  plain.send(orders, { type: 'order.submitted' });
  // @ts-expect-error an unknown type
  plain.send(orders, { type: 'nope', payload: {} });
  // @ts-expect-error a wrong payload to itself
  orders.send({ type: 'order.submitted', payload: { orderId: 1 } });
  // @ts-expect-error an unknown type to a reference
  plain.send(reference, { type: 'nope' });
  // @ts-expect-error an unknown option
  plain.send(orders, { type: 'stock.low' }, { timeOut: 5 });
  // @ts-expect-error a priority that is none
  plain.send(orders, { type: 'stock.low' }, { priority: 'urgent' });
  // @ts-expect-error a typing error
  void orders.brodcast;
  // @ts-expect-error a wrong event to process
  await orders.process({ type: 'order.line.added', payload: { line: '1' } });
}

// --- several nodes and batches

type StockEvents = {
  'stock.low'(): 'seen' | 'noted';
  'order.shipped'(payload: { orderId: string; parcel?: number }): Promise<boolean>;
  'stock.counted'(payload: number): void;
};
const stock = happen.createNode<StockEvents>('stock');

async function many(): Promise<void> {
  // targets of which one is not known ask for nothing
  const answers = await plain.send([orders, 'elsewhere'], { type: 'anything', payload: 5 });
  expectTypeOf(answers).toEqualTypeOf<ResultsById<any>>();
  expectTypeOf(answers.errors).toEqualTypeOf<{ readonly [id: string]: HappenError }>();
  expectTypeOf(await answers.return()).toEqualTypeOf<ResultsById<any>>();

  // known ones take what all of them take
  const shipped = await plain.send([orders, stock], { type: 'order.shipped', payload: { orderId: '1' } });
  expectTypeOf(shipped).toEqualTypeOf<ResultsById<void | boolean>>();
  const low = await plain.send([orders, stock], { type: 'stock.low' }, { timeout: 5 }).return();
  expectTypeOf(low).toEqualTypeOf<ResultsById<'noted' | 'seen'>>();
  const streams = await plain.send([orders, orders], { type: 'report.build', payload: { year: 1 } });
  expectTypeOf(streams).toEqualTypeOf<ResultsById<EventStream<{ progress: number }, { url: string }>>>();
  const finals = await plain.send([orders], { type: 'report.build', payload: { year: 1 } }).return();
  expectTypeOf(finals).toEqualTypeOf<ResultsById<{ url: string }>>();
  const urls = await plain
    .send([orders], { type: 'report.build', payload: { year: 1 } })
    .return((results) => results['orders']?.url);
  expectTypeOf(urls).toEqualTypeOf<string | undefined>();
  await plain.send([orders, stock], [{ type: 'stock.low' }, { type: 'order.shipped', payload: { orderId: '1' } }]);
  // @ts-expect-error what one of them does not take
  await plain.send([orders, stock], { type: 'stock.counted', payload: 5 });
  // @ts-expect-error a wrong payload for them
  await plain.send([orders, stock], { type: 'order.shipped', payload: { orderId: 1 } });
  // @ts-expect-error a wrong payload within a batch for them
  await plain.send([orders, stock], [{ type: 'order.shipped', payload: {} }]);

  // batches
  await plain.send(orders, [{ type: 'stock.low' }, { type: 'order.shipped', payload: { orderId: '1' } }]);
  await orders.send([{ type: 'stock.low' }]);
  expectTypeOf(await orders.process([{ type: 'stock.low' }])).toEqualTypeOf<any>();
  await plain.send('elsewhere', [{ type: 'x', payload: 1 }, { type: 'y' }], { key: 'k' });
  await plain.send([{ type: 'x' }, { type: 'y', payload: 5 }]);
  const made = [1, 2].map((line) => ({ type: 'order.line.added' as const, payload: { line } }));
  await plain.send(orders, made);
  // @ts-expect-error a wrong payload within a batch
  await plain.send(orders, [{ type: 'order.shipped', payload: { orderId: 1 } }]);
  // @ts-expect-error an unknown type within a batch to itself
  await orders.send([{ type: 'nope' }]);
  // @ts-expect-error a payload that is missing from a batch
  await orders.process([{ type: 'order.shipped' }]);

  // arrays of nodes
  const array = happen.createNodeArray([orders, stock]);
  const all = await array.send({ type: 'order.shipped', payload: { orderId: '1' } });
  expectTypeOf(all).toEqualTypeOf<ResultsById<void | boolean>>();
  await array.send([{ type: 'stock.low' }]);
  array.on('order.shipped', async (event, context) => {
    expectTypeOf(event.payload).toEqualTypeOf<{ orderId: string } | { orderId: string; parcel?: number }>();
    expectTypeOf(context.node.id).toEqualTypeOf<string>();
    return true;
  });
  // @ts-expect-error what one of them does not take
  await array.send({ type: 'stock.counted', payload: 5 });
  const mixed = createNodeArray([orders, plain]);
  expectTypeOf(await mixed.send({ type: 'anything', payload: 5 })).toEqualTypeOf<ResultsById<any>>();
  mixed.on('**', (event) => (Array.isArray(event) ? event.length : 1));
  mixed.on(
    (type) => type === 'x',
    (event) => event.payload.whatever,
  );
}

// a handler says that it takes batches, and is given them
orders.on(
  'order.shipped',
  (one) => {
    expectTypeOf(one).toEqualTypeOf<
      HappenEvent<'order.shipped', { orderId: string }> | HappenEvent<'order.shipped', { orderId: string }>[]
    >();
    if (!Array.isArray(one)) return 1;
    // the check leaves each event its type
    expectTypeOf(one).toEqualTypeOf<HappenEvent<'order.shipped', { orderId: string }>[]>();
    return one.length;
  },
  { batch: true },
);
orders.on('stock.low', () => 'noted', { batch: false });
// @ts-expect-error one by one it has the result of the map
orders.on('stock.low', () => 'heard', { batch: false });
// @ts-expect-error an unknown option
orders.on('stock.low', () => 'noted', { batches: false });

// --- broadcasting: the space's map decides

orders.broadcast({ type: 'order.confirmed', payload: { orderId: '1' } });
void orders.broadcast({ type: 'order.confirmed', payload: { orderId: '1' } }, { delay: 5 }).sent();
// @ts-expect-error a wrong payload
orders.broadcast({ type: 'order.confirmed', payload: { orderId: 1 } });
// @ts-expect-error a type that is not broadcast
orders.broadcast({ type: 'order.submitted', payload: { orderId: '1', total: 2 } });

// --- context

orders.on('stock.low', (_, context: FlowContext<typeof orders>) => {
  const { sender, origin, causal, expectsResponse, receivedAt, attempt } = context;
  expectTypeOf([sender, origin.nodeId, causal.id]).toEqualTypeOf<string[]>();
  expectTypeOf(expectsResponse).toEqualTypeOf<boolean>();
  expectTypeOf([receivedAt, attempt]).toEqualTypeOf<number[]>();
  context.node.send(orders, { type: 'order.shipped', payload: { orderId: '1' } });
  return 'noted';
});
orders.on('order.shipped', (event, context) => {
  // the bound node broadcasts by the same map
  context.node.broadcast({ type: 'order.confirmed', payload: { orderId: event.payload.orderId } });
  // @ts-expect-error and no other payload
  context.node.broadcast({ type: 'order.confirmed', payload: {} });
});

export { end, many, sending };
