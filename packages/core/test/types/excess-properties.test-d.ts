// A literal that is sent is checked for properties that its payload has not, as every other literal is.
import { createNodeArray, initializeHappen } from '../../src/index.js';
import '../../src/array.js';

type Line = { product: string; count?: number };
type OrderEvents = {
  'order.submitted'(payload: { id: number; total?: number; lines?: Line[]; by?: { name: string } }): {
    accepted: boolean;
  };
  'order.noted'(payload?: { id: number; total?: number }): void;
  'order.paid'(payload: { by: 'card'; number?: string } | { by: 'cash'; coins?: number }): void;
};
type Broadcasts = { 'order.confirmed'(payload: { id: number; total?: number }): void };

const happen = initializeHappen<Broadcasts>();
const orders = happen.createNode<OrderEvents>('orders');
const more = happen.createNode<OrderEvents>('more');
const reference = happen.node<OrderEvents>('far');
const array = happen.createNodeArray([orders, more]);

async function sending(): Promise<void> {
  // @ts-expect-error to a node
  await orders.send(more, { type: 'order.submitted', payload: { id: 1, totl: 3 } });
  // @ts-expect-error to a reference
  await orders.send(reference, { type: 'order.submitted', payload: { id: 1, totl: 3 } });
  // @ts-expect-error with options
  await orders.send(more, { type: 'order.submitted', payload: { id: 1, totl: 3 } }, { timeout: 5 });
  // @ts-expect-error to itself
  await orders.send({ type: 'order.submitted', payload: { id: 1, totl: 3 } });
  // @ts-expect-error within a nested object
  await orders.send(more, { type: 'order.submitted', payload: { id: 1, by: { name: 'a', nme: 'b' } } });
  // @ts-expect-error within a list
  await orders.send(more, { type: 'order.submitted', payload: { id: 1, lines: [{ product: 'a', cout: 5 }] } });
  // @ts-expect-error of a payload that may be missing
  await orders.send(more, { type: 'order.noted', payload: { id: 1, totl: 3 } });
  // @ts-expect-error of another member of a union
  await orders.send(more, { type: 'order.paid', payload: { by: 'card', coins: 3 } });
  // @ts-expect-error beside the payload
  await orders.send(more, { type: 'order.submitted', payload: { id: 1 }, contxt: {} });
  // @ts-expect-error to several nodes
  await orders.send([orders, more], { type: 'order.submitted', payload: { id: 1, totl: 3 } });
  // @ts-expect-error to an array of nodes
  await array.send({ type: 'order.submitted', payload: { id: 1, totl: 3 } });
  // @ts-expect-error to an array literal of nodes
  await [orders, more].send({ type: 'order.submitted', payload: { id: 1, totl: 3 } });
  // @ts-expect-error handled here and now
  await orders.process({ type: 'order.submitted', payload: { id: 1, totl: 3 } });
  // @ts-expect-error … at once
  orders.processSync({ type: 'order.submitted', payload: { id: 1, totl: 3 } });
  // @ts-expect-error broadcast
  orders.broadcast({ type: 'order.confirmed', payload: { id: 1, totl: 3 } });
  orders.on('order.noted', (_, context) => {
    // @ts-expect-error by the node of a flow
    context.node.broadcast({ type: 'order.confirmed', payload: { id: 1, totl: 3 } });
  });
}

async function batches(): Promise<void> {
  // @ts-expect-error to a node
  await orders.send(more, [{ type: 'order.noted' }, { type: 'order.submitted', payload: { id: 1, totl: 3 } }]);
  // @ts-expect-error to a reference
  await orders.send(reference, [{ type: 'order.submitted', payload: { id: 1, totl: 3 } }]);
  // @ts-expect-error to itself
  await orders.send([{ type: 'order.submitted', payload: { id: 1, totl: 3 } }]);
  // @ts-expect-error to several nodes
  await orders.send([orders, more], [{ type: 'order.submitted', payload: { id: 1, totl: 3 } }]);
  // @ts-expect-error to an array of nodes
  await array.send([{ type: 'order.submitted', payload: { id: 1, totl: 3 } }]);
  // @ts-expect-error to an array literal of nodes
  await [orders, more].send([{ type: 'order.submitted', payload: { id: 1, totl: 3 } }]);
  // @ts-expect-error handled here and now
  await orders.process([{ type: 'order.submitted', payload: { id: 1, totl: 3 } }]);
}

/** What is no literal may be more than is asked for. */
async function wider(): Promise<void> {
  const order = { id: 1, total: 3, internal: true };
  await orders.send(more, { type: 'order.submitted', payload: order });
  await array.send({ type: 'order.submitted', payload: order });
  await orders.send(more, [{ type: 'order.submitted', payload: order }]);
  orders.broadcast({ type: 'order.confirmed', payload: order });
  const event = { type: 'order.submitted' as const, payload: { id: 1, totl: 3 } };
  await orders.send(more, event);
}

/** Nothing is known of the payloads of untyped nodes, nor of a node that only its id names. */
async function untyped(): Promise<void> {
  const plain = initializeHappen().createNode('plain');
  await plain.send(plain, { type: 'x', payload: { anything: 1 } });
  await orders.send('elsewhere', { type: 'order.submitted', payload: { id: 1, totl: 3 } });
  await orders.send([orders, 'elsewhere'], { type: 'order.submitted', payload: { id: 1, totl: 3 } });
  await createNodeArray([orders, plain]).send({ type: 'order.submitted', payload: { id: 1, totl: 3 } });
  plain.broadcast({ type: 'x', payload: { anything: 1 } });
}

export { batches, sending, untyped, wider };
