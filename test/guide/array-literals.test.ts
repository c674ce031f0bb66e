import '@happen/core/array';
import { type HappenEvent, initializeHappen } from '@happen/core';
import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.js';

type OneOrMany = HappenEvent | readonly HappenEvent[];

describe('Confluence: array literals of nodes', () => {
  it('a handler is registered on a literal, and an event sent to another with some of the same nodes', async () => {
    await using happen = initializeHappen();
    const { createNode } = happen;
    const orderNode = createNode('order');
    const paymentNode = createNode('payment');
    const inventoryNode = createNode('inventory');
    const shippingNode = createNode('shipping');
    const done = new Arrivals<string>();
    [orderNode, paymentNode, inventoryNode].on('order-completed', (event, context) => {
      done.add(`${event.payload.orderId} in ${context.node.id}`);
    });
    shippingNode.on('order-completed', (event) => {
      done.add(`${event.payload.orderId} shipped`);
    });

    [orderNode, shippingNode].send({ type: 'order-completed', payload: { orderId: 'ORD-123' } });

    expect([...(await done.atLeast(2))].sort()).toEqual(['ORD-123 in order', 'ORD-123 shipped']);
  });

  it('each node of a literal chooses its own next step', async () => {
    await using happen = initializeHappen();
    const orderNode = happen.createNode('order-service');
    const inventoryNode = happen.createNode('inventory-service');
    const notificationNode = happen.createNode('notification-service');
    [orderNode, inventoryNode, notificationNode].on('order-updated', function validateUpdate(_event, context) {
      if (context.node.id === 'order-service') {
        return updateOrderRecord;
      } else if (context.node.id === 'inventory-service') {
        return updateInventoryLevels;
      } else {
        return sendNotifications;
      }
    });
    function updateOrderRecord() {
      return { updated: true };
    }
    function updateInventoryLevels() {
      return { inventoryUpdated: true };
    }
    function sendNotifications() {
      return { notificationsSent: true };
    }

    const results = await [orderNode, inventoryNode, notificationNode].send({ type: 'order-updated', payload: {} });

    expect({ ...results }).toEqual({
      'order-service': { updated: true },
      'inventory-service': { inventoryUpdated: true },
      'notification-service': { notificationsSent: true },
    });
  });

  it('each node of a literal has its own context', async () => {
    await using happen = initializeHappen();
    const nodes = ['order', 'inventory', 'shipping'].map((id) => happen.createNode(id));
    const [orderNode, inventoryNode, shippingNode] = nodes as [(typeof nodes)[0], (typeof nodes)[0], (typeof nodes)[0]];
    [orderNode, inventoryNode, shippingNode].on('order-updated', (_event, context) => {
      context.nodeState = context.nodeState || {};
      const seen = Object.keys(context.nodeState);
      context.nodeState[context.node.id] = true;
      return seen;
    });

    const results = await nodes.send({ type: 'order-updated', payload: {} });

    expect({ ...results }).toEqual({ order: [], inventory: [], shipping: [] });
  });

  it('a handler on a literal takes one event or a batch at each node', async () => {
    await using happen = initializeHappen();
    const nodeA = happen.createNode('a');
    const nodeB = happen.createNode('b');
    const nodeProcessingStrategies: Record<
      string,
      { processBatch(events: readonly HappenEvent[]): string; processSingle(event: HappenEvent): string }
    > = {
      a: { processBatch: (events) => `sum of ${events.length}`, processSingle: () => 'one' },
      b: { processBatch: (events) => `best of ${events.length}`, processSingle: () => 'the one' },
    };
    [nodeA, nodeB].on('process-batch', (eventsOrEvent: OneOrMany, context) => {
      const nodeId = context.node.id;
      if (Array.isArray(eventsOrEvent)) {
        return nodeProcessingStrategies[nodeId]?.processBatch(eventsOrEvent);
      } else {
        return nodeProcessingStrategies[nodeId]?.processSingle(eventsOrEvent as HappenEvent);
      }
    });
    const one = { type: 'process-batch', payload: 1 };

    expect({ ...(await [nodeA, nodeB].send([one, one, one])) }).toEqual({ a: 'sum of 3', b: 'best of 3' });
    expect({ ...(await [nodeA, nodeB].send(one)) }).toEqual({ a: 'one', b: 'the one' });
  });

  it('an alert is sent to a literal without waiting, before the handler is registered on another', async () => {
    await using happen = initializeHappen();
    const { createNode } = happen;
    const monitorNode = createNode('system-monitor');
    const alertNode = createNode('alert-service');
    const loggingNode = createNode('logging-service');
    const adminNode = createNode('admin-dashboard');
    const done = new Arrivals<string>();
    function reportCriticalIssue(issue: string): void {
      [alertNode, loggingNode, adminNode].send({
        type: 'critical-alert',
        payload: { issue, timestamp: Date.now(), severity: 'critical' },
      });
    }
    monitorNode.on('disk-full', () => reportCriticalIssue('disk full'));
    monitorNode.send({ type: 'disk-full' });
    [alertNode, loggingNode, adminNode].on('critical-alert', function processAlert(_event, context) {
      if (context.node.id === 'alert-service') {
        return sendUserAlerts;
      } else if (context.node.id === 'logging-service') {
        return createLogEntry;
      } else {
        return updateDashboard;
      }
    });
    const sendUserAlerts = (event: HappenEvent) => done.add(`told of ${event.payload.issue} by ${senderOf(event)}`);
    const createLogEntry = (event: HappenEvent) => done.add(`logged ${event.payload.issue} of ${senderOf(event)}`);
    const updateDashboard = (event: HappenEvent) => done.add(`showed ${event.payload.issue} of ${senderOf(event)}`);
    const senderOf = (event: HappenEvent) => event.context.causal.sender;

    expect([...(await done.atLeast(3))].sort()).toEqual([
      'logged disk full of system-monitor',
      'showed disk full of system-monitor',
      'told of disk full by system-monitor',
    ]);
  });
});
