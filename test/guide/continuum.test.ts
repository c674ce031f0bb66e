import { type FlowContext, type HappenEvent, initializeHappen, type Step } from '@happen/core';
import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.js';
import { askFlow } from './ask-flow.js';

describe('The event continuum', () => {
  it('one registered function starts a chain that the returned functions carry on', async () => {
    await using happen = initializeHappen();
    const orderNode = happen.createNode('orders');
    const database: unknown[] = [];
    const mails: string[] = [];
    orderNode.on('create-order', validateOrder);
    function validateOrder(event: HappenEvent): unknown {
      if (event.payload.items.length === 0) {
        return { success: false, reason: 'Invalid order' };
      }
      return processOrder;
    }
    function processOrder(event: HappenEvent, context: FlowContext): unknown {
      database.push(event.payload);
      context.orderId = `ORD-${database.length}`;
      return notifyCustomer;
    }
    function notifyCustomer(event: HappenEvent, context: FlowContext): unknown {
      mails.push(`${context.orderId} to ${event.payload.customer}`);
      return { success: true, orderId: context.orderId };
    }

    const create = (payload: object) => orderNode.send({ type: 'create-order', payload });

    expect(await create({ items: ['book'], customer: 'Ada' })).toEqual({ success: true, orderId: 'ORD-1' });
    expect(await create({ items: [] })).toEqual({ success: false, reason: 'Invalid order' });
    expect(await create({ items: ['pen'], customer: 'Grace' })).toEqual({ success: true, orderId: 'ORD-2' });
    expect(mails).toEqual(['ORD-1 to Ada', 'ORD-2 to Grace']);
  });

  it('a returned function runs next with the same event and context', async () => {
    const seen: [HappenEvent, FlowContext][] = [];
    const ask = askFlow(function checkInventory(event, context) {
      seen.push([event, context]);
      const inventoryResult = { available: event.payload.items < 5 };
      if (!inventoryResult.available) {
        return handleInventoryShortage;
      }
      return processPayment;
    });
    function handleInventoryShortage(event: HappenEvent, context: FlowContext): unknown {
      seen.push([event, context]);
      return 'short';
    }
    function processPayment(event: HappenEvent, context: FlowContext): unknown {
      seen.push([event, context]);
      return 'paid';
    }

    expect(await ask({ items: 1 })).toBe('paid');
    expect(await ask({ items: 9 })).toBe('short');
    expect(seen[0]?.[0]).toBe(seen[1]?.[0]);
    expect(seen[0]?.[1]).toBe(seen[1]?.[1]);
    expect(seen[1]?.[1]).not.toBe(seen[2]?.[1]);
  });

  it('any value that is not a function completes the flow with that value', async () => {
    const ask = askFlow(function processPayment(event) {
      const paymentResult = event.payload as { success: boolean; error?: string };
      if (!paymentResult.success) {
        return { success: false, reason: 'payment-failed', details: paymentResult.error };
      }
      return createShipment;
    });
    const createShipment = () => ({ shipped: true });

    expect(await ask({ success: false, error: 'declined' })).toEqual({
      success: false,
      reason: 'payment-failed',
      details: 'declined',
    });
    expect(await ask({ success: true })).toEqual({ shipped: true });

    const values = [0, false, '', null, [], 'text', undefined];
    const give = askFlow((event) => values[event.payload]);
    for (const [index, value] of values.entries()) expect(await give(index)).toEqual(value);
  });

  it('the next step is chosen by any condition', async () => {
    const ask = askFlow(function determinePaymentMethod(event) {
      const method = event.payload.paymentMethod;
      if (method === 'credit-card') {
        return processCreditCard;
      } else if (method === 'paypal') {
        return processPaypal;
      } else {
        return processAlternativePayment;
      }
    });
    const processCreditCard = () => 'card';
    const processPaypal = () => 'paypal';
    const processAlternativePayment = () => 'alternative';

    expect(await ask({ paymentMethod: 'credit-card' })).toBe('card');
    expect(await ask({ paymentMethod: 'paypal' })).toBe('paypal');
    expect(await ask({ paymentMethod: 'shells' })).toBe('alternative');
  });

  it('the steps of one flow share a context that no other flow sees', async () => {
    await using happen = initializeHappen();
    const node = happen.createNode('node');
    const gate = new Arrivals<void>();
    node.on('go', async function validateOrder(event, context) {
      context.validation = { valid: event.payload.items.length > 0, items: event.payload.items, errors: ['empty'] };
      await gate.atLeast(1);
      if (!context.validation.valid) {
        return { success: false, errors: context.validation.errors };
      }
      return processInventory;
    });
    function processInventory(_event: HappenEvent, context: FlowContext): unknown {
      const validatedItems = context.validation.items;
      context.inventory = validatedItems.map((item: string) => `${item} in stock`);
      return processPayment;
    }
    function processPayment(_event: HappenEvent, context: FlowContext): unknown {
      return { ...context.validation, inventory: context.inventory };
    }

    const asked = [['a'], ['b', 'c'], []].map((items) => node.send({ type: 'go', payload: { items } }).return());
    gate.add();

    expect(await Promise.all(asked)).toEqual([
      { valid: true, items: ['a'], errors: ['empty'], inventory: ['a in stock'] },
      { valid: true, items: ['b', 'c'], errors: ['empty'], inventory: ['b in stock', 'c in stock'] },
      { success: false, errors: ['empty'] },
    ]);
  });

  it('a flow branches on what the event says', async () => {
    const ask = askFlow(function processOrder(event) {
      if (event.payload.isRush) {
        return processRushOrder;
      } else if (event.payload.isInternational) {
        return processInternationalOrder;
      } else {
        return processStandardOrder;
      }
    });
    const processRushOrder = async () => 'rush';
    const processInternationalOrder = () => 'international';
    const processStandardOrder = () => 'standard';

    expect(await ask({ isRush: true, isInternational: true })).toBe('rush');
    expect(await ask({ isInternational: true })).toBe('international');
    expect(await ask({})).toBe('standard');
  });

  it.each([1, 3, 20_000])('a step that returns itself loops over %i items', async (count) => {
    const ask = askFlow(processItems);
    function processItems(event: HappenEvent, context: FlowContext): unknown {
      if (!context.itemIndex) {
        context.itemIndex = 0;
        context.results = [];
      }
      const items = event.payload.items;
      context.results.push(items[context.itemIndex] * 2);
      context.itemIndex++;
      if (context.itemIndex < items.length) {
        return processItems;
      }
      return summarizeResults;
    }
    function summarizeResults(_event: HappenEvent, context: FlowContext): unknown {
      return { count: context.results.length, last: context.results.at(-1) };
    }

    const items = Array.from({ length: count }, (_, index) => index);

    expect(await ask({ items })).toEqual({ count, last: (count - 1) * 2 });
  });

  it('a caught error is a branch of the flow', async () => {
    const failures: string[] = [];
    const ask = askFlow(function processPayment(event, context) {
      try {
        context.payment = chargeCustomer(event.payload.payment);
        return createShipment;
      } catch (error) {
        context.error = error;
        return handlePaymentError;
      }
    });
    function chargeCustomer(payment: string): string {
      if (payment === 'expired') throw new Error('card expired');
      return `charged ${payment}`;
    }
    function createShipment(_event: HappenEvent, context: FlowContext): unknown {
      return context.payment;
    }
    function handlePaymentError(_event: HappenEvent, context: FlowContext): unknown {
      failures.push(context.error.message);
      return { success: false, reason: 'payment-failed', error: context.error.message };
    }

    expect(await ask({ payment: 'card' })).toBe('charged card');
    expect(await ask({ payment: 'expired' })).toEqual({
      success: false,
      reason: 'payment-failed',
      error: 'card expired',
    });
    expect(failures).toEqual(['card expired']);
  });

  it('a complete workflow takes every branch it has', async () => {
    await using happen = initializeHappen();
    const orderNode = happen.createNode('orders');
    const saved: unknown[] = [];
    orderNode.on('process-order', validateOrder);
    function validateOrder(event: HappenEvent, context: FlowContext): unknown {
      const validation = { valid: event.payload.items.length > 0, errors: ['no items'] };
      if (!validation.valid) {
        return { success: false, errors: validation.errors };
      }
      context.validation = validation;
      return checkInventory;
    }
    function checkInventory(event: HappenEvent, context: FlowContext): unknown {
      const inventoryResult = { available: !event.payload.items.includes('unicorn') };
      if (!inventoryResult.available) {
        return handleInventoryShortage;
      }
      context.inventory = inventoryResult;
      return processPayment;
    }
    async function processPayment(event: HappenEvent, context: FlowContext): Promise<unknown> {
      const paymentResult = await Promise.resolve(
        event.payload.payment === 'card' ? { success: true, id: 'pay-1' } : { success: false, error: 'declined' },
      );
      context.payment = paymentResult;
      if (!paymentResult.success) {
        return handlePaymentFailure;
      }
      return createShipment;
    }
    function createShipment(event: HappenEvent, context: FlowContext): unknown {
      context.shipment = `${event.payload.items.length} items to ${event.payload.address}`;
      return finalizeOrder;
    }
    function finalizeOrder(event: HappenEvent, context: FlowContext): unknown {
      const finalOrder = {
        orderId: 'ORD-1',
        customer: event.payload.customer,
        payment: context.payment.id,
        shipment: context.shipment,
        status: 'completed',
      };
      saved.push(finalOrder);
      return { success: true, order: finalOrder };
    }
    function handleInventoryShortage(): unknown {
      return { success: false, reason: 'inventory-shortage', availableOn: 'never' };
    }
    function handlePaymentFailure(_event: HappenEvent, context: FlowContext): unknown {
      return { success: false, reason: 'payment-failed', paymentError: context.payment.error };
    }

    const process = (order: object) => orderNode.send({ type: 'process-order', payload: order }).return();
    const order = { items: ['book', 'pen'], payment: 'card', address: 'Main St', customer: 'Ada' };

    expect(await process(order)).toEqual({
      success: true,
      order: {
        orderId: 'ORD-1',
        customer: 'Ada',
        payment: 'pay-1',
        shipment: '2 items to Main St',
        status: 'completed',
      },
    });
    expect(await process({ ...order, items: [] })).toEqual({ success: false, errors: ['no items'] });
    expect(await process({ ...order, items: ['unicorn'] })).toEqual({
      success: false,
      reason: 'inventory-shortage',
      availableOn: 'never',
    });
    expect(await process({ ...order, payment: 'shells' })).toEqual({
      success: false,
      reason: 'payment-failed',
      paymentError: 'declined',
    });
    expect(saved).toHaveLength(1);
  });

  it('a handler that completes at once acknowledges a request and a broadcast alike', async () => {
    await using happen = initializeHappen();
    const orderNode = happen.createNode('orders');
    const shop = happen.createNode('shop');
    const created = new Arrivals<string>();
    orderNode.on('order-created', (event) => {
      created.add(event.payload.id);
      return { acknowledged: true };
    });

    shop.broadcast({ type: 'order-created', payload: { id: '1' } });

    expect(await shop.send(orderNode, { type: 'order-created', payload: { id: '2' } })).toEqual({ acknowledged: true });
    expect(await created.atLeast(2)).toEqual(['1', '2']);
  });

  it('a validation in front decides whether the record is made', async () => {
    const ask = askFlow((event) => {
      const validation = { valid: event.payload.name !== undefined, errors: ['no name'] };
      if (!validation.valid) {
        return { success: false, errors: validation.errors };
      }
      return createUserRecord;
    });
    function createUserRecord(event: HappenEvent): unknown {
      return { success: true, userId: `user-${event.payload.name}` };
    }

    expect(await ask({ name: 'ada' })).toEqual({ success: true, userId: 'user-ada' });
    expect(await ask({})).toEqual({ success: false, errors: ['no name'] });
  });

  it('what a handler returns goes back to who asked', async () => {
    await using happen = initializeHappen();
    const dataNode = happen.createNode('data');
    const client = happen.createNode('client');
    const users: Record<string, Record<string, unknown>> = { u1: { name: 'Ada', city: 'London', born: 1815 } };
    dataNode.on('get-user-data', (event) => {
      const { userId, fields } = event.payload;
      const userData = Object.fromEntries(fields.map((field: string) => [field, users[userId]?.[field]]));
      return userData;
    });

    expect(
      await client.send(dataNode, { type: 'get-user-data', payload: { userId: 'u1', fields: ['name', 'born'] } }),
    ).toEqual({ name: 'Ada', born: 1815 });
  });

  it('a bare return ends the flow without a value, and that is an answer', async () => {
    await using happen = initializeHappen();
    const dataNode = happen.createNode('data');
    const activities: string[] = [];
    dataNode.on('log-activity', (event) => {
      activities.push(`${event.payload.userId} ${event.payload.action}`);
      return;
    });

    expect(
      await dataNode.send({ type: 'log-activity', payload: { userId: 'u1', action: 'login' } }).return(),
    ).toBeUndefined();
    expect(activities).toEqual(['u1 login']);
  });

  it('wrappers compose validation and retry around a step', async () => {
    const retries: string[] = [];
    let failuresToCome = 0;
    function withValidation(
      validator: (payload: { items: number }) => { valid: boolean; errors?: string[] },
      nextStep: Step<HappenEvent>,
    ): Step<HappenEvent> {
      return function (event, context) {
        const validation = validator(event.payload);
        if (!validation.valid) {
          return { success: false, errors: validation.errors };
        }
        context.validation = validation;
        return nextStep;
      };
    }
    function withRetry(handler: Step<HappenEvent>, maxRetries = 3): Step<HappenEvent> {
      return function retryHandler(event, context) {
        context.retryCount = context.retryCount || 0;
        try {
          return handler(event, context);
        } catch (error) {
          context.retryCount++;
          if (context.retryCount <= maxRetries) {
            retries.push(`Retrying (${context.retryCount}/${maxRetries})...`);
            return retryHandler;
          }
          return { success: false, error: (error as Error).message, retries: context.retryCount };
        }
      };
    }
    const ask = askFlow(
      withValidation(
        (order) => (order.items > 0 ? { valid: true } : { valid: false, errors: ['no items'] }),
        withRetry((event, context) => {
          failuresToCome -= 1;
          if (failuresToCome >= 0) throw new Error('database is busy');
          return { success: true, items: event.payload.items, validated: context.validation.valid };
        }),
      ),
    );

    failuresToCome = 2;
    expect(await ask({ items: 3 })).toEqual({ success: true, items: 3, validated: true });
    expect(retries).toEqual(['Retrying (1/3)...', 'Retrying (2/3)...']);
    expect(await ask({ items: 0 })).toEqual({ success: false, errors: ['no items'] });
    failuresToCome = 10;
    expect(await ask({ items: 3 })).toEqual({ success: false, error: 'database is busy', retries: 4 });
  });

  it('a helper runs steps in parallel and goes on where the context says', async () => {
    function parallel(functions: Step<HappenEvent>[]): Step<HappenEvent> {
      return async function (event, context) {
        const results = await Promise.all(functions.map((fn) => fn(event, context)));
        context.parallelResults = results;
        return context.continuation;
      };
    }
    const running = new Arrivals<string>();
    const validateInventory = async (event: HappenEvent) => {
      running.add('inventory');
      await running.atLeast(3);
      return { success: event.payload.stock > 0, name: 'inventory' };
    };
    const processPayment = async () => {
      running.add('payment');
      await running.atLeast(3);
      return { success: true, name: 'payment' };
    };
    const prepareShipping = () => {
      running.add('shipping');
      return { success: true, name: 'shipping' };
    };
    const ask = askFlow((_event, context) => {
      context.continuation = finalizeOrder;
      return parallel([validateInventory, processPayment, prepareShipping]);
    });
    function finalizeOrder(_event: HappenEvent, context: FlowContext): unknown {
      const [inventoryResult, paymentResult, shippingResult] = context.parallelResults;
      if (inventoryResult.success && paymentResult.success && shippingResult.success) {
        return { success: true, order: context.parallelResults.length };
      } else {
        return {
          success: false,
          failures: context.parallelResults
            .filter((result: { success: boolean }) => !result.success)
            .map((result: { name: string }) => result.name),
        };
      }
    }

    expect(await ask({ stock: 1 })).toEqual({ success: true, order: 3 });
    expect(await ask({ stock: 0 })).toEqual({ success: false, failures: ['inventory'] });
  });
});
