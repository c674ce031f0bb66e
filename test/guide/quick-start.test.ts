import { type FlowContext, type HappenEvent, initializeHappen } from '@happen/core';
import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.js';

describe('Quick start', () => {
  it('the defaults are enough: createNode is taken out of the space and works by itself', async () => {
    await using happen = initializeHappen();
    const { createNode, close } = happen;
    const node = createNode('greeter');
    node.on('greet', (event) => `hello ${event.payload.name}`);

    expect(await node.send({ type: 'greet', payload: { name: 'Ada' } })).toBe('hello Ada');
    await close();
  });

  it('a flow validates, pays and ships, each step naming the next one', async () => {
    await using happen = initializeHappen();
    const orderNode = happen.createNode('orders');
    const client = happen.createNode('client');
    const steps: string[] = [];
    orderNode.on('process-order', function validateOrder(event, context) {
      steps.push('validateOrder');
      const validation = validateOrderData(event.payload);
      if (!validation.valid) {
        return { success: false, reason: 'validation-failed', errors: validation.errors };
      }
      context.validation = validation;
      return processPayment;
    });
    function processPayment(_event: HappenEvent, context: FlowContext): unknown {
      steps.push('processPayment');
      const validatedOrder = context.validation;
      const paymentResult = processTransaction(validatedOrder);
      if (!paymentResult.success) {
        return { success: false, reason: 'payment-failed' };
      }
      context.payment = paymentResult;
      return createShipment;
    }
    function createShipment(_event: HappenEvent, context: FlowContext): unknown {
      steps.push('createShipment');
      const { payment, validation } = context;
      const shipment = { trackingNumber: `to ${validation.address}` };
      return {
        success: true,
        orderId: validation.orderId,
        paymentId: payment.transactionId,
        trackingNumber: shipment.trackingNumber,
      };
    }
    function validateOrderData(order: { id: string; total: number; address?: string }) {
      return order.address === undefined
        ? { valid: false as const, errors: ['no address'] }
        : { valid: true as const, orderId: order.id, total: order.total, address: order.address };
    }
    function processTransaction(order: { total: number }) {
      return order.total <= 100 ? { success: true, transactionId: 'txn-1' } : { success: false };
    }

    const submit = (order: object) => client.send(orderNode, { type: 'process-order', payload: order }).return();

    expect(await submit({ id: 'ORD-1', total: 50, address: 'Main St' })).toEqual({
      success: true,
      orderId: 'ORD-1',
      paymentId: 'txn-1',
      trackingNumber: 'to Main St',
    });
    expect(steps).toEqual(['validateOrder', 'processPayment', 'createShipment']);
    expect(await submit({ id: 'ORD-2', total: 500, address: 'Main St' })).toEqual({
      success: false,
      reason: 'payment-failed',
    });
    expect(await submit({ id: 'ORD-3', total: 5 })).toEqual({
      success: false,
      reason: 'validation-failed',
      errors: ['no address'],
    });
    expect(steps).toEqual([
      'validateOrder',
      'processPayment',
      'createShipment',
      'validateOrder',
      'processPayment',
      'validateOrder',
    ]);
  });

  it('the nodes of a system are independent, and an id is given once', async () => {
    await using happen = initializeHappen();
    const { createNode } = happen;
    const orderNode = createNode('order-service');
    const inventoryNode = createNode('inventory-service');
    const paymentNode = createNode('payment-service');
    const shippingNode = createNode('shipping-service');
    for (const node of [orderNode, inventoryNode, paymentNode, shippingNode]) {
      node.on('who', (_event, context) => context.node.id);
    }

    expect(await orderNode.send(inventoryNode, { type: 'who' })).toBe('inventory-service');
    expect(await orderNode.send(paymentNode, { type: 'who' })).toBe('payment-service');
    expect(await orderNode.send(shippingNode, { type: 'who' })).toBe('shipping-service');
    expect(() => createNode('order-service')).toThrow(expect.objectContaining({ code: 'HAPPEN_DUPLICATE_NODE' }));
  });

  it('a first system starts by broadcasting to itself and runs its whole flow', async () => {
    await using happen = initializeHappen();
    const orderNode = happen.createNode('order-service');
    const log = new Arrivals<string>();
    orderNode.on('create-order', function validateOrder(event, context) {
      const validation = validateOrderData(event.payload);
      if (!validation.valid) {
        return { success: false, errors: validation.errors };
      }
      const orderId = generateOrderId();
      context.orderData = { id: orderId, items: event.payload.items, customer: event.payload.customer };
      log.add('validateOrder');
      return checkInventory;
    });
    function checkInventory(_event: HappenEvent, context: FlowContext): unknown {
      log.add(`checkInventory of ${context.orderData.items.length}`);
      return processPayment;
    }
    function processPayment(_event: HappenEvent, context: FlowContext): unknown {
      log.add(`processPayment for ${context.orderData.customer.name}`);
      return createShipment;
    }
    function createShipment(_event: HappenEvent, context: FlowContext): unknown {
      log.add(`createShipment of ${context.orderData.id} to ${context.orderData.customer.address.city}`);
      return { success: true };
    }
    function validateOrderData(order: { items: unknown[] }) {
      return { valid: order.items.length > 0, errors: ['empty'] };
    }
    function generateOrderId(): string {
      return 'ORD-1';
    }

    function startOrderSystem(): void {
      orderNode.broadcast({
        type: 'create-order',
        payload: {
          customer: {
            id: 'cust-123',
            name: 'Jane Doe',
            email: 'jane@example.com',
            address: { street: '123 Main St', city: 'Anytown', zip: '12345' },
          },
          items: [
            { id: 'prod-a1', quantity: 2 },
            { id: 'prod-b7', quantity: 1 },
          ],
        },
      });
    }
    startOrderSystem();

    expect(await log.atLeast(4)).toEqual([
      'validateOrder',
      'checkInventory of 2',
      'processPayment for Jane Doe',
      'createShipment of ORD-1 to Anytown',
    ]);
  });
});

