import { type FlowContext, type HappenEvent, initializeHappen } from '@happen/core';
import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.js';
import { askFlow } from './ask-flow.js';
import { places } from './places.js';

describe('Error handling within a flow', () => {
  it('a failed validation returns the error handler as the next step', async () => {
    const failures: unknown[] = [];
    const ask = askFlow(function validateOrder(event, context) {
      const validation = { valid: event.payload.items > 0 };
      if (!validation.valid) {
        return handleInvalidOrder;
      }
      context.validated = true;
      return processOrder;
    });
    function handleInvalidOrder(event: HappenEvent): unknown {
      failures.push(event.payload);
      return { success: false, reason: 'validation-failed', details: 'Invalid order data' };
    }
    const processOrder = (_event: HappenEvent, context: FlowContext) => ({ success: context.validated });

    expect(await ask({ items: 1 })).toEqual({ success: true });
    expect(await ask({ items: 0 })).toEqual({
      success: false,
      reason: 'validation-failed',
      details: 'Invalid order data',
    });
    expect(failures).toEqual([{ items: 0 }]);
  });

  it('error details flow through the context, with the transaction they belong to', async () => {
    const logged: [string, { correlationId?: string }][] = [];
    const ask = askFlow(function processPayment(event, context) {
      try {
        const paymentResult = chargeCustomer(event.payload.payment);
        if (!paymentResult.success) {
          context.error = {
            code: paymentResult.code,
            message: paymentResult.message,
            timestamp: Date.now(),
            correlationId: event.context.causal.correlationId,
          };
          return handlePaymentFailure;
        }
        return createShipment;
      } catch (error) {
        const { message, stack } = error as Error;
        context.error = { unexpected: true, message, stack, timestamp: Date.now() };
        return handleUnexpectedError;
      }
    });
    function chargeCustomer(payment: string): { success: boolean; code?: string; message?: string } {
      if (payment === 'crash') throw new Error('connection reset');
      return payment === 'card' ? { success: true } : { success: false, code: 'E42', message: 'declined' };
    }
    function handlePaymentFailure(_event: HappenEvent, context: FlowContext): unknown {
      const { error } = context;
      logged.push(['Payment failed', error]);
      return { success: false, reason: 'payment-failed', details: error.message, code: error.code };
    }
    function handleUnexpectedError(_event: HappenEvent, context: FlowContext): unknown {
      return {
        success: false,
        unexpected: context.error.unexpected,
        traced: context.error.stack.includes('chargeCustomer'),
      };
    }
    const createShipment = () => ({ success: true });

    expect(await ask({ payment: 'card' })).toEqual({ success: true });
    expect(await ask({ payment: 'shells' })).toEqual({
      success: false,
      reason: 'payment-failed',
      details: 'declined',
      code: 'E42',
    });
    expect(await ask({ payment: 'crash' })).toEqual({ success: false, unexpected: true, traced: true });
    expect(logged).toEqual([['Payment failed', expect.objectContaining({ correlationId: expect.any(String) })]]);
  });

  it('a step retries by returning itself, and gives up into another step', async () => {
    let failuresToCome = 0;
    const ask = askFlow(processPayment);
    function processPayment(event: HappenEvent, context: FlowContext): unknown {
      context.retryCount = context.retryCount || 0;
      try {
        failuresToCome -= 1;
        if (failuresToCome >= 0) throw new Error('gateway is busy');
        context.payment = event.payload.payment;
        return createShipment;
      } catch (error) {
        context.lastError = error;
        context.retryCount++;
        if (context.retryCount < 3) {
          return processPayment;
        }
        return handlePaymentFailure;
      }
    }
    const createShipment = (_event: HappenEvent, context: FlowContext) => [context.payment, context.retryCount];
    const handlePaymentFailure = (_event: HappenEvent, context: FlowContext) => context.lastError.message;

    expect(await ask({ payment: 'card' })).toEqual(['card', 0]);
    failuresToCome = 2;
    expect(await ask({ payment: 'card' })).toEqual(['card', 2]);
    failuresToCome = 3;
    expect(await ask({ payment: 'card' })).toBe('gateway is busy');
  });

  it('a circuit opens after failures, fails fast, and half-opens by a timer set in the handler', async () => {
    const circuits = { payment: { failures: 0, status: 'closed', lastFailure: 0 } };
    const halfOpened = new Arrivals<string>();
    let broken = true;
    let charges = 0;
    const ask = askFlow(function processPayment(_event, context) {
      const circuit = circuits.payment;
      if (circuit.status === 'open') {
        return {
          success: false,
          reason: 'service-unavailable',
          message: 'Payment service is temporarily unavailable',
        };
      }
      try {
        charges += 1;
        if (broken) throw new Error('no connection');
        if (circuit.status === 'half-open') {
          circuit.status = 'closed';
          circuit.failures = 0;
        }
        context.payment = 'paid';
        return createShipment;
      } catch (error) {
        circuit.failures++;
        circuit.lastFailure = Date.now();
        if (circuit.status === 'closed' && circuit.failures >= 5) {
          circuit.status = 'open';
          setTimeout(() => {
            circuit.status = 'half-open';
            halfOpened.add(circuit.status);
          }, 20);
        }
        return {
          success: false,
          reason: 'payment-failed',
          message: (error as Error).message,
          circuitStatus: circuit.status,
        };
      }
    });
    const createShipment = (_event: HappenEvent, context: FlowContext) => context.payment;

    const statuses: string[] = [];
    for (let attempt = 1; attempt <= 5; attempt += 1) statuses.push((await ask()).circuitStatus);

    expect(statuses).toEqual(['closed', 'closed', 'closed', 'closed', 'open']);
    expect(await ask()).toMatchObject({ reason: 'service-unavailable' });
    expect(charges).toBe(5);
    await halfOpened.atLeast(1);
    broken = false;
    expect(await ask()).toBe('paid');
    expect(circuits.payment).toMatchObject({ status: 'closed', failures: 0 });
  });

  it('a fallback takes over when the primary throws, and both errors are told when it fails too', async () => {
    const charge = (name: string) => (payment: string) => {
      if (payment.includes(name)) throw new Error(`${name} is down`);
      return `${name} took ${payment}`;
    };
    const primaryPaymentProcessor = { charge: charge('primary') };
    const backupPaymentProcessor = { charge: charge('backup') };
    const ask = askFlow(function processPayment(event, context) {
      try {
        context.payment = primaryPaymentProcessor.charge(event.payload.payment);
        return createShipment;
      } catch (error) {
        context.primaryError = error;
        return useBackupPaymentProcessor;
      }
    });
    function useBackupPaymentProcessor(event: HappenEvent, context: FlowContext): unknown {
      try {
        context.payment = backupPaymentProcessor.charge(event.payload.payment);
        context.usedFallback = true;
        return createShipment;
      } catch (error) {
        return {
          success: false,
          reason: 'payment-failed',
          message: 'Both primary and backup payment processors failed',
          primaryError: context.primaryError.message,
          backupError: (error as Error).message,
        };
      }
    }
    const createShipment = (_event: HappenEvent, context: FlowContext) => [
      context.payment,
      context.usedFallback ?? false,
    ];

    expect(await ask({ payment: 'card' })).toEqual(['primary took card', false]);
    expect(await ask({ payment: 'card, primary out' })).toEqual(['backup took card, primary out', true]);
    expect(await ask({ payment: 'card, primary and backup out' })).toEqual({
      success: false,
      reason: 'payment-failed',
      message: 'Both primary and backup payment processors failed',
      primaryError: 'primary is down',
      backupError: 'backup is down',
    });
  });

  it('normal and error branches make one complete flow', async () => {
    await using happen = initializeHappen();
    const orderNode = happen.createNode('orders');
    const logged: unknown[] = [];
    orderNode.on('process-order', validateOrder);
    function validateOrder(event: HappenEvent, context: FlowContext): unknown {
      if (event.payload.items === undefined) {
        return handleInvalidOrder;
      }
      context.validatedOrder = { ...event.payload, validated: true, validatedAt: Date.now() };
      return checkInventory;
    }
    function checkInventory(_event: HappenEvent, context: FlowContext): unknown {
      const missingItems = context.validatedOrder.items.filter((item: string) => item === 'unicorn');
      const inventoryResult = { available: missingItems.length === 0, missingItems };
      if (!inventoryResult.available) {
        context.inventoryIssue = inventoryResult;
        return handleInventoryShortage;
      }
      return processPayment;
    }
    function processPayment(_event: HappenEvent, context: FlowContext): unknown {
      try {
        const paymentResult = chargeCustomer(context.validatedOrder.payment);
        if (!paymentResult.success) {
          context.paymentIssue = paymentResult;
          return handlePaymentFailure;
        }
        context.payment = paymentResult;
        return createShipment;
      } catch (error) {
        context.error = error;
        return handleUnexpectedError;
      }
    }
    function chargeCustomer(payment: string) {
      if (payment === 'crash') throw new Error('connection reset');
      return { success: payment === 'card', message: 'declined', code: 'E42' };
    }
    function createShipment(_event: HappenEvent, context: FlowContext): unknown {
      const shipment = { id: 'SHP-1', trackingNumber: 'TRK-1' };
      return {
        success: context.payment.success,
        orderId: context.validatedOrder.id,
        shipmentId: shipment.id,
        trackingNumber: shipment.trackingNumber,
      };
    }
    function handleInvalidOrder(): unknown {
      return { success: false, reason: 'validation-failed', details: 'Invalid order data' };
    }
    function handleInventoryShortage(_event: HappenEvent, context: FlowContext): unknown {
      const { inventoryIssue } = context;
      return {
        success: false,
        reason: 'inventory-shortage',
        unavailableItems: inventoryIssue.missingItems,
        estimatedAvailability: 'never',
      };
    }
    function handlePaymentFailure(_event: HappenEvent, context: FlowContext): unknown {
      return {
        success: false,
        reason: 'payment-failed',
        details: context.paymentIssue.message,
        code: context.paymentIssue.code,
      };
    }
    function handleUnexpectedError(_event: HappenEvent, context: FlowContext): unknown {
      logged.push(context.error);
      return { success: false, reason: 'system-error', message: 'An unexpected error occurred' };
    }

    const process = (payload: object) => orderNode.send({ type: 'process-order', payload }).return();
    const order = { id: 'ORD-1', items: ['book'], payment: 'card' };

    expect(await process(order)).toEqual({
      success: true,
      orderId: 'ORD-1',
      shipmentId: 'SHP-1',
      trackingNumber: 'TRK-1',
    });
    expect(await process({})).toMatchObject({ reason: 'validation-failed' });
    expect(await process({ ...order, items: ['unicorn'] })).toMatchObject({
      reason: 'inventory-shortage',
      unavailableItems: ['unicorn'],
    });
    expect(await process({ ...order, payment: 'shells' })).toMatchObject({ details: 'declined', code: 'E42' });
    expect(await process({ ...order, payment: 'crash' })).toMatchObject({ reason: 'system-error' });
    expect(logged).toEqual([expect.objectContaining({ message: 'connection reset' })]);
  });
});

