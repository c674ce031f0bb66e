import type { FlowContext, HappenEvent } from '@happen/core';
import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.js';
import { type Place, places } from './places.js';

async function sagaSystem(place: Place) {
  const orderSaga = place.createNode('order-saga');
  const inventoryNode = place.createNode('inventory');
  const paymentNode = place.createNode('payment');
  const shipmentNode = place.createNode('shipment');
  const client = place.createNode('client');
  await place.ready();
  const log: string[] = [];
  const told = new Arrivals<HappenEvent>();
  client.on('order-processed', told.add);
  client.on('order-processing-failed', told.add);
  inventoryNode.on('reserve-inventory', (event) => {
    log.push(`reserve ${event.payload.items.length}`);
    return event.payload.items.includes('unicorn') ? { success: false, reason: 'out of stock' } : { success: true };
  });
  inventoryNode.on('release-inventory', (event) => {
    log.push(`release ${event.payload.items.length}`);
    return { success: true };
  });
  paymentNode.on('process-payment', (event) => {
    log.push('pay');
    return event.payload.card === 'expired'
      ? { success: false, reason: 'expired card' }
      : { success: true, paymentId: 'pay-1' };
  });
  paymentNode.on('refund-payment', (event) => {
    log.push(`refund ${event.payload.paymentId}`);
    return { success: true };
  });
  shipmentNode.on('create-shipment', (event) => {
    log.push(`ship to ${event.payload.address}`);
    if (event.payload.address === 'the moon') throw new Error('no route');
    return { success: true, shipmentId: 'SHP-1' };
  });
  orderSaga.on('process-order', async (event) => {
    const { orderId } = event.payload;
    const context: { orderId: string; steps: string[]; paymentId?: string } = { orderId, steps: [] };
    try {
      const inventoryResult = await orderSaga
        .send(inventoryNode, { type: 'reserve-inventory', payload: event.payload })
        .return();
      if (!inventoryResult.success) {
        throw new Error(`Inventory reservation failed: ${inventoryResult.reason}`);
      }
      context.steps.push('inventory-reserved');
      const paymentResult = await orderSaga
        .send(paymentNode, { type: 'process-payment', payload: event.payload })
        .return();
      if (!paymentResult.success) {
        throw new Error(`Payment failed: ${paymentResult.reason}`);
      }
      context.steps.push('payment-processed');
      context.paymentId = paymentResult.paymentId;
      const shipmentResult = await orderSaga
        .send(shipmentNode, {
          type: 'create-shipment',
          payload: { orderId, items: event.payload.items, address: event.payload.shippingAddress },
        })
        .return();
      orderSaga.broadcast({
        type: 'order-processed',
        payload: { orderId, status: 'processed', shipmentId: shipmentResult.shipmentId },
      });
      return { success: true, orderId, shipmentId: shipmentResult.shipmentId };
    } catch (error) {
      const { message } = error as Error;
      if (context.steps.includes('payment-processed')) {
        await orderSaga
          .send(paymentNode, { type: 'refund-payment', payload: { paymentId: context.paymentId } })
          .return();
      }
      if (context.steps.includes('inventory-reserved')) {
        await orderSaga.send(inventoryNode, { type: 'release-inventory', payload: event.payload }).return();
      }
      orderSaga.broadcast({ type: 'order-processing-failed', payload: { orderId, reason: message } });
      return { success: false, reason: message };
    }
  });
  await place.ready();
  const process = (more: object) =>
    client
      .send(orderSaga, {
        type: 'process-order',
        payload: { orderId: 'ORD-1', items: ['book', 'pen'], card: 'valid', shippingAddress: 'Main St', ...more },
      })
      .return();
  return { process, log, told };
}