describe('Core concepts', () => {
  it('a node is made from an id and empty options', async () => {
    await using happen = initializeHappen();
    const orderProcessor = happen.createNode('order-processor', {});

    expect(orderProcessor.id).toBe('order-processor');
  });

  it('an event reads { type, payload, context } and knows its id, sender, cause, transaction and path', async () => {
    await using happen = initializeHappen();
    const userNode = happen.createNode('user-node');
    const checkoutNode = happen.createNode('checkout-node');
    const orderNode = happen.createNode('order-node');
    const shippingNode = happen.createNode('shipping-node');
    const seen: HappenEvent[] = [];
    checkoutNode.on('checkout', (event) => {
      seen.push(event);
      return checkoutNode.send(orderNode, {
        type: 'order-created',
        payload: { orderId: 'ORD-123', items: [{ productId: 'PROD-456', quantity: 2, price: 29.99 }], total: 59.98 },
      });
    });
    orderNode.on('order-created', (event) => {
      seen.push(event);
      return orderNode.send(shippingNode, { type: 'ship', payload: { orderId: event.payload.orderId } });
    });
    shippingNode.on('ship', (event) => {
      seen.push(event);
    });

    await userNode.send(checkoutNode, {
      type: 'checkout',
      payload: {},
      context: { causal: { correlationId: 'txn-123' } },
    });

    const [checkout, created, ship] = seen.map((event) => event.context.causal);
    expect(seen[1]).toMatchObject({ type: 'order-created', payload: { orderId: 'ORD-123', total: 59.98 } });
    expect(created).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      sender: 'checkout-node',
      causationId: checkout?.id,
      correlationId: 'txn-123',
      path: [['user-node', 'checkout-node']],
    });
    expect(ship).toMatchObject({
      sender: 'order-node',
      causationId: created?.id,
      correlationId: 'txn-123',
      path: [
        ['user-node', 'checkout-node'],
        ['checkout-node', 'order-node'],
      ],
    });
    expect(checkout).toMatchObject({ sender: 'user-node', correlationId: 'txn-123', path: [] });
    expect(checkout?.causationId).toBeUndefined();
    expect(new Set(seen.map((event) => event.context.causal.id)).size).toBe(3);
  });

  it('an entry point is registered by name before the functions of its flow are declared', async () => {
    await using happen = initializeHappen();
    const orderNode = happen.createNode('orders');
    orderNode.on('process-order', validateOrder);
    function validateOrder(event: HappenEvent, context: FlowContext): unknown {
      if (event.payload.orderId === undefined) {
        return { success: false, reason: 'Invalid order' };
      }
      context.validatedOrder = { ...event.payload, validated: true, validatedAt: Date.now() };
      return processPayment;
    }
    function processPayment(event: HappenEvent, context: FlowContext): unknown {
      const paymentResult = { success: event.payload.payment === 'card' };
      context.payment = paymentResult;
      if (!paymentResult.success) {
        return { success: false, reason: 'Payment failed' };
      }
      return createShipment;
    }
    function createShipment(event: HappenEvent, context: FlowContext): unknown {
      return {
        success: context.payment.success && context.validatedOrder.validated,
        orderId: event.payload.orderId,
        trackingNumber: `TRK ${event.payload.address}`,
      };
    }

    const process = (payload: object) => orderNode.process({ type: 'process-order', payload });

    expect(await process({ orderId: 'ORD-1', payment: 'card', address: 'Main St' })).toEqual({
      success: true,
      orderId: 'ORD-1',
      trackingNumber: 'TRK Main St',
    });
    expect(await process({ orderId: 'ORD-2', payment: 'shells' })).toEqual({
      success: false,
      reason: 'Payment failed',
    });
    expect(await process({})).toEqual({ success: false, reason: 'Invalid order' });
  });

  it('a step changes what its node owns and tells the system about it', async () => {
    await using happen = initializeHappen();
    const orderNode = happen.createNode('orders');
    const auditNode = happen.createNode('audit');
    const changes = new Arrivals<HappenEvent>();
    let orders: Record<string, { status: string; total: number }> = { 'ORD-1': { status: 'new', total: 5 } };
    orderNode.on('update-order-status', (event, context) => {
      context.orderId = event.payload.orderId;
      context.newStatus = event.payload.status;
      return applyStatusChange;
    });
    function applyStatusChange(_event: HappenEvent, context: FlowContext): unknown {
      const { orderId, newStatus } = context;
      const order = orders[orderId];
      if (order !== undefined) {
        orders = { ...orders, [orderId]: { ...order, status: newStatus } };
      }
      orderNode.broadcast({ type: 'order-status-changed', payload: { orderId, status: newStatus } });
      return { success: true, orderId, status: newStatus };
    }
    auditNode.on('order-status-changed', changes.add);

    const result = await auditNode.send(orderNode, {
      type: 'update-order-status',
      payload: { orderId: 'ORD-1', status: 'paid' },
    });

    expect(result).toEqual({ success: true, orderId: 'ORD-1', status: 'paid' });
    expect(orders).toEqual({ 'ORD-1': { status: 'paid', total: 5 } });
    const [change] = await changes.atLeast(1);
    expect(change).toMatchObject({
      payload: { orderId: 'ORD-1', status: 'paid' },
      context: { causal: { sender: 'orders', path: [['audit', 'orders']] } },
    });
  });
});
