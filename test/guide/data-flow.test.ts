import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.js';
import { places } from './places.js';

describe.each(places)('State that nodes own and events that tell of it, $label', ({ open }) => {
  it('domains are split over nodes, each keeping its own', async () => {
    await using place = open();
    const orderNode = place.createNode('order-service');
    const customerNode = place.createNode('customer-service');
    const inventoryNode = place.createNode('inventory-service');
    await place.ready();
    for (const node of [orderNode, customerNode, inventoryNode]) {
      const kept: unknown[] = [];
      node.on('keep', (event) => kept.push(event.payload));
      node.on('kept', () => [...kept]);
    }

    await orderNode.send(customerNode, { type: 'keep', payload: 'Ada' });
    await orderNode.send(inventoryNode, { type: 'keep', payload: 'book' });
    await customerNode.send(inventoryNode, { type: 'keep', payload: 'pen' });

    expect(await orderNode.send(orderNode, { type: 'kept' })).toEqual([]);
    expect(await orderNode.send(customerNode, { type: 'kept' })).toEqual(['Ada']);
    expect(await orderNode.send(inventoryNode, { type: 'kept' })).toEqual(['book', 'pen']);
  });

  it('a change is broadcast, and another node keeps a cache of it', async () => {
    await using place = open();
    const orderNode = place.createNode('orders');
    const dashboardNode = place.createNode('dashboard');
    const shop = place.createNode('shop');
    await place.ready();
    let orders: Record<string, { orderId: string; status: string; items: number }> = {};
    let orderCache: Record<string, { status: string; updatedAt: number }> = {};
    const cached = new Arrivals<string>();
    orderNode.on('update-order', (event) => {
      orders = { ...orders, [event.payload.orderId]: event.payload };
      orderNode.broadcast({
        type: 'order-updated',
        payload: { orderId: event.payload.orderId, status: event.payload.status },
      });
    });
    dashboardNode.on('order-updated', (event) => {
      orderCache = {
        ...orderCache,
        [event.payload.orderId]: { status: event.payload.status, updatedAt: Date.now() },
      };
      cached.add(event.payload.orderId);
    });
    await place.ready();

    await shop.send(orderNode, { type: 'update-order', payload: { orderId: 'ORD-1', status: 'paid', items: 3 } });
    await shop.send(orderNode, { type: 'update-order', payload: { orderId: 'ORD-2', status: 'new', items: 1 } });
    await cached.atLeast(2);

    expect(orders['ORD-1']).toEqual({ orderId: 'ORD-1', status: 'paid', items: 3 });
    expect(orderCache).toEqual({
      'ORD-1': { status: 'paid', updatedAt: expect.any(Number) },
      'ORD-2': { status: 'new', updatedAt: expect.any(Number) },
    });
  });

  it('a broadcast from outside any flow tells of a change', async () => {
    await using place = open();
    const orderNode = place.createNode('orders');
    const shop = place.createNode('shop');
    await place.ready();
    const changes = new Arrivals<unknown>();
    shop.on('order-status-changed', (event) => changes.add([event.payload, event.context.causal.path]));
    await place.ready();
    const orders = new Map([['order-123', 'new']]);

    orders.set('order-123', 'shipped');
    orderNode.broadcast({
      type: 'order-status-changed',
      payload: { orderId: 'order-123', status: orders.get('order-123') },
    });

    expect(await changes.atLeast(1)).toEqual([[{ orderId: 'order-123', status: 'shipped' }, []]]);
  });

  it('events drive the changes of what a node owns', async () => {
    await using place = open();
    const orderNode = place.createNode('orders');
    const bank = place.createNode('bank');
    await place.ready();
    let orders: Record<string, object> = { 'ORD-1': { status: 'new', total: 5 } };
    orderNode.on('payment-received', (event) => {
      orders = {
        ...orders,
        [event.payload.orderId]: {
          ...orders[event.payload.orderId],
          status: 'paid',
          paymentId: event.payload.paymentId,
        },
      };
    });

    await bank.send(orderNode, { type: 'payment-received', payload: { orderId: 'ORD-1', paymentId: 'pay-1' } });

    expect(orders).toEqual({ 'ORD-1': { status: 'paid', total: 5, paymentId: 'pay-1' } });
  });

  it('an event is handled, what follows from it is kept, and the next event is emitted', async () => {
    await using place = open();
    const orderNode = place.createNode('order-service');
    const paymentNode = place.createNode('payment-service');
    const shop = place.createNode('shop');
    await place.ready();
    const payments = new Map<string, { paymentStatus: string; paymentId: string }>();
    const confirmed = new Arrivals<unknown>();
    orderNode.on(
      (type) => type === 'order-submitted',
      (event) => {
        if (event.payload.items.length === 0) return;
        orderNode.broadcast({
          type: 'order-validated',
          payload: { orderId: event.payload.orderId, items: event.payload.items },
        });
      },
    );
    paymentNode.on(
      (type) => type === 'order-validated',
      (event) => {
        const { orderId, items } = event.payload;
        const result = { transactionId: `txn for ${items.length}` };
        payments.set(orderId, { paymentStatus: 'paid', paymentId: result.transactionId });
        paymentNode.broadcast({
          type: 'payment-confirmed',
          payload: { orderId, transactionId: result.transactionId },
        });
      },
    );
    shop.on('payment-confirmed', (event) => confirmed.add([event.payload, event.context.causal.path]));
    await place.ready();

    shop.broadcast({ type: 'order-submitted', payload: { orderId: 'ORD-0', items: [] } });
    shop.broadcast({ type: 'order-submitted', payload: { orderId: 'ORD-1', items: ['book', 'pen'] } });

    expect(await confirmed.atLeast(1)).toEqual([
      [
        { orderId: 'ORD-1', transactionId: 'txn for 2' },
        [
          ['shop', 'order-service'],
          ['order-service', 'payment-service'],
        ],
      ],
    ]);
    expect([...payments]).toEqual([['ORD-1', { paymentStatus: 'paid', paymentId: 'txn for 2' }]]);
  });
});