describe.each(places)('Error handling between nodes, $label', ({ open }) => {
  it('errors are broadcast as events that a monitor sees, and the asker still gets a result', async () => {
    await using place = open();
    const paymentNode = place.createNode('payment');
    const monitoringNode = place.createNode('monitoring');
    const shop = place.createNode('shop');
    await place.ready();
    const recorded = new Arrivals<[string, string, string]>();
    paymentNode.on('process-payment', (event) => {
      try {
        throw new Error(`no route to bank for ${event.payload.orderId}`);
      } catch (error) {
        const { message } = error as Error;
        paymentNode.broadcast({
          type: 'payment.error',
          payload: { message, orderId: event.payload.orderId, timestamp: Date.now() },
        });
        return { success: false, reason: 'payment-error', message };
      }
    });
    monitoringNode.on(
      (type) => type.endsWith('.error'),
      (event) => {
        const service = event.type.split('.')[0] ?? '';
        recorded.add([service, event.payload.message, event.context.causal.correlationId]);
        return { monitored: true };
      },
    );
    await place.ready();

    const result = await shop.send(paymentNode, {
      type: 'process-payment',
      payload: { orderId: 'ORD-1' },
      context: { causal: { correlationId: 'order-ORD-1' } },
    });

    expect(result).toEqual({ success: false, reason: 'payment-error', message: 'no route to bank for ORD-1' });
    expect(await recorded.atLeast(1)).toEqual([['payment', 'no route to bank for ORD-1', 'order-ORD-1']]);
  });

  it('a result that tells of an error crosses to the node that asked, which chooses its own branch', async () => {
    await using place = open();
    const nodeA = place.createNode('a');
    const nodeB = place.createNode('b');
    const client = place.createNode('client');
    await place.ready();
    nodeA.on('process-task', async (event) => {
      try {
        const result = await processTask(event.payload);
        return { success: true, result };
      } catch (error) {
        return { success: false, reason: 'task-failed', error: (error as Error).message, timestamp: Date.now() };
      }
    });
    async function processTask(task: string): Promise<string> {
      if (task === 'impossible') throw new Error('cannot be done');
      return `${task} done`;
    }
    nodeB.on('orchestrate-workflow', async (event, context) => {
      const result = await nodeB.send(nodeA, { type: 'process-task', payload: event.payload.taskData }).return();
      context.task = result;
      if (!result.success) {
        if (result.reason === 'task-failed') {
          return handleTaskFailure;
        }
        return { success: false, reason: 'workflow-failed', cause: result.reason, error: result.error };
      }
      return continueWorkflow;
    });
    const handleTaskFailure = (_event: HappenEvent, context: FlowContext) => ({ recovered: context.task.error });
    const continueWorkflow = (_event: HappenEvent, context: FlowContext) => ({ continued: context.task.result });
    const run = (taskData: string) =>
      client.send(nodeB, { type: 'orchestrate-workflow', payload: { taskData } }).return();

    expect(await run('laundry')).toEqual({ continued: 'laundry done' });
    expect(await run('impossible')).toEqual({ recovered: 'cannot be done' });
  });

  it('an error that a handler throws reaches the asker with a code, the node and the cause', async () => {
    await using place = open();
    const nodeA = place.createNode('a');
    const client = place.createNode('client');
    await place.ready();
    nodeA.on('process-task', () => {
      throw Object.assign(new RangeError('too many tasks'), { code: 'E_TASKS' });
    });

    await expect(client.send(nodeA, { type: 'process-task', payload: {} }).return()).rejects.toMatchObject({
      name: 'HappenError',
      code: 'HAPPEN_HANDLER_FAILED',
      message: expect.stringContaining('too many tasks'),
      details: { node: 'a' },
      cause: { name: 'RangeError', message: 'too many tasks', code: 'E_TASKS' },
    });
  });

  it('a supervisor counts errors per service and asks for a restart, also of itself', async () => {
    await using place = open();
    const supervisorNode = place.createNode('system-supervisor');
    const paymentNode = place.createNode('payment');
    await place.ready();
    const services = new Map<string, { errors: number; lastError: number }>();
    const restarts = new Arrivals<HappenEvent>();
    supervisorNode.on(
      (type) => type.endsWith('.error'),
      (event) => {
        const service = event.type.split('.')[0] ?? '';
        const serviceState = services.get(service) ?? { errors: 0, lastError: 0 };
        const updated = { errors: serviceState.errors + 1, lastError: Date.now() };
        services.set(service, updated);
        if (updated.errors >= 5) {
          supervisorNode.broadcast({
            type: 'service.restart',
            payload: { service, reason: 'excessive-errors', count: updated.errors },
          });
        }
      },
    );
    supervisorNode.on('service.restart', restarts.add);
    paymentNode.on('service.restart', restarts.add);
    await place.ready();

    for (let count = 1; count <= 5; count += 1) {
      paymentNode.broadcast({ type: 'payment.error', payload: { message: 'no connection' } });
    }

    const seen = await restarts.atLeast(2);
    expect(seen.map((event) => event.payload)).toEqual([
      { service: 'payment', reason: 'excessive-errors', count: 5 },
      { service: 'payment', reason: 'excessive-errors', count: 5 },
    ]);
    expect(seen[0]?.context.causal.path).toEqual([['payment', 'system-supervisor']]);
    expect(services.get('payment')).toMatchObject({ errors: 5 });
  });
});