describe.each(places)('Advanced patterns, $label', ({ open }) => {
  it('saga: reserve, pay and ship in order', async () => {
    await using place = open();
    const { process, log, told } = await sagaSystem(place);

    expect(await process({})).toEqual({ success: true, orderId: 'ORD-1', shipmentId: 'SHP-1' });
    expect(log).toEqual(['reserve 2', 'pay', 'ship to Main St']);
    const [event] = await told.atLeast(1);
    expect(event).toMatchObject({
      type: 'order-processed',
      payload: { orderId: 'ORD-1', status: 'processed', shipmentId: 'SHP-1' },
      context: { causal: { sender: 'order-saga', path: [['client', 'order-saga']] } },
    });
  });

  it('saga: a late failure is compensated in reverse order, an early one only as far as it came', async () => {
    await using place = open();
    const { process, log, told } = await sagaSystem(place);

    expect(await process({ shippingAddress: 'the moon' })).toEqual({
      success: false,
      reason: expect.stringContaining('no route'),
    });
    expect(log.splice(0)).toEqual(['reserve 2', 'pay', 'ship to the moon', 'refund pay-1', 'release 2']);
    expect(await process({ card: 'expired' })).toEqual({ success: false, reason: 'Payment failed: expired card' });
    expect(log.splice(0)).toEqual(['reserve 2', 'pay', 'release 2']);
    expect(await process({ items: ['unicorn'] })).toEqual({
      success: false,
      reason: 'Inventory reservation failed: out of stock',
    });
    expect(log.splice(0)).toEqual(['reserve 1']);
    expect((await told.atLeast(3)).map((event) => event.type)).toEqual([
      'order-processing-failed',
      'order-processing-failed',
      'order-processing-failed',
    ]);
  });

  it('retry with backoff: an asynchronous step waits and returns itself', async () => {
    await using place = open();
    const paymentServiceNode = place.createNode('payment-service');
    const client = place.createNode('client');
    await place.ready();
    const delays: number[] = [];
    let failuresToCome = 0;
    paymentServiceNode.on('process-payment', async function processPayment(event, context): Promise<unknown> {
      context.retryCount = context.retryCount || 0;
      context.startTime = context.startTime || Date.now();
      try {
        const result = await chargeCustomer();
        return { success: true, transactionId: result.transactionId, amount: event.payload.amount };
      } catch (error) {
        context.lastError = error;
        context.retryCount++;
        const maxRetries = 5;
        const timeElapsed = Date.now() - context.startTime;
        if (context.retryCount < maxRetries && timeElapsed < 120_000) {
          const delay = Math.min(2 ** context.retryCount, 8);
          delays.push(delay);
          await new Promise((resolve) => setTimeout(resolve, delay));
          return processPayment;
        }
        return {
          success: false,
          reason: 'payment-failed-after-retries',
          attempts: context.retryCount,
          lastError: context.lastError.message,
        };
      }
    });
    async function chargeCustomer(): Promise<{ transactionId: string }> {
      failuresToCome -= 1;
      if (failuresToCome >= 0) throw new Error('gateway is busy');
      return { transactionId: 'txn-1' };
    }
    const pay = () => client.send(paymentServiceNode, { type: 'process-payment', payload: { amount: 5 } }).return();

    failuresToCome = 3;
    expect(await pay()).toEqual({ success: true, transactionId: 'txn-1', amount: 5 });
    expect(delays).toEqual([2, 4, 8]);
    failuresToCome = 100;
    expect(await pay()).toEqual({
      success: false,
      reason: 'payment-failed-after-retries',
      attempts: 5,
      lastError: 'gateway is busy',
    });
  });

  it('circuit breaker: the entry point fails fast while the circuit is open, and a timer half-opens it', async () => {
    await using place = open();
    const apiGatewayNode = place.createNode('api-gateway');
    const client = place.createNode('client');
    await place.ready();
    const circuits = { payment: { state: 'closed', failures: 0, lastFailure: 0 } };
    const halfOpened = new Arrivals<string>();
    let broken = true;
    apiGatewayNode.on('call-payment-service', function processPaymentRequest() {
      const circuit = circuits.payment;
      if (circuit.state === 'open') {
        return { success: false, reason: 'circuit-open', message: 'Payment service is unavailable' };
      }
      return makePaymentServiceCall;
    });
    async function makePaymentServiceCall(event: HappenEvent): Promise<unknown> {
      const circuit = circuits.payment;
      try {
        const result = await callPaymentService(event.payload);
        if (circuit.state === 'half-open') {
          circuit.state = 'closed';
          circuit.failures = 0;
        }
        return result;
      } catch (error) {
        circuit.failures++;
        circuit.lastFailure = Date.now();
        if (circuit.state === 'closed' && circuit.failures >= 5) {
          circuit.state = 'open';
          setTimeout(() => {
            circuit.state = 'half-open';
            halfOpened.add(circuit.state);
          }, 20);
        }
        return {
          success: false,
          reason: 'payment-service-error',
          message: (error as Error).message,
          circuitState: circuit.state,
        };
      }
    }
    async function callPaymentService(payload: { amount: number }): Promise<unknown> {
      if (broken) throw new Error('no connection');
      return { success: true, amount: payload.amount };
    }
    const call = () => client.send(apiGatewayNode, { type: 'call-payment-service', payload: { amount: 5 } }).return();

    const states: string[] = [];
    for (let attempt = 1; attempt <= 5; attempt += 1) states.push((await call()).circuitState);
    expect(states).toEqual(['closed', 'closed', 'closed', 'closed', 'open']);
    expect(await call()).toMatchObject({ reason: 'circuit-open' });
    await halfOpened.atLeast(1);
    broken = false;
    expect(await call()).toEqual({ success: true, amount: 5 });
    expect(circuits.payment).toMatchObject({ state: 'closed', failures: 0 });
  });

  it('supervisor: errors lead to a restart request, which it handles itself and passes on', async () => {
    await using place = open();
    const supervisorNode = place.createNode('system-supervisor');
    const paymentNode = place.createNode('payment');
    const infrastructure = place.createNode('infrastructure');
    await place.ready();
    const services = new Map<string, { errors: number; lastReset: number; restarts: number }>();
    const restarted = new Arrivals<HappenEvent>();
    supervisorNode.on(
      (type) => type.endsWith('.error'),
      (event) => {
        const service = event.type.split('.')[0] ?? '';
        const before = services.get(service) ?? { errors: 0, lastReset: Date.now(), restarts: 0 };
        const serviceState = { ...before, errors: before.errors + 1 };
        services.set(service, serviceState);
        if (serviceState.errors >= 5 && Date.now() - serviceState.lastReset < 60_000) {
          supervisorNode.broadcast({
            type: 'service.restart-required',
            payload: { service, reason: 'excessive-errors', errorCount: serviceState.errors },
          });
        }
        return { supervised: true };
      },
    );
    supervisorNode.on('service.restart-required', (event) => {
      const { service } = event.payload;
      supervisorNode.broadcast({
        type: 'infrastructure.restart-service',
        payload: { service, triggeredBy: 'supervisor', reason: event.payload.reason },
      });
      const before = services.get(service);
      services.set(service, { errors: 0, lastReset: Date.now(), restarts: (before?.restarts || 0) + 1 });
      return { action: 'restart', service };
    });
    infrastructure.on('infrastructure.*', restarted.add);
    await place.ready();

    for (let count = 1; count <= 5; count += 1) {
      paymentNode.broadcast({ type: 'payment.error', payload: { message: `failure ${count}` } });
    }

    const [event] = await restarted.atLeast(1);
    expect(event).toMatchObject({
      type: 'infrastructure.restart-service',
      payload: { service: 'payment', triggeredBy: 'supervisor', reason: 'excessive-errors' },
      context: {
        causal: {
          sender: 'system-supervisor',
          path: [
            ['payment', 'system-supervisor'],
            ['system-supervisor', 'system-supervisor'],
          ],
        },
      },
    });
    expect(services.get('payment')).toMatchObject({ errors: 0, restarts: 1 });
  });

  it('state machine: allowed transitions are applied and told, others are refused', async () => {
    await using place = open();
    const orderStateMachine = place.createNode('order-state-machine');
    const client = place.createNode('client');
    await place.ready();
    const allowedTransitions: Record<string, string[]> = {
      draft: ['submitted'],
      submitted: ['processing', 'canceled'],
      processing: ['shipped', 'canceled'],
      shipped: ['delivered'],
      canceled: [],
    };
    let orders: Record<string, { status: string; previousStatus?: string }> = { 'ORD-1': { status: 'draft' } };
    const changed = new Arrivals<unknown>();
    orderStateMachine.on('transition-order', (event) => {
      const { orderId, toState } = event.payload;
      const order = orders[orderId];
      if (!order) {
        return { success: false, reason: 'order-not-found' };
      }
      const currentState = order.status;
      if (!allowedTransitions[currentState]?.includes(toState)) {
        return {
          success: false,
          reason: 'invalid-transition',
          message: `Cannot transition from ${currentState} to ${toState}`,
        };
      }
      orders = { ...orders, [orderId]: { ...order, status: toState, previousStatus: currentState } };
      orderStateMachine.broadcast({
        type: 'order-state-changed',
        payload: { orderId, fromState: currentState, toState },
      });
      return { success: true, orderId, currentState: toState };
    });
    client.on('order-state-changed', (event) => changed.add(event.payload));
    await place.ready();
    const transition = (orderId: string, toState: string) =>
      client.send(orderStateMachine, { type: 'transition-order', payload: { orderId, toState } }).return();

    expect(await transition('ORD-1', 'submitted')).toEqual({
      success: true,
      orderId: 'ORD-1',
      currentState: 'submitted',
    });
    expect(await transition('ORD-1', 'delivered')).toMatchObject({
      reason: 'invalid-transition',
      message: 'Cannot transition from submitted to delivered',
    });
    expect(await transition('ORD-1', 'canceled')).toMatchObject({ success: true });
    expect(await transition('ORD-9', 'submitted')).toEqual({ success: false, reason: 'order-not-found' });
    expect(await changed.atLeast(2)).toEqual([
      { orderId: 'ORD-1', fromState: 'draft', toState: 'submitted' },
      { orderId: 'ORD-1', fromState: 'submitted', toState: 'canceled' },
    ]);
    expect(orders['ORD-1']).toEqual({ status: 'canceled', previousStatus: 'submitted' });
  });

  it('reactive aggregate: it follows events, emits at a threshold, and takes commands', async () => {
    await using place = open();
    const customerAggregate = place.createNode('customer-aggregate');
    const shop = place.createNode('shop');
    await place.ready();
    interface Customer {
      readonly name: string;
      readonly email: string;
      readonly status: string;
      readonly orders: readonly string[];
      readonly totalSpent: number;
    }
    const customers = new Map<string, Customer>();
    const told = new Arrivals<[string, unknown]>();
    customerAggregate.on('customer-registered', (event) => {
      const { customerId, email, name } = event.payload;
      customers.set(customerId, { email, name, status: 'active', orders: [], totalSpent: 0 });
      return { updated: true };
    });
    customerAggregate.on('order-created', (event: HappenEvent, context: FlowContext) => {
      const { orderId, customerId, amount } = event.payload;
      const before = customers.get(customerId);
      if (before === undefined) return { updated: false };
      const customer = {
        ...before,
        orders: [...before.orders, orderId],
        totalSpent: before.totalSpent + amount,
      };
      customers.set(customerId, customer);
      if (customer.orders.length >= 5 && customer.status !== 'premium') {
        customers.set(customerId, { ...customer, status: 'premium' });
        context.upgraded = customer;
        return tellPremium;
      }
      return { updated: true };
    });
    function tellPremium(event: HappenEvent, context: FlowContext): unknown {
      customerAggregate.broadcast({
        type: 'customer-premium-status-achieved',
        payload: {
          customerId: event.payload.customerId,
          ordersCount: context.upgraded.orders.length,
          totalSpent: context.upgraded.totalSpent,
        },
      });
      return { updated: true };
    }
    customerAggregate.on('update-customer-email', (event) => {
      const { customerId, email } = event.payload;
      const customer = customers.get(customerId);
      if (!customer) {
        return { success: false, reason: 'customer-not-found' };
      }
      customers.set(customerId, { ...customer, email });
      customerAggregate.broadcast({
        type: 'customer-email-changed',
        payload: { customerId, previousEmail: customer.email, newEmail: email },
      });
      return { success: true, customerId };
    });
    shop.on(
      (type) => type.startsWith('customer-') && type !== 'customer-registered',
      (event) => told.add([event.type, event.payload]),
    );
    await place.ready();

    shop.broadcast({ type: 'customer-registered', payload: { customerId: 'c1', email: 'a@example.com', name: 'Ada' } });
    for (let number = 1; number <= 6; number += 1) {
      shop.broadcast({ type: 'order-created', payload: { orderId: `ORD-${number}`, customerId: 'c1', amount: 10 } });
    }
    await told.atLeast(1);
    const changed = await shop.send(customerAggregate, {
      type: 'update-customer-email',
      payload: { customerId: 'c1', email: 'ada@example.com' },
    });

    expect(changed).toEqual({ success: true, customerId: 'c1' });
    expect(
      await shop.send(customerAggregate, { type: 'update-customer-email', payload: { customerId: 'c9', email: 'x' } }),
    ).toEqual({ success: false, reason: 'customer-not-found' });
    expect(await told.atLeast(2)).toEqual([
      ['customer-premium-status-achieved', { customerId: 'c1', ordersCount: 5, totalSpent: 50 }],
      ['customer-email-changed', { customerId: 'c1', previousEmail: 'a@example.com', newEmail: 'ada@example.com' }],
    ]);
    expect(customers.get('c1')).toMatchObject({ status: 'premium', orders: { length: 6 } });
  });
});
