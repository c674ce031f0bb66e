import { createNodeArray, type FlowContext, type HappenEvent, initializeHappen } from '@happen/core';
import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.js';
import { places } from './places.js';

type OneOrMany = HappenEvent | readonly HappenEvent[];

describe('Confluence: nodes in an array', () => {
  it('a handler registered on an array of nodes runs at each of them with its own context', async () => {
    await using happen = initializeHappen();
    const orderNode = happen.createNode('order-node');
    const paymentNode = happen.createNode('payment-node');
    const inventoryNode = happen.createNode('inventory-node');
    const log: string[] = [];
    const nodes = createNodeArray([orderNode, paymentNode, inventoryNode]);
    nodes.on('update', (event, context) => {
      log.push(`Processing in ${context.node.id}`);
      context.nodeState = context.nodeState || { processed: 0 };
      context.nodeState.processed += 1;
      return { updated: event.payload.data, processed: context.nodeState.processed };
    });

    const results = await nodes.send({ type: 'update', payload: { data: 'new data' } });

    expect(log.sort()).toEqual([
      'Processing in inventory-node',
      'Processing in order-node',
      'Processing in payment-node',
    ]);
    expect({ ...results }).toEqual({
      'order-node': { updated: 'new data', processed: 1 },
      'payment-node': { updated: 'new data', processed: 1 },
      'inventory-node': { updated: 'new data', processed: 1 },
    });
  });

  it('an array is made by the function of the space as well', async () => {
    await using happen = initializeHappen();
    const { createNode, createNodeArray } = happen;
    const services = createNodeArray([createNode('api'), createNode('database'), createNode('cache')]);
    services.on('health.check', (_event, context) => ({
      status: 'healthy',
      service: context.node.id,
    }));

    const health = await services.send({ type: 'health.check', payload: {} });

    expect(Object.keys(health).sort()).toEqual(['api', 'cache', 'database']);
    expect(health.api).toEqual({ status: 'healthy', service: 'api' });
  });

  it('each node chooses its own next step', async () => {
    await using happen = initializeHappen();
    const ids = ['order-service', 'inventory-service', 'notification-service'];
    const nodes = createNodeArray(ids.map((id) => happen.createNode(id)));
    nodes.on('order-updated', function validateUpdate(_event, context) {
      const nodeId = context.node.id;
      if (nodeId === 'order-service') {
        return updateOrderRecord;
      } else if (nodeId === 'inventory-service') {
        return updateInventoryLevels;
      } else {
        return sendNotifications;
      }
    });
    const updateOrderRecord = () => ({ updated: true });
    const updateInventoryLevels = async () => ({ inventoryUpdated: true });
    const sendNotifications = () => ({ notificationsSent: true });

    expect({ ...(await nodes.send({ type: 'order-updated', payload: {} })) }).toEqual({
      'order-service': { updated: true },
      'inventory-service': { inventoryUpdated: true },
      'notification-service': { notificationsSent: true },
    });
  });

  it('an array that is sent to without waiting reaches every node', async () => {
    await using happen = initializeHappen();
    const alertNode = happen.createNode('alert-service');
    const loggingNode = happen.createNode('logging-service');
    const adminNode = happen.createNode('admin-dashboard');
    const done = new Arrivals<string>();
    const watchers = createNodeArray([alertNode, loggingNode, adminNode]);
    function reportCriticalIssue(issue: string): void {
      watchers.send({ type: 'critical-alert', payload: { issue, timestamp: Date.now(), severity: 'critical' } });
    }
    watchers.on('critical-alert', function processAlert(_event, context) {
      context.id = context.node.id;
      return context.id === 'alert-service'
        ? sendUserAlerts
        : context.id === 'logging-service'
          ? createLogEntry
          : updateDashboard;
    });
    const sendUserAlerts = (event: HappenEvent) => done.add(`users told of ${event.payload.issue}`);
    const createLogEntry = (event: HappenEvent) => done.add(`logged ${event.payload.issue}`);
    const updateDashboard = (event: HappenEvent) => done.add(`showed ${event.payload.issue}`);

    reportCriticalIssue('disk full');

    expect([...(await done.atLeast(3))].sort()).toEqual([
      'logged disk full',
      'showed disk full',
      'users told of disk full',
    ]);
  });
});