describe('What the framework tells of errors', () => {
  it('an uncaught error is a node.error of the space, and a monitor of "*.error" does not see it', async () => {
    await using happen = initializeHappen();
    const node = happen.createNode('worker');
    const monitor = happen.createNode('monitor');
    const told = new Arrivals<HappenEvent>();
    const monitored = new Arrivals<string>();
    happen.on('node.error', (event: HappenEvent) => told.add(event));
    monitor.on(
      (type) => type.endsWith('.error'),
      (event) => monitored.add(event.type),
    );
    node.on('go', () => {
      throw new Error('broken');
    });

    monitor.send(node, { type: 'go', payload: {} });
    await told.atLeast(1);
    node.broadcast({ type: 'worker.error', payload: {} });

    expect(await monitored.atLeast(1)).toEqual(['worker.error']);
    expect(told.all).toHaveLength(1);
    expect(told.all[0]?.type).toBe('node.error');
    expect(JSON.stringify(told.all[0]?.payload)).toContain('worker');
  });

  it('an event that nobody handles is a node.unhandled of the space', async () => {
    await using happen = initializeHappen();
    const node = happen.createNode('worker');
    const told = new Arrivals<HappenEvent>();
    happen.on('node.unhandled', (event: HappenEvent) => told.add(event));

    node.send({ type: 'nobody-listens', payload: {} });

    const [event] = await told.atLeast(1);
    expect(JSON.stringify(event?.payload)).toContain('nobody-listens');
  });

  it('a node at which events pile up is a node.down, answered by severity, and a space of such nodes a system.down', async () => {
    await using happen = initializeHappen();
    const client = happen.createNode('client');
    const workers = ['payment', 'shipping'].map((id) =>
      happen.createNode(id, { concurrency: { maxConcurrent: 1, queueLimit: 2000 } }),
    );
    const taken = new Arrivals<string>();
    const recovered = new Arrivals<string>();
    happen.on('node.down', (event) => {
      const { nodeId, lagMetrics, pattern } = event.payload;
      if (lagMetrics.messagesWaiting > 1000) {
        taken.add(`recover ${nodeId}: ${pattern}`);
      } else if (lagMetrics.messagesWaiting > 500) {
        taken.add(`slow down ${nodeId}: ${pattern}`);
      } else {
        taken.add(`note ${nodeId}: ${pattern}`);
      }
    });
    happen.on('system.down', (event) => {
      const { level, affectedNodes, pattern } = event.payload;
      if (level === 'critical') {
        taken.add(`emergency ${affectedNodes.join()}: ${pattern}`);
      } else if (level === 'warning') {
        taken.add(`throttle ${affectedNodes.join()}: ${pattern}`);
      }
    });
    happen.on('system.up', ({ type }) => recovered.add(type));
    let goOn = (): void => {};
    const stuck = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    for (const worker of workers) {
      worker.on('task', () => stuck);
      for (let count = 0; count < 1002; count += 1) client.send(worker, { type: 'task', payload: count });
    }

    expect(await taken.atLeast(8)).toEqual([
      'note payment: processing-bottleneck',
      'slow down payment: processing-bottleneck',
      'recover payment: processing-bottleneck',
      'note shipping: system-overload',
      'throttle payment,shipping: system-overload',
      'slow down shipping: system-overload',
      'recover shipping: system-overload',
      'emergency payment,shipping: system-overload',
    ]);
    goOn();
    expect(await recovered.atLeast(1)).toEqual(['system.up']);
  });

  it('a recovery strategy for node.down looks at which nodes are affected', async () => {
    await using happen = initializeHappen();
    const client = happen.createNode('client');
    const worker = happen.createNode('worker', { concurrency: { maxConcurrent: 1, queueLimit: 10 } });
    const alerts = new Arrivals<{ type: string; affectedNodes: readonly string[] }>();
    const isPotentialPartition = (nodeId: string, affectedNodes: readonly string[], waiting: number): boolean =>
      affectedNodes.includes(nodeId) && affectedNodes.length > 1 && waiting > 0;
    happen.on('node.down', (event) => {
      const { nodeId, lagMetrics, affectedNodes } = event.payload;
      const isPartition = isPotentialPartition(nodeId, affectedNodes, lagMetrics.messagesWaiting);
      alerts.add({ type: isPartition ? 'network-partition' : 'slow-node', affectedNodes });
    });
    let goOn = (): void => {};
    const stuck = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    worker.on('task', () => stuck);
    for (let count = 0; count < 10; count += 1) client.send(worker, { type: 'task', payload: count });

    expect(await alerts.atLeast(1)).toEqual([{ type: 'slow-node', affectedNodes: ['worker'] }]);
    goOn();
  });
});
