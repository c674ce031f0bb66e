// Code that says nothing of types, as one writes a first system, compiles as it stands.
import {
  type FlowContext,
  type HappenEvent,
  initializeHappen,
  type Node,
  type NodeRef,
  type Space,
} from '../../src/index.js';
import { expectTypeOf } from 'vitest';
import type { OrderEvents } from './order-events.js';

const { createNode, createNodeArray, node, on } = initializeHappen();
const u = createNode('u');
const orders = createNode<OrderEvents>('orders');

u.on('process-order', function validate(event, context) {
  context.validation = event.payload.x;
  return pay;
});
function pay(_event: HappenEvent, context: FlowContext<unknown>): unknown {
  const { validation } = context;
  return validation.address;
}
function fail(event: HappenEvent, context: FlowContext) {
  context.node.broadcast({ type: 'failed', payload: event.payload.id });
  return { ok: false, id: event.payload.id, why: context.reason };
}

u.on(
  (type) => type.endsWith('.error'),
  (event, context) => {
    void event.payload.anything;
    return context.next || null;
  },
);
u.on('a', (event) => u.send(orders, { type: 'order.shipped', payload: { orderId: event.payload.id } }));
u.on('b', async (event) => {
  const { status } = await u.send('x', { type: 'y', payload: event }).return();
  return status === 'ok' ? pay : fail;
});
u.on('c', function* () {
  yield 1;
  return 2;
});
u.on('c', async function* () {
  yield 1;
});
u.on('data-point', (one: HappenEvent | readonly HappenEvent[]) => (Array.isArray(one) ? one.length : 1));
u.on('loop', function again(_event, context) {
  context.n = (context.n || 0) + 1;
  return context.n < 3 ? again : context.n;
});
u.on('branch', (event) => (event.payload.big ? (_e: HappenEvent, c: FlowContext) => c.sender : 'small'));
u.on('nothing', () => {});
u.on('{a,b}.*', (event) => event.payload.whatever.you.like);

async function untyped(): Promise<void> {
  const any = await u.send('elsewhere', { type: 'x' });
  expectTypeOf(any).toEqualTypeOf<any>();
  void any.foo.bar;
  void (await u.send(node('elsewhere'), { type: 'x', payload: { any: 'thing' } })).foo;
  void (await u.send(createNode('made-here'), { type: 'x' })).foo;
  void (await u.send({ type: 'x', payload: 5 })).foo;
  void (await u.process({ type: 'x', payload: 5 })).foo;
  void u.processSync({ type: 'x' }).payload.foo;
  void (await u.send(['a', u, node('c')], { type: 'x' }))['a'].foo;
  void u.send('x', { type: 'x' }).return((result) => result.foo);
  await u
    .send('x', { type: 'x' })
    .then((result) => result.foo)
    .catch((error) => error)
    .finally(() => {});
  u.broadcast({ type: 'anything', payload: { at: 'all' } });
  await createNodeArray([u, orders]).send({ type: 'x' });
}

// a node takes what the user hangs on it
const http = Object.assign(u, { server: undefined as unknown });
http.server = 1;
http.on('get', (_event, context) => context.node.id);
// @ts-expect-error but nothing that nobody declared
u.server = 1;

// the framework's own events say what they hold
on('node.error', (event) => {
  expectTypeOf(event.payload.nodeId).toEqualTypeOf<string>();
  event.payload.error.code satisfies `HAPPEN_${string}`;
});
on('node.backpressure', ({ payload }) => {
  expectTypeOf(payload.level).toEqualTypeOf<'high' | 'normal'>();
});
on('node.down', ({ payload }) => {
  expectTypeOf(payload.lagMetrics.messagesWaiting).toEqualTypeOf<number>();
  expectTypeOf(payload.affectedNodes).toEqualTypeOf<readonly string[]>();
});
on('system.down', ({ payload }) => {
  expectTypeOf(payload.level).toEqualTypeOf<'warning' | 'critical'>();
});
on('node.*', (event) => {
  if (event.type === 'node.unhandled') void event.payload;
});

// helpers of the user's own may name what they take
function close(space: Space, _target: NodeRef<any>, _node: Node<any, any, readonly [], any>): Promise<unknown> {
  return space.close({ timeout: 5 });
}

export { close, untyped };