describe.each(places)('Confluence: several receivers, $label', ({ open }) => {
  it('one event sent to several nodes gives their answers by node id', async () => {
    await using place = open();
    const sender = place.createNode('sender');
    const orderNode = place.createNode('order-node');
    const inventoryNode = place.createNode('inventory-node');
    const shippingNode = place.createNode('shipping-node');
    await place.ready();
    orderNode.on('verify-order', (event) => ({ verified: event.payload.orderId === 'ORD-123' }));
    inventoryNode.on('verify-order', async () => ({ available: 3 }));
    shippingNode.on('verify-order', () => () => ({ estimatedDays: 2 }));

    const results = await sender
      .send([orderNode, inventoryNode, shippingNode], { type: 'verify-order', payload: { orderId: 'ORD-123' } })
      .return();

    expect(results[orderNode.id].verified).toBe(true);
    expect(results[inventoryNode.id].available).toBe(3);
    expect(results[shippingNode.id].estimatedDays).toBe(2);
    expect(Object.keys(results)).toEqual(['order-node', 'inventory-node', 'shipping-node']);
  });

  it('the keyed results can be asked for once more with .return()', async () => {
    await using place = open();
    const sender = place.createNode('sender');
    const orderNode = place.createNode('order-node');
    const paymentNode = place.createNode('payment-node');
    await place.ready();
    orderNode.on('verify-data', (event) => `order ${event.payload.id}`);
    paymentNode.on('verify-data', (event) => `payment ${event.payload.id}`);

    const result = await sender.send([orderNode, paymentNode], { type: 'verify-data', payload: { id: '123' } });
    const responses = await result.return();

    expect(responses['order-node']).toBe('order 123');
    expect(responses['payment-node']).toBe('payment 123');
    expect(Object.keys(responses)).toEqual(['order-node', 'payment-node']);
  });

  it('a node that fails leaves the answers of the others', async () => {
    await using place = open();
    const sender = place.createNode('sender');
    const good = place.createNode('good');
    const bad = place.createNode('bad');
    await place.ready();
    good.on('try', () => 'done');
    bad.on('try', () => {
      throw new Error('cannot');
    });

    const results = await sender.send([good, bad], { type: 'try', payload: {} }).return();

    expect(Object.keys(results)).toEqual(['good']);
    expect(results.errors.bad).toMatchObject({ code: 'HAPPEN_HANDLER_FAILED' });
  });
});

