import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { contradictionIn } from '../../src/rules/books.js';
import { runOrders } from '../../src/run-orders.js';
import { causalTree } from '../../src/trace/causal-tree.js';
import { emissionRecorder, mostTracedEvents } from '../../src/trace/emission-recorder.js';
import { openTestShop, order } from './shop.js';

const never = new AbortController().signal;

describe('an order', () => {
  it('is reserved, charged and shipped, and everybody is told', async () => {
    const { frontDesk, close, typesOf, failures } = openTestShop();
    const outcome = await frontDesk.submit(order(7, [1, 4], [2, 1]), never);
    expect(outcome).toEqual({ status: 'fulfilled', orderId: 7, shipmentId: 'shipment-7', cents: 1250, units: 5 });
    expect(await frontDesk.summary()).toMatchObject({
      orders: 1,
      fulfilled: 1,
      revenueInCents: 1250n,
      unitsReceived: 15,
      unitsShipped: 5,
      unitsRemaining: 10,
      customersNotified: 1,
    });
    expect(await frontDesk.countStock()).toEqual({ availableUnits: 10, reservedUnits: 0, shippedUnits: 5, least: 4 });
    expect(typesOf(7)).toEqual([
      'order.submitted',
      'stock.reserve',
      'stock.reserved',
      'payment.charge',
      'payment.charged',
      'parcel.ship',
      'parcel.shipped',
      'stock.depart',
      'order.fulfilled',
      'customer.notified',
    ]);
    expect(failures).toEqual([]);
    await close();
  });

  it('that cannot be reserved as a whole changes nothing', async () => {
    const { frontDesk, close, typesOf } = openTestShop();
    expect(await frontDesk.submit(order(7, [1, 4], [2, 6]), never)).toEqual({
      status: 'rejected',
      orderId: 7,
      reason: 'out-of-stock',
      detail: 'product 2: 6 wanted, 5 available',
    });
    expect(await frontDesk.countStock()).toEqual({ availableUnits: 15, reservedUnits: 0, shippedUnits: 0, least: 5 });
    expect(typesOf(7)).toEqual(['order.submitted', 'stock.reserve', 'order.rejected', 'customer.notified']);
    await close();
  });

  it('whose payment is declined gets its stock released, and the next one can have it', async () => {
    const { frontDesk, close, typesOf } = openTestShop({ paymentFailureRate: 1 });
    for (const id of [7, 8]) {
      expect(await frontDesk.submit(order(id, [2, 5]), never)).toMatchObject({ reason: 'payment-failed' });
    }
    expect(typesOf(8)).toEqual([
      'order.submitted',
      'stock.reserve',
      'stock.reserved',
      'payment.charge',
      'payment.error',
      'stock.release',
      'stock.released',
      'order.rejected',
      'customer.notified',
    ]);
    expect(await frontDesk.countStock()).toEqual({ availableUnits: 15, reservedUnits: 0, shippedUnits: 0, least: 5 });
    await close();
  });

  it('that no carrier takes is refunded first and released then', async () => {
    const { frontDesk, close, typesOf } = openTestShop({ shippingFailureRate: 1 });
    expect(await frontDesk.submit(order(7, [2, 5]), never)).toMatchObject({ reason: 'shipping-failed' });
    expect(typesOf(7).slice(5)).toEqual([
      'parcel.ship',
      'shipping.error',
      'payment.refund',
      'payment.refunded',
      'stock.release',
      'stock.released',
      'order.rejected',
      'customer.notified',
    ]);
    expect(await frontDesk.summary()).toMatchObject({ revenueInCents: 0n, unitsShipped: 0, unitsRemaining: 15 });
    await close();
  });

  it('that stands in the file but cannot be carried out is counted', async () => {
    const { frontDesk, close, typesOf } = openTestShop();
    await frontDesk.turnAway({ orderId: 7, reason: 'order 7 has no items' });
    await frontDesk.turnAway({ reason: 'order_id is empty' });
    expect(await frontDesk.summary()).toMatchObject({ orders: 2, rejected: { invalid: 2 }, customersNotified: 0 });
    expect(typesOf(7)).toEqual(['order.unreadable', 'order.rejected']);
    await close();
  });

  it('can be traced back from everything it caused, after any number of awaits', async () => {
    const recorder = emissionRecorder('order-7');
    const { frontDesk, close } = openTestShop({ recorder, serviceTimeMs: 1 });
    await Promise.all([6, 7, 8].map((id) => frontDesk.submit(order(id, [1, 1]), never)));
    expect(causalTree(recorder.events)).toEqual([
      'order.submitted          front-desk → order-service',
      '├─ stock.reserve         order-service → inventory-service',
      '│  └─ stock.reserved     inventory-service ⇒ everyone',
      '├─ payment.charge        order-service → payment-service',
      '│  └─ payment.charged    payment-service ⇒ everyone',
      '├─ parcel.ship           order-service → shipping-service',
      '│  └─ parcel.shipped     shipping-service ⇒ everyone',
      '├─ stock.depart          order-service → inventory-service',
      '└─ order.fulfilled       order-service ⇒ everyone',
      '   └─ customer.notified  notification-service ⇒ everyone',
    ]);
    expect(recorder.emitted).toBeGreaterThan(3 * recorder.events.length);
    await close();
  });
});

