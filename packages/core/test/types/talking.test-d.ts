// What a map of events promises to those who handle, send and broadcast them.
import {
  type EventStream,
  type FlowContext,
  type HappenEvent,
  type Handler,
  initializeHappen,
  type NodeRef,
  type Receipt,
  type ResultsById,
  type Step,
} from '../../src/index.js';
import { type Equal, is } from './equal.js';
import type { Broadcasts, OrderEvents } from './order-events.js';

const happen = initializeHappen<Broadcasts>();
const orders = happen.createNode<OrderEvents>('orders');
const plain = initializeHappen().createNode('plain');

// --- handling

orders.on('order.submitted', (event, context) => {
  is<Equal<typeof event.type, 'order.submitted'>>();
  is<Equal<typeof event.payload, { orderId: string; total: number }>>();
  is<Equal<typeof context.sender, string>>();
  is<Equal<typeof context.signal, AbortSignal>>();
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
  is<Equal<typeof event.type, 'order.submitted' | 'order.shipped' | 'order.confirmed'>>();
  if (event.type === 'order.submitted') is<Equal<typeof event.payload, { orderId: string; total: number }>>();
});
orders.on('order.**', (event) =>
  is<Equal<typeof event.type, 'order.submitted' | 'order.shipped' | 'order.line.added' | 'order.confirmed'>>(),
);
orders.on('**', (event) => is<Equal<typeof event.type, keyof OrderEvents | keyof Broadcasts>>());
orders.on('*.low', (event) => is<Equal<typeof event.type, 'stock.low'>>());
orders.on('price.changed', (event) => is<Equal<typeof event.payload, { product: string; price: number }>>());
orders.on('something.else', (event) => is<Equal<typeof event.payload, any>>());
orders.on(
  (type) => type.endsWith('.error'),
  (event, context) => {
    event.payload.anything;
    return context.next || null;
  },
);
const end: () => void = orders.on('stock.low', () => 'noted');

// a type that the node's map and the broadcasts both name may come from either
const both = initializeHappen<{ 'order.shipped'(payload: { to: string }): void }>().createNode<OrderEvents>('both');
both.on('order.shipped', (event) => is<Equal<typeof event.payload, { orderId: string } | { to: string }>>());

// a generator's outcome is its stream
orders.on('report.build', async function* (event) {
  yield { progress: event.payload.year };
  return { url: '' };
});

// --- sending to one node: the target's map decides

async function sending(): Promise<void> {
  const answer = await plain.send(orders, { type: 'order.submitted', payload: { orderId: '1', total: 2 } });
  is<Equal<typeof answer, { accepted: boolean }>>();
  const returned = await plain.send(orders, { type: 'order.submitted', payload: { orderId: '1', total: 2 } }).return();
  is<Equal<typeof returned, { accepted: boolean }>>();
  const mapped = await plain
    .send(orders, { type: 'order.submitted', payload: { orderId: '1', total: 2 } })
    .return((result) => result.accepted);
  is<Equal<typeof mapped, boolean>>();
  const chained = await plain
    .send(orders, { type: 'order.submitted', payload: { orderId: '1', total: 2 } })
    .then((result) => [result.accepted]);
  is<Equal<typeof chained, boolean[]>>();
  const awaited = await plain.send(orders, { type: 'order.line.added', payload: { line: 1 } });
  is<Equal<typeof awaited, number>>();
  const nothing = await plain.send(orders, { type: 'order.shipped', payload: { orderId: '1' } });
  is<Equal<typeof nothing, void>>();
  const receipt = await plain.send(orders, { type: 'order.shipped', payload: { orderId: '1' } }).sent();
  is<Equal<typeof receipt, Receipt>>();
  await plain.send(orders, { type: 'stock.low' });
  await plain.send(orders, { type: 'stock.low', payload: undefined });

  const stream = await plain.send(orders, { type: 'report.build', payload: { year: 1 } });
  is<Equal<typeof stream, EventStream<{ progress: number }, { url: string }>>>();
  for await (const step of stream) is<Equal<typeof step, { progress: number }>>();
  const final = await plain.send(orders, { type: 'report.build', payload: { year: 1 } }).return();
  is<Equal<typeof final, { url: string }>>();

  const reference: NodeRef<OrderEvents> = happen.node<OrderEvents>('orders');
  const referred = await plain.send(
    reference,
    { type: 'order.submitted', payload: { orderId: '1', total: 2 } },
    { timeout: '5s', key: 'k' },
  );
  is<Equal<typeof referred, { accepted: boolean }>>();

  const self = await orders.send({ type: 'order.submitted', payload: { orderId: '1', total: 2 } });
  is<Equal<typeof self, { accepted: boolean }>>();
  const processed = await orders.process({ type: 'order.line.added', payload: { line: 1 } });
  is<Equal<typeof processed, number>>();
  const response = orders.processSync({ type: 'order.submitted', payload: { orderId: '1', total: 2 } });
  is<Equal<typeof response, HappenEvent<'order.submitted', { accepted: boolean }>>>();

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
  orders.brodcast;
  // @ts-expect-error a wrong event to process
  await orders.process({ type: 'order.line.added', payload: { line: '1' } });
}

// --- several nodes and batches

async function many(): Promise<void> {
  const answers = await plain.send([orders, 'elsewhere'], { type: 'stock.low' });
  is<Equal<typeof answers, ResultsById<any>>>();
  is<Equal<typeof answers.errors, { readonly [id: string]: Error }>>();
  await plain.send(orders, [{ type: 'stock.low' }, { type: 'stock.low' }]);
  await orders.send([{ type: 'stock.low' }]);
  const array = happen.createNodeArray([orders, plain]);
  const all = await array.send({ type: 'stock.low' });
  is<Equal<typeof all, ResultsById<any>>>();
  array.on('**', (event) => (Array.isArray(event) ? event.length : 1));
}

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
  is<Equal<[typeof sender, typeof origin.nodeId, typeof causal.id], [string, string, string]>>();
  is<Equal<[typeof expectsResponse, typeof receivedAt, typeof attempt], [boolean, number, number]>>();
  context.node.send(orders, { type: 'order.shipped', payload: { orderId: '1' } });
  return 'noted';
});
orders.on('order.shipped', (event, context) => {
  // the bound node broadcasts by the same map
  context.node.broadcast({ type: 'order.confirmed', payload: { orderId: event.payload.orderId } });
  // @ts-expect-error
  context.node.broadcast({ type: 'order.confirmed', payload: {} });
});

export { end, many, sending };
