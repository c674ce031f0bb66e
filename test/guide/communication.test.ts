import type { FlowContext, HappenEvent } from '@happen/core';
import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.js';
import { places } from './places.js';

describe.each(places)('Communication patterns, $label', ({ open }) => {
  it('a broadcast reaches every node that listens, in whichever order they were written down', async () => {
    await using place = open();
    const weatherNode = place.createNode('weather');
    const emergencyNode = place.createNode('emergency');
    const radioNode = place.createNode('radio');
    const deployed = new Arrivals<string>();
    await place.ready();

    emergencyNode.on('severe-weather', (event) => {
      deployed.add(`teams to ${event.payload.region}`);
    });
    radioNode.on(
      (type) => type === 'severe-weather',
      (event) => {
        deployed.add(`${event.payload.condition} on air`);
      },
    );
    await place.ready();
    weatherNode.broadcast({
      type: 'severe-weather',
      payload: { condition: 'hurricane', region: 'Gulf Coast', expectedImpact: 'severe', timeframe: '36 hours' },
    });
    weatherNode.on('severe-weather', (event) => {
      deployed.add(`measured by ${event.context.causal.sender}`);
    });

    expect([...(await deployed.atLeast(3))].sort()).toEqual([
      'hurricane on air',
      'measured by weather',
      'teams to Gulf Coast',
    ]);
  });

  it('awaiting a send gives the response of the node it was sent to', async () => {
    await using place = open();
    const orderNode = place.createNode('order-service');
    const paymentNode = place.createNode('payment-service');
    await place.ready();

    const completed: string[] = [];
    paymentNode.on('process-payment', (event) => ({
      success: event.payload.amount < 200,
      orderId: event.payload.orderId,
    }));
    const response = await orderNode.send(paymentNode, {
      type: 'process-payment',
      payload: { orderId: 'ORD-28371', amount: 129.99 },
    });
    if (response.success) {
      completed.push(response.orderId);
    }

    expect(completed).toEqual(['ORD-28371']);
  });

  it('the receiver sees who sent the event and whether an answer is expected', async () => {
    await using place = open();
    const orderNode = place.createNode('order-service');
    const paymentNode = place.createNode('payment-service');
    await place.ready();
    const seen = new Arrivals<[string, boolean]>();
    paymentNode.on('process-payment', (event, context) => {
      seen.add([context.sender, context.expectsResponse]);
      const result = { success: event.payload.amount < 200, transactionId: 'txn-1', message: 'done' };
      return {
        success: result.success,
        transactionId: result.success ? result.transactionId : null,
        status: result.success ? 'approved' : 'declined',
        message: result.message,
      };
    });
    const payment = (amount: number) => ({ type: 'process-payment', payload: { orderId: 'ORD-1', amount } });

    expect(await orderNode.send(paymentNode, payment(100))).toEqual({
      success: true,
      transactionId: 'txn-1',
      status: 'approved',
      message: 'done',
    });
    expect(await orderNode.send(paymentNode, payment(500)).return()).toEqual({
      success: false,
      transactionId: null,
      status: 'declined',
      message: 'done',
    });
    await orderNode.send(paymentNode, payment(1)).return(() => undefined);
    orderNode.send(paymentNode, payment(1));
    orderNode.broadcast(payment(1));

    expect(await seen.atLeast(5)).toEqual([
      ['order-service', true],
      ['order-service', true],
      ['order-service', true],
      ['order-service', false],
      ['order-service', false],
    ]);
  });

  it('a step asks another node with .return() and chooses the next step by the answer', async () => {
    await using place = open();
    const orderNode = place.createNode('order-service');
    const paymentNode = place.createNode('payment-service');
    const client = place.createNode('client');
    await place.ready();
    orderNode.on('process-order', processOrder);
    async function processOrder(event: HappenEvent): Promise<unknown> {
      const result = await orderNode
        .send(paymentNode, {
          type: 'process-payment',
          payload: {
            orderId: event.payload.orderId,
            amount: calculateTotal(event.payload.items),
            currency: 'USD',
            customerId: event.payload.customerId,
          },
        })
        .return();
      if (result.status === 'approved') {
        return createShipment;
      } else {
        return handlePaymentFailure;
      }
    }
    function calculateTotal(items: { price: number }[]): number {
      return items.reduce((total, item) => total + item.price, 0);
    }
    const createShipment = (event: HappenEvent) => ({ shipped: event.payload.orderId });
    const handlePaymentFailure = (event: HappenEvent) => ({ failed: event.payload.orderId });
    paymentNode.on('process-payment', (event) => {
      const result = { success: event.payload.amount < 50, transactionId: 'txn', message: event.payload.currency };
      return {
        status: result.success ? 'approved' : 'declined',
        transactionId: result.transactionId,
        message: result.message,
      };
    });

    const order = (orderId: string, price: number) => ({
      type: 'process-order',
      payload: { orderId, items: [{ price }, { price }], customerId: 'c1' },
    });
    expect(await client.send(orderNode, order('ORD-1', 10))).toEqual({ shipped: 'ORD-1' });
    expect(await client.send(orderNode, order('ORD-2', 100))).toEqual({ failed: 'ORD-2' });
  });

  it('.return(callback) hands the answer to the callback and nobody needs to wait', async () => {
    await using place = open();
    const orderNode = place.createNode('order-service');
    const inventoryNode = place.createNode('inventory-service');
    await place.ready();
    const outcomes = new Arrivals<string>();
    inventoryNode.on('check-inventory', (event) => ({
      available: event.payload.quantity <= 5,
      itemId: event.payload.itemId,
    }));
    const check = (quantity: number) =>
      orderNode
        .send(inventoryNode, { type: 'check-inventory', payload: { itemId: '123', quantity } })
        .return((response) => {
          if (response.available) {
            outcomes.add(`${response.itemId} available`);
          } else {
            outcomes.add(`${response.itemId} out of stock`);
          }
          return outcomes.all.length;
        });

    void check(5);
    void check(6);

    expect(await outcomes.atLeast(2)).toEqual(['123 available', '123 out of stock']);
    expect(await check(1)).toBe(3);
  });

  it('a send without .return() goes on at once and needs no answer', async () => {
    await using place = open();
    const orderNode = place.createNode('order-service');
    const emailNode = place.createNode('email-service');
    const client = place.createNode('client');
    await place.ready();
    const log = new Arrivals<string>();
    function notifyCustomer(event: HappenEvent): unknown {
      orderNode.send(emailNode, {
        type: 'send-email',
        payload: {
          to: event.payload.customerEmail,
          subject: 'Order Confirmation',
          orderId: event.payload.orderId,
        },
      });
      return finalizeOrder;
    }
    function finalizeOrder(event: HappenEvent): unknown {
      log.add(`finalized ${event.payload.orderId}`);
      return { finalized: true };
    }
    orderNode.on('complete-order', notifyCustomer);
    emailNode.on('send-email', (event, context) => {
      log.add(`mail to ${event.payload.to}, expected: ${context.expectsResponse}`);
    });

    const result = await client.send(orderNode, {
      type: 'complete-order',
      payload: { orderId: 'ORD-1', customerEmail: 'jane@example.com' },
    });

    expect(result).toEqual({ finalized: true });
    expect(await log.atLeast(2)).toEqual(['finalized ORD-1', 'mail to jane@example.com, expected: false']);
  });

  it('a handler that returns a send answers with what that send was answered', async () => {
    await using place = open();
    const gateway = place.createNode('gateway');
    const service = place.createNode('service');
    const client = place.createNode('client');
    await place.ready();
    gateway.on('ask', (event) => gateway.send(service, { type: 'compute', payload: event.payload }));
    service.on('compute', (event, context) => {
      if (event.payload.fail) throw new RangeError('out of range');
      return [event.payload.value * 2, context.expectsResponse, context.sender];
    });

    expect(await client.send(gateway, { type: 'ask', payload: { value: 21 } })).toEqual([42, true, 'gateway']);
    await expect(client.send(gateway, { type: 'ask', payload: { fail: true } }).return()).rejects.toMatchObject({
      code: 'HAPPEN_HANDLER_FAILED',
      message: expect.stringContaining('out of range'),
    });
  });

  it('handlers registered after the send, in the same turn, still receive it', async () => {
    await using place = open();
    const orderNode = place.createNode('order-service');
    const paymentNode = place.createNode('payment-service');
    await place.ready();
    const alerts = new Arrivals<string>();

    orderNode.broadcast({ type: 'alert', payload: 'storm' });
    const asked = orderNode.send(paymentNode, { type: 'process-payment', payload: { amount: 1 } }).return();
    orderNode.on('alert', (event) => alerts.add(event.payload));
    paymentNode.on('process-payment', (_event: HappenEvent, context: FlowContext) => `paid for ${context.sender}`);

    expect(await asked).toBe('paid for order-service');
    expect(await alerts.atLeast(1)).toEqual(['storm']);
  });

  it('one event object may be sent to several nodes, each time as an event of its own', async () => {
    await using place = open();
    const sender = place.createNode('sender');
    const receivers = ['a', 'b', 'c'].map((id) => place.createNode(id));
    await place.ready();
    for (const node of receivers) node.on('notice', (event) => [event.payload.text, event.context.causal.id]);
    const event = { type: 'notice', payload: { text: 'closed today' } };

    const answers = await Promise.all(receivers.map((node) => sender.send(node, event).return()));

    expect(answers.map(([text]) => text)).toEqual(['closed today', 'closed today', 'closed today']);
    expect(new Set(answers.map(([, id]) => id)).size).toBe(3);
    expect(Object.keys(event)).toEqual(['type', 'payload']);
    expect(Object.isFrozen(event)).toBe(false);
  });
});
