import { type Causal, type HappenEvent, initializeHappen } from '@happen/core';
import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.js';
import { places } from './places.js';

describe.each(places)('Context: what happened and why, $label', ({ open }) => {
  it('context is filled by the framework and flows on with the events that follow', async () => {
    await using place = open();
    const customerNode = place.createNode('customer-node');
    const orderNode = place.createNode('order-service');
    const auditNode = place.createNode('audit');
    await place.ready();
    const created = new Arrivals<HappenEvent>();
    auditNode.on('order-created', created.add);
    await place.ready();
    orderNode.on('place-order', (event) => {
      orderNode.broadcast({
        type: 'order-created',
        payload: { orderId: 'ORD-123', items: [{ productId: event.payload.productId, quantity: 2 }] },
      });
      return event.context.causal.id;
    });

    const placedId = await customerNode.send(orderNode, {
      type: 'place-order',
      payload: { productId: 'PROD-456' },
      context: {
        causal: { correlationId: 'order-123' },
        user: { id: 'user-123', permissions: ['create-order'] },
      },
    });

    const [event] = await created.atLeast(1);
    expect(event?.payload).toEqual({ orderId: 'ORD-123', items: [{ productId: 'PROD-456', quantity: 2 }] });
    expect(event?.context).toMatchObject({
      causal: {
        sender: 'order-service',
        causationId: placedId,
        correlationId: 'order-123',
        path: [['customer-node', 'order-service']],
      },
      origin: { nodeId: 'order-service' },
      user: { id: 'user-123', permissions: ['create-order'] },
    });
  });

  it('a handler reads the transaction from the event and passes it on by itself', async () => {
    await using place = open();
    const orderNode = place.createNode('orders');
    const bank = place.createNode('bank');
    const ledger = place.createNode('ledger');
    await place.ready();
    const paid = new Arrivals<HappenEvent>();
    const orders = new Map<string, object>([['ORD-1', { status: 'new' }]]);
    ledger.on('order-paid', paid.add);
    await place.ready();
    orderNode.on('payment-received', (event) => {
      const { orderId, amount } = event.payload;
      const { correlationId } = event.context.causal;
      orders.set(orderId, { ...orders.get(orderId), status: 'paid', correlationId });
      orderNode.broadcast({ type: 'order-paid', payload: { orderId, amount } });
    });

    await bank.send(orderNode, {
      type: 'payment-received',
      payload: { orderId: 'ORD-1', amount: 12.5, paymentId: 'pay-1' },
      context: { causal: { correlationId: 'order-ORD-1' } },
    });

    const [event] = await paid.atLeast(1);
    expect(event).toMatchObject({
      payload: { orderId: 'ORD-1', amount: 12.5 },
      context: { causal: { correlationId: 'order-ORD-1', sender: 'orders' } },
    });
    expect(orders.get('ORD-1')).toEqual({ status: 'paid', correlationId: 'order-ORD-1' });
  });
});

describe('The information system', () => {
  it('a history is rebuilt from recorded events in causal order, with who caused what', async () => {
    await using happen = initializeHappen();
    const orderNode = happen.createNode('orders');
    const eventStore = happen.createNode('event-store');
    const recorded = new Arrivals<{ event: HappenEvent; timestamp: number }>();
    eventStore.on('order.*', (event, context) => recorded.add({ event, timestamp: context.receivedAt }));
    orderNode.on('order.placed', (event) => {
      orderNode.broadcast({ type: 'order.paid', payload: { id: event.payload.id, status: 'paid' } });
    });
    orderNode.on('order.paid', (event) => {
      orderNode.broadcast({ type: 'order.shipped', payload: { id: event.payload.id, status: 'shipped' } });
    });

    happen.createNode('shop').broadcast({ type: 'order.placed', payload: { id: 'ORD-1', status: 'placed' } });
    const stored = await recorded.atLeast(3);

    function getStateHistory(events: readonly { event: HappenEvent; timestamp: number }[]) {
      const sortedEvents = sortByCausalOrder(events);
      let state: object = {};
      return sortedEvents.map(({ event, timestamp }) => {
        state = { ...state, ...event.payload };
        return {
          state: { ...state },
          event: event.type,
          timestamp,
          causedBy: event.context.causal.causationId,
          by: event.context.causal.sender,
        };
      });
    }
    function sortByCausalOrder(events: readonly { event: HappenEvent; timestamp: number }[]) {
      return [...events].sort((a, b) => a.event.context.causal.depth - b.event.context.causal.depth);
    }
    const history = getStateHistory([...stored].reverse());
    const causals: Causal[] = stored.map(({ event }) => event.context.causal);

    expect(history.map(({ event, by, state }) => [event, by, state])).toEqual([
      ['order.placed', 'shop', { id: 'ORD-1', status: 'placed' }],
      ['order.paid', 'orders', { id: 'ORD-1', status: 'paid' }],
      ['order.shipped', 'orders', { id: 'ORD-1', status: 'shipped' }],
    ]);
    expect(history.map(({ causedBy }) => causedBy)).toEqual([undefined, causals[0]?.id, causals[1]?.id]);
    expect(history.every(({ timestamp }) => Math.abs(timestamp - Date.now()) < 60_000)).toBe(true);
  });
});
