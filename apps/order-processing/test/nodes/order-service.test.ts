import type { FlowContext, HappenEvent } from '@happen/core';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { OrderEvents, OrderOutcome } from '../../src/events.js';
import { patient } from '../../src/nodes/asking.js';
import { createOrderService } from '../../src/nodes/order-service.js';
import { machinePause } from '../../src/nodes/pause.js';
import { openShop } from '../../src/space.js';
import { order, recordEverything } from './shop.js';

type Handler = (event: HappenEvent, context: FlowContext<unknown>) => unknown;
type Service = 'inventory-service' | 'payment-service' | 'shipping-service';

/** The order service among services that do as they are told; what is not told works. */
function openWith(answers: Readonly<Record<string, Handler>>) {
  const record = recordEverything();
  const happen = openShop(record.recorder.extension);
  createOrderService(happen, 10, patient, machinePause);
  const working: Record<string, readonly [Service, Handler]> = {
    'stock.reserve': ['inventory-service', () => ({ reserved: true })],
    'stock.release': ['inventory-service', () => ({ units: 0 })],
    'stock.depart': ['inventory-service', () => ({ units: 0 })],
    'payment.charge': ['payment-service', () => ({ charged: true, paymentId: 'p' })],
    'payment.refund': ['payment-service', () => ({ cents: 0 })],
    'parcel.ship': ['shipping-service', () => ({ shipped: true, shipmentId: 's' })],
    'parcel.recall': ['shipping-service', () => ({ recalled: true })],
  };
  const nodes = new Map(
    (['inventory-service', 'payment-service', 'shipping-service'] as const).map((id) => [id, happen.createNode(id)]),
  );
  for (const [type, [id, works]] of Object.entries(working)) nodes.get(id)?.on(type, answers[type] ?? works);
  const client = happen.createNode('client');
  const orderService = happen.node<OrderEvents>('order-service');
  return {
    ...record,
    close: () => happen.close(),
    submit: (signal?: AbortSignal): Promise<OrderOutcome> => {
      const event = {
        type: 'order.submitted',
        payload: order(7, [1, 2]),
        context: { causal: { correlationId: 'order-7' } },
      } as const;
      return client.send(orderService, event, { key: 'order-7', ...(signal !== undefined && { signal }) }).return();
    },
    /** How the order ended, if it did. */
    ask: (): Promise<OrderOutcome> => {
      const event = {
        type: 'order.abandoned',
        payload: { orderId: 7, customerId: 'ANNA', reason: 'failed', detail: 'no answer' },
        context: { causal: { correlationId: 'order-7' } },
      } as const;
      return client.send(orderService, event, { key: 'order-7' }).return();
    },
  };
}

const fail = (message: string) => () => {
  throw new Error(message);
};

describe('the saga', () => {
  it('takes back what a step may have done before it failed, in reverse', async () => {
    const { submit, typesOf, close } = openWith({ 'parcel.ship': fail('the van broke down') });
    expect(await submit()).toMatchObject({ status: 'rejected', reason: 'failed' });
    expect(typesOf(7)).toEqual([
      'order.submitted',
      'stock.reserve',
      'payment.charge',
      'parcel.ship',
      'order.error',
      'parcel.recall',
      'payment.refund',
      'stock.release',
      'order.rejected',
    ]);
    await close();
  });

  it('goes on taking back when one compensation fails, and says so', async () => {
    const { submit, typesOf, emissions, close } = openWith({
      'parcel.ship': () => ({ shipped: false, reason: 'no carrier' }),
      'payment.refund': fail('the bank is closed'),
    });
    expect(await submit()).toMatchObject({ status: 'rejected', reason: 'failed', detail: 'no carrier' });
    expect(typesOf(7).slice(-4)).toEqual(['payment.refund', 'order.error', 'stock.release', 'order.rejected']);
    const error = emissions.find(({ event }) => event.type === 'order.error');
    expect(error?.event.payload.reason).toMatch(/^could not refund the payment: .*the bank is closed/);
    await close();
  });

  it('ends an order although a service fails with more words than an event may have', async () => {
    const { submit, typesOf, close } = openWith({ 'payment.charge': fail('x'.repeat(2 ** 20)) });
    const outcome = await submit();
    expect(outcome).toMatchObject({ status: 'rejected', reason: 'failed', detail: expect.stringMatching(/^.{500}…$/) });
    expect(typesOf(7).slice(-2)).toEqual(['stock.release', 'order.rejected']);
    await close();
  });

  it('tells once how an order ended, whoever asks however often', async () => {
    const { submit, ask, emissions, close } = openWith({});
    const outcome = await submit();
    expect(outcome).toMatchObject({ status: 'fulfilled' });
    expect(await submit()).toEqual(outcome);
    expect(await ask()).toEqual(outcome);
    expect(emissions.filter(({ target }) => target === undefined).map(({ event }) => event.type)).toEqual([
      'order.fulfilled',
    ]);
    await close();
  });

  it('answers who asks for a cancelled order once all of it is taken back', async () => {
    const cancelling = new AbortController();
    const { submit, ask, typesOf, close } = openWith({
      'parcel.ship': async (_event, { signal }) => {
        setImmediate(() => cancelling.abort());
        await once(signal, 'abort');
      },
    });
    await expect(submit(cancelling.signal)).rejects.toMatchObject({ code: 'HAPPEN_CANCELLED' });
    expect(await ask()).toMatchObject({ status: 'rejected', reason: 'cancelled' });
    const all = typesOf(7).filter((type) => type !== 'order.abandoned');
    expect(all.slice(3)).toEqual(['parcel.ship', 'parcel.recall', 'payment.refund', 'stock.release', 'order.rejected']);
    await close();
  });

  it('finishes taking back although the order was cancelled meanwhile', async () => {
    const cancelling = new AbortController();
    const { submit, typesOf, close, emissions } = openWith({
      'parcel.ship': async (_event, { signal }) => {
        setImmediate(() => cancelling.abort());
        await once(signal, 'abort');
      },
    });
    await expect(submit(cancelling.signal)).rejects.toMatchObject({ code: 'HAPPEN_CANCELLED' });
    await until(() => typesOf(7).includes('order.rejected'));
    expect(typesOf(7).slice(3)).toEqual([
      'parcel.ship',
      'parcel.recall',
      'payment.refund',
      'stock.release',
      'order.rejected',
    ]);
    expect(emissions.at(-1)?.event.payload).toMatchObject({ reason: 'cancelled' });
    await close();
  });

  it('starts no further step once the order is cancelled', async () => {
    const cancelling = new AbortController();
    const { submit, typesOf, close } = openWith({
      'payment.charge': () => {
        cancelling.abort();
        return { charged: true, paymentId: 'p' };
      },
    });
    await expect(submit(cancelling.signal)).rejects.toMatchObject({ code: 'HAPPEN_CANCELLED' });
    await until(() => typesOf(7).includes('order.rejected'));
    expect(typesOf(7)).not.toContain('parcel.ship');
    expect(typesOf(7)).toContain('payment.refund');
    await close();
  });

  it('rejects an order when a service is not there', async () => {
    const happen = openShop(recordEverything().recorder.extension);
    createOrderService(happen, 1, patient, machinePause);
    const client = happen.createNode('client');
    const outcome = await client.send('order-service', { type: 'order.submitted', payload: order(7, [1, 2]) });
    expect(outcome).toMatchObject({ status: 'rejected', reason: 'failed' });
    await happen.close();
  });
});

/** Waits, turn by turn, for something that must come; the test's own timeout is the limit. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