describe.each(places)('Confluence: batches of events, $label', ({ open }) => {
  it('a handler takes a single event or the whole batch', async () => {
    await using place = open();
    const node = place.createNode('node');
    const targetNode = place.createNode('target');
    await place.ready();
    targetNode.on('data-point', (eventOrEvents: OneOrMany) => {
      if (Array.isArray(eventOrEvents)) {
        return processBatch(eventOrEvents);
      } else {
        return processSingle(eventOrEvents as HappenEvent);
      }
    });
    const processBatch = (events: readonly HappenEvent[]) => events.map((event) => event.payload.value);
    const processSingle = (event: HappenEvent) => event.payload.value;
    const batch = [10, 20, 30].map((value) => ({ type: 'data-point', payload: { value } }));

    expect(await node.send(targetNode, { type: 'data-point', payload: { value: 42 } })).toBe(42);
    expect(await node.send(targetNode, batch)).toEqual([10, 20, 30]);
    expect(await targetNode.process(batch)).toEqual([10, 20, 30]);
    expect(await targetNode.send(batch)).toEqual([10, 20, 30]);
    expect(await targetNode.process({ type: 'data-point', payload: { value: 42 } })).toBe(42);
  });

  it('the context of a batch has its time at the root and the context of each event in a list', async () => {
    await using place = open();
    const node = place.createNode('node');
    const collector = place.createNode('collector');
    const source = place.createNode('source');
    await place.ready();
    const before = Date.now();
    collector.on('collect', (event) =>
      collector.send(
        node,
        [1, 2].map((value) => ({ type: 'data-point', payload: { value, of: event.context.causal.id } })),
      ),
    );
    node.on('data-point', (events: OneOrMany, context: FlowContext) => {
      if (!Array.isArray(events)) return;
      return {
        count: events.length,
        receivedAt: context.receivedAt,
        causes: events.map((event, index) => {
          const eventContext = context.events?.[index];
          return (
            eventContext?.causal.causationId === event.payload.of && eventContext?.causal.id === event.context.causal.id
          );
        }),
      };
    });

    const seen = await source.send(collector, { type: 'collect', payload: {} });

    expect(seen).toMatchObject({ count: 2, causes: [true, true] });
    expect(seen.receivedAt).toBeGreaterThanOrEqual(before);
    expect(seen.receivedAt).toBeLessThanOrEqual(Date.now());
  });

  it('a batch sent to several nodes is one batch at each of them', async () => {
    await using place = open();
    const sender = place.createNode('sender');
    const nodeA = place.createNode('a');
    const nodeB = place.createNode('b');
    await place.ready();
    const strategies: Record<string, (values: number[]) => number> = {
      a: (values) => values.reduce((sum, value) => sum + value, 0),
      b: (values) => Math.max(...values),
    };
    for (const node of [nodeA, nodeB]) {
      node.on('process-batch', (eventsOrEvent: OneOrMany, context: FlowContext) => {
        const nodeId = context.node.id;
        const events = Array.isArray(eventsOrEvent) ? eventsOrEvent : [eventsOrEvent as HappenEvent];
        return [events.length, strategies[nodeId]?.(events.map((event) => event.payload))];
      });
    }
    const batch = [1, 5, 3].map((payload) => ({ type: 'process-batch', payload }));

    expect({ ...(await sender.send([nodeA, nodeB], batch)) }).toEqual({ a: [3, 9], b: [3, 5] });
    expect({ ...(await sender.send([nodeA, nodeB], { type: 'process-batch', payload: 7 })) }).toEqual({
      a: [1, 7],
      b: [1, 7],
    });
  });

  it('readings are sent in explicit batches before their handler is registered', async () => {
    await using place = open();
    const sensorNode = place.createNode('sensors');
    const telemetryNode = place.createNode('telemetry-processor');
    await place.ready();
    const averages = new Arrivals<number>();
    function sendSensorData(readings: { sensorId: string; value: number }[]): void {
      const batchSize = 50;
      for (let i = 0; i < readings.length; i += batchSize) {
        const batch = readings.slice(i, i + batchSize).map((reading) => ({
          type: 'sensor-reading',
          payload: { sensorId: reading.sensorId, value: reading.value },
        }));
        sensorNode.send(telemetryNode, batch);
      }
    }
    sendSensorData(Array.from({ length: 120 }, (_, i) => ({ sensorId: `sensor-${i % 10}`, value: i })));
    telemetryNode.on('sensor-reading', (eventOrEvents: OneOrMany) => {
      if (Array.isArray(eventOrEvents)) {
        const readings = eventOrEvents.map((event) => event.payload.value);
        averages.add(readings.reduce((sum, value) => sum + value, 0) / readings.length);
        return { processed: readings.length };
      } else {
        return { processed: 1 };
      }
    });

    expect(await averages.atLeast(3)).toEqual([24.5, 74.5, 109.5]);
  });

  it('a batch made by hand is processed as a whole', async () => {
    await using place = open();
    const node = place.createNode('node');
    const processingNode = place.createNode('processing');
    await place.ready();
    processingNode.on('process-order', (eventOrEvents: OneOrMany) => {
      if (Array.isArray(eventOrEvents)) {
        const totalValue = eventOrEvents.reduce((sum, event) => sum + event.payload.total, 0);
        return { totalProcessed: eventOrEvents.length, totalValue };
      } else {
        return { processed: (eventOrEvents as HappenEvent).payload.orderId };
      }
    });
    const orderBatch = [
      { type: 'process-order', payload: { orderId: 'ORD-001', total: 125 } },
      { type: 'process-order', payload: { orderId: 'ORD-002', total: 75.5 } },
      { type: 'process-order', payload: { orderId: 'ORD-003', total: 240 } },
    ];

    expect(await node.send(processingNode, orderBatch)).toEqual({ totalProcessed: 3, totalValue: 440.5 });
    expect(await node.send(processingNode, orderBatch[0] as (typeof orderBatch)[0])).toEqual({ processed: 'ORD-001' });
  });

  it('a batch handler yields its progress between chunks', async () => {
    await using place = open();
    const node = place.createNode('node');
    const sender = place.createNode('sender');
    await place.ready();
    node.on('high-volume-data', function* (eventOrEvents: OneOrMany) {
      if (!Array.isArray(eventOrEvents)) return;
      let results: number[] = [];
      const batchSize = 100;
      for (let i = 0; i < eventOrEvents.length; i += batchSize) {
        const chunk = eventOrEvents.slice(i, i + batchSize);
        const chunkResults = processChunk(chunk);
        results = results.concat(chunkResults);
        if (i + batchSize < eventOrEvents.length) {
          yield { progress: Math.round(((i + batchSize) / eventOrEvents.length) * 100) };
        }
      }
      return { results };
    });
    const processChunk = (events: readonly HappenEvent[]) => events.map((event) => event.payload * 2);
    const batch = Array.from({ length: 250 }, (_, payload) => ({ type: 'high-volume-data', payload }));

    const stream = await sender.send(node, batch);
    const progress: number[] = [];
    for await (const step of stream) progress.push(step.progress);

    expect(progress).toEqual([40, 80]);
    expect((await stream.result).results).toEqual(batch.map(({ payload }) => payload * 2));
  });
});
