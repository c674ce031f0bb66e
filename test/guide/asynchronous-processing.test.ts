import { type FlowContext, type HappenEvent, initializeHappen } from '@happen/core';
import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.js';
import { places } from './places.js';

describe.each(places)('Asynchronous processing, $label', ({ open }) => {
  it('asynchronous steps are awaited one after another', async () => {
    await using place = open();
    const orderNode = place.createNode('orders');
    const client = place.createNode('client');
    await place.ready();
    orderNode.on('process-order', async (event, context) => {
      const validationResult = await validateOrderData(event.payload);
      context.validation = validationResult;
      if (!validationResult.valid) {
        return { success: false, reason: 'validation-failed', errors: validationResult.errors };
      }
      return processPayment;
    });
    async function validateOrderData(order: { items: unknown[] }) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return { valid: order.items.length > 0, errors: ['no items'] };
    }
    async function processPayment(event: HappenEvent, context: FlowContext): Promise<unknown> {
      const paymentResult = await Promise.resolve({ success: event.payload.payment === 'card' });
      context.payment = paymentResult;
      if (!paymentResult.success) {
        return handlePaymentFailure;
      }
      return createShipment;
    }
    const handlePaymentFailure = async () => ({ success: false, reason: 'payment-failed' });
    const createShipment = (_event: HappenEvent, context: FlowContext) => ({
      success: context.payment.success,
      validated: context.validation.valid,
    });
    const process = (payload: object) => client.send(orderNode, { type: 'process-order', payload }).return();

    expect(await process({ items: ['a'], payment: 'card' })).toEqual({ success: true, validated: true });
    expect(await process({ items: ['a'], payment: 'shells' })).toEqual({ success: false, reason: 'payment-failed' });
    expect(await process({ items: [] })).toMatchObject({ reason: 'validation-failed', errors: ['no items'] });
  });

  it('a slow handler holds up no other event of its node', async () => {
    await using place = open();
    const node = place.createNode('node');
    const client = place.createNode('client');
    await place.ready();
    const gate = new Arrivals<string>();
    node.on('slow', async () => {
      await gate.atLeast(1);
      return 'slow';
    });
    node.on('fast', () => 'fast');
    const finished: string[] = [];

    const slow = client.send(node, { type: 'slow' }).return((result) => finished.push(result));
    finished.push(await client.send(node, { type: 'fast' }));
    gate.add('open');
    await slow;

    expect(finished).toEqual(['fast', 'slow']);
  });
});

describe('Queues and concurrency', () => {
  it('events over the concurrency limit wait in a queue, and beyond the queue they are refused', async () => {
    await using happen = initializeHappen();
    const node = happen.createNode('node', { concurrency: { maxConcurrent: 2, queueLimit: 1 } });
    const client = happen.createNode('client');
    const gate = new Arrivals<string>();
    const started = new Arrivals<number>();
    node.on('work', async (event) => {
      started.add(event.payload);
      await gate.atLeast(1);
      return event.payload;
    });

    const results = [1, 2, 3, 4].map((number) => client.send(node, { type: 'work', payload: number }).return());
    const refused = expect(results[3]).rejects.toMatchObject({ code: 'HAPPEN_QUEUE_FULL', transient: true });
    await started.atLeast(2);
    await refused;
    expect(started.all).toEqual([1, 2]);
    gate.add('open');

    expect(await Promise.all(results.slice(0, 3))).toEqual([1, 2, 3]);
    expect(started.all).toEqual([1, 2, 3]);
  });

  it('a space has defaults for all nodes, and other settings by patterns of the node id', async () => {
    await using happen = initializeHappen({
      security: {},
      concurrency: {
        default: { maxConcurrent: 100, queueLimit: 10_000, queueStrategy: 'fifo', backpressureThreshold: 0.8 },
        patterns: {
          'api-*': { maxConcurrent: 200, queueLimit: 20_000 },
          'worker-*': { maxConcurrent: 1, queueStrategy: 'priority' },
        },
      },
    });
    const client = happen.createNode('client');
    const order = async (id: string) => {
      const node = happen.createNode(id);
      const gate = new Arrivals<string>();
      const started = new Arrivals<string>();
      node.on('work', async (event) => {
        started.add(event.payload);
        await gate.atLeast(1);
      });
      const asked = [
        client.send(node, { type: 'work', payload: 'first' }).return(),
        client.send(node, { type: 'work', payload: 'low' }, { priority: 'low' }).return(),
        client.send(node, { type: 'work', payload: 'high' }, { priority: 'high' }).return(),
      ];
      await started.atLeast(1);
      gate.add('open');
      await Promise.all(asked);
      return started.all;
    };

    expect(await order('worker-1')).toEqual(['first', 'high', 'low']);
    expect(await order('api-1')).toEqual(['first', 'low', 'high']);
    expect(await order('plain')).toEqual(['first', 'low', 'high']);
  });
});

describe.each(places)('Order of arrival, $label', ({ open }) => {
  it('events of one type are handled in the order in which they were sent', async () => {
    await using place = open();
    const orderNode = place.createNode('orders');
    const serverNode = place.createNode('backend-service');
    const browserNode = place.createNode('frontend-client');
    await place.ready();
    const processed = new Arrivals<string>();
    orderNode.on('process-order', (event) => {
      const { orderId } = event.payload;
      processed.add(orderId);
    });

    for (let number = 0; number < 50; number += 1) {
      serverNode.send(orderNode, { type: 'process-order', payload: { orderId: `s${number}` } });
      browserNode.send(orderNode, { type: 'process-order', payload: { orderId: `b${number}` } });
    }

    const order = await processed.atLeast(100);
    for (const sender of ['s', 'b']) {
      expect(order.filter((id) => id.startsWith(sender))).toEqual(
        Array.from({ length: 50 }, (_, number) => `${sender}${number}`),
      );
    }
  });
});