describe('many orders at once', () => {
  const orders = Array.from({ length: 60 }, (_, at) => order(at + 1, [1, 1 + (at % 3)], [2, 1]));

  it.each([1, 8, 60])('never take more than there is (%i at once)', async (concurrency) => {
    const { happen, frontDesk, close, failures } = openTestShop({
      concurrency,
      paymentFailureRate: 0.3,
      shippingFailureRate: 0.3,
      serviceTimeMs: 1,
    });
    const least: number[] = [];
    const observer = happen.createNode('observer');
    observer.on('stock.{reserved,released}', async () => {
      least.push((await frontDesk.countStock()).least);
    });
    const taken = await runOrders({ orders, invalid: [] }, frontDesk, {
      concurrency,
      signal: never,
      onFailure: (it) => failures.push(it),
    });
    const summary = await frontDesk.summary();
    expect(summary.orders).toBe(60);
    expect(summary.fulfilled).toBeGreaterThan(0);
    expect(contradictionIn({ taken, summary, stock: await frontDesk.countStock() })).toBeUndefined();
    expect(least.length).toBeGreaterThan(0);
    expect(Math.min(...least)).toBeGreaterThanOrEqual(0);
    expect(failures).toEqual([]);
    await close();
  });

  it('one at a time end in the order of their ids', async () => {
    const ended: (number | undefined)[] = [];
    const { frontDesk, close } = openTestShop({
      onEnding: (ending) => ended.push('fulfilled' in ending ? ending.fulfilled.orderId : ending.rejected.orderId),
    });
    await runOrders({ orders, invalid: [] }, frontDesk, { concurrency: 1, signal: never, onFailure: () => {} });
    expect(ended).toEqual(orders.map(({ id }) => id));
    await close();
  });

  it('are really under way at once', async () => {
    const { frontDesk, close, emissions } = openTestShop({ serviceTimeMs: 5 });
    await runOrders({ orders: orders.slice(0, 3), invalid: [] }, frontDesk, {
      concurrency: 3,
      signal: never,
      onFailure: () => {},
    });
    const types = emissions.map(({ event }) => event.type).filter((type) => /submitted|fulfilled/.test(type));
    expect(types.slice(0, 3)).toEqual(['order.submitted', 'order.submitted', 'order.submitted']);
    await close();
  });

  it('that were stopped are taken back to the end, while those before them stand', async () => {
    const stopping = new AbortController();
    const singles = Array.from({ length: 12 }, (_, at) => order(at + 1, [1, 1]));
    const shop = openTestShop({ serviceTimeMs: 5, concurrency: 4 });
    const { happen, frontDesk, close, failures, emissions } = shop;
    happen.createNode('observer').on('stock.reserved', ({ payload }) => {
      if (payload.orderId === 5) stopping.abort();
    });
    const taken = await runOrders({ orders: singles, invalid: [] }, frontDesk, {
      concurrency: 4,
      signal: stopping.signal,
      onFailure: (message) => failures.push(message),
    });
    const summary = await frontDesk.summary();
    expect(summary.fulfilled).toBeGreaterThan(0);
    expect(summary.rejected.cancelled).toBeGreaterThan(0);
    expect(summary.orders).toBeLessThan(12);
    expect(contradictionIn({ taken, summary, stock: await frontDesk.countStock() })).toBeUndefined();
    const count = (wanted: string) => emissions.filter(({ event }) => event.type === wanted).length;
    expect(count('payment.charged') - count('payment.refunded')).toBe(summary.fulfilled);
    expect(failures).toEqual([]);
    await close();
  });
});

describe('the supervisor', () => {
  it('speaks up at the fifth error of a service and at every doubling, whatever else goes wrong', async () => {
    const { frontDesk, close, emissions } = openTestShop({ paymentFailureRate: 1 });
    for (let id = 1; id <= 21; id++) await frontDesk.submit(order(id, [1, 1]), never);
    const told = emissions.filter(({ event }) => event.type === 'service.degraded').map(({ event }) => event.payload);
    expect(told).toEqual([5, 10, 20].map((errors) => ({ service: 'payment', errors })));
    expect(await frontDesk.summary()).toMatchObject({ degraded: [{ service: 'payment', errors: 20 }] });
    await close();
  });

  it("does not see the framework's own errors", async () => {
    const { happen, close, emissions, failures } = openTestShop();
    const clumsy = happen.createNode('clumsy');
    clumsy.on('stumble', () => {
      throw new Error('over a stone');
    });
    for (let time = 0; time < 6; time++) await clumsy.send(clumsy, { type: 'stumble' }).catch(() => {});
    expect(failures).toHaveLength(6);
    await clumsy.broadcast({ type: 'order.error', payload: { orderId: 1, reason: 'a sentinel' } }).sent();
    await setTimeout(0);
    expect(emissions.map(({ event }) => event.type)).not.toContain('service.degraded');
    await close();
  });
});

describe('the recorder', () => {
  it('keeps a bounded number of the traced events and counts the rest', async () => {
    const recorder = emissionRecorder('order-1');
    const { happen, close } = openTestShop({ recorder });
    const node = happen.createNode('chatty');
    for (let at = 0; at < mostTracedEvents + 5; at++) {
      await node.send('front-desk', { type: 'chat', context: { causal: { correlationId: 'order-1' } } }).sent();
    }
    expect(recorder.events).toHaveLength(mostTracedEvents);
    expect(recorder.omitted).toBe(5);
    await close();
  });
});
