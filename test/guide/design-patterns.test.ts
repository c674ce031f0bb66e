import type { FlowContext, HappenEvent } from '@happen/core';
import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.js';
import { places } from './places.js';

describe.each(places)('A few design patterns, $label', ({ open }) => {
  it('event sourcing: an event store keeps domain events, and the state at any time is rebuilt from them', async () => {
    await using place = open();
    const eventStore = place.createNode('event-store');
    const bank = place.createNode('bank');
    await place.ready();
    const log: { event: HappenEvent; metadata: { timestamp: number } }[] = [];
    eventStore.on(
      (type) => type.startsWith('domain-'),
      (event) => {
        log.push({ event, metadata: { timestamp: log.length + 1 } });
        return { stored: true };
      },
    );
    eventStore.on('retrieve-events', () => log.map(({ event }) => event));
    function stateAt(timestamp = Number.POSITIVE_INFINITY): number {
      let balance = 0;
      for (const { event, metadata } of log) {
        if (metadata.timestamp <= timestamp) balance += event.payload.amount;
      }
      return balance;
    }

    for (const amount of [100, -30, 5]) {
      const stored = await bank.send(eventStore, { type: 'domain-amount-booked', payload: { amount } });
      expect(stored).toEqual({ stored: true });
    }
    await expect(bank.send(eventStore, { type: 'other', payload: {} }).return()).rejects.toMatchObject({
      code: 'HAPPEN_NO_HANDLER',
    });

    expect([stateAt(), stateAt(2), stateAt(0)]).toEqual([75, 70, 0]);

    const events = await bank.send(eventStore, { type: 'retrieve-events' });
    expect(JSON.stringify(events)).toBe(JSON.stringify(log.map(({ event }) => event)));
  });

  it('CQRS: a command node emits what it decided, and a query node answers from its own model', async () => {
    await using place = open();
    const orderCommandNode = place.createNode('order-commands');
    const orderQueryNode = place.createNode('order-queries');
    const client = place.createNode('client');
    await place.ready();
    const updated = new Arrivals<string>();
    const model = new Map<string, object>();
    orderCommandNode.on('create-order', (event) => {
      const orderId = `ORD-${event.payload.number}`;
      orderCommandNode.broadcast({
        type: 'domain-order-created',
        payload: { orderId, ...event.payload, createdAt: 1 },
      });
      return { success: true, orderId };
    });
    orderQueryNode.on('domain-order-created', (event) => {
      model.set(event.payload.orderId, { ...event.payload, status: 'pending' });
      updated.add(event.payload.orderId);
      return { updated: true };
    });
    orderQueryNode.on('get-order', (event) => model.get(event.payload.orderId) ?? null);
    await place.ready();

    const { success, orderId } = await client.send(orderCommandNode, { type: 'create-order', payload: { number: 7 } });
    await updated.atLeast(1);

    expect(success).toBe(true);
    expect(await client.send(orderQueryNode, { type: 'get-order', payload: { orderId } })).toEqual({
      orderId: 'ORD-7',
      number: 7,
      createdAt: 1,
      status: 'pending',
    });
    expect(await client.send(orderQueryNode, { type: 'get-order', payload: { orderId: 'none' } })).toBeNull();
  });

  it('observer: each observer reacts by itself, and the subject knows none of them', async () => {
    await using place = open();
    const userNode = place.createNode('user-service');
    const notificationNode = place.createNode('notification-service');
    const analyticsNode = place.createNode('analytics-service');
    const searchIndexNode = place.createNode('search-index-service');
    await place.ready();
    const reactions = new Arrivals<string>();
    const users = new Map<string, object>();
    userNode.on('update-user-profile', (event) => {
      const { userId, profileData } = event.payload;
      users.set(userId, { ...users.get(userId), ...profileData });
      userNode.broadcast({
        type: 'user-profile-updated',
        payload: { userId, updatedFields: Object.keys(profileData), timestamp: Date.now() },
      });
      return { success: true };
    });
    notificationNode.on('user-profile-updated', (event) => {
      if (event.payload.updatedFields.includes('email')) {
        reactions.add(`mail to ${event.payload.userId}`);
      }
      return { notified: true };
    });
    analyticsNode.on('user-profile-updated', (event) => {
      reactions.add(`measured ${event.payload.updatedFields.length}`);
      throw new Error('an observer that fails disturbs nobody');
    });
    searchIndexNode.on('user-profile-updated', (event) => {
      reactions.add(`indexed ${event.payload.userId}`);
      return { indexed: true };
    });
    await place.ready();

    expect(
      await analyticsNode.send(userNode, {
        type: 'update-user-profile',
        payload: { userId: 'u1', profileData: { email: 'a@example.com', city: 'London' } },
      }),
    ).toEqual({ success: true });

    expect([...(await reactions.atLeast(3))].sort()).toEqual(['indexed u1', 'mail to u1', 'measured 2']);
    expect(users.get('u1')).toEqual({ email: 'a@example.com', city: 'London' });
  });

  it('strategy: the event names the algorithm', async () => {
    await using place = open();
    const pricingStrategyNode = place.createNode('pricing-strategy');
    const shop = place.createNode('shop');
    await place.ready();
    interface Item {
      readonly price: number;
      readonly quantity: number;
    }
    pricingStrategyNode.on('calculate-price', (event) => {
      const { items, strategy, customerInfo } = event.payload;
      let total: number;
      switch (strategy) {
        case 'volume-discount':
          total = calculateVolumeDiscount(items);
          break;
        case 'premium-customer':
          total = calculatePremiumPrice(items, customerInfo?.tier);
          break;
        default:
          total = calculateRegularPrice(items);
      }
      return { total, appliedStrategy: strategy };
    });
    function calculateRegularPrice(items: Item[]): number {
      return items.reduce((total, item) => total + item.price * item.quantity, 0);
    }
    function calculateVolumeDiscount(items: Item[]): number {
      return items.reduce((total, item) => {
        const price = item.quantity > 10 ? item.price * 0.5 : item.price;
        return total + price * item.quantity;
      }, 0);
    }
    function calculatePremiumPrice(items: Item[], customerTier: string): number {
      return calculateRegularPrice(items) * (customerTier === 'gold' ? 0.75 : 0.875);
    }
    const price = (strategy: string, more: object = {}) =>
      shop
        .send(pricingStrategyNode, {
          type: 'calculate-price',
          payload: {
            items: [
              { price: 2, quantity: 20 },
              { price: 8, quantity: 1 },
            ],
            strategy,
            ...more,
          },
        })
        .return();

    expect(await price('regular')).toEqual({ total: 48, appliedStrategy: 'regular' });
    expect(await price('volume-discount')).toMatchObject({ total: 28 });
    expect(await price('premium-customer', { customerInfo: { tier: 'gold' } })).toMatchObject({ total: 36 });
    expect(await price('premium-customer')).toMatchObject({ total: 42 });
  });

  it('mediator: one node coordinates the others and tells at which stage a workflow ended', async () => {
    await using place = open();
    const workflowMediator = place.createNode('workflow-mediator');
    const accountNode = place.createNode('accounts');
    const permissionNode = place.createNode('permissions');
    const notificationNode = place.createNode('notifications');
    const client = place.createNode('client');
    await place.ready();
    const log = new Arrivals<string>();
    workflowMediator.on('start-onboarding', async (event) => {
      const { userId } = event.payload;
      const accountResult = await workflowMediator
        .send(accountNode, { type: 'create-account', payload: { userId, ...event.payload.userData } })
        .return();
      if (!accountResult.success) {
        return { success: false, stage: 'account-creation', reason: accountResult.reason };
      }
      const permissionResult = await workflowMediator
        .send(permissionNode, {
          type: 'assign-default-roles',
          payload: { userId, accountId: accountResult.accountId },
        })
        .return();
      if (!permissionResult.success) {
        return { success: false, stage: 'permission-setup', reason: permissionResult.reason };
      }
      await workflowMediator.send(notificationNode, {
        type: 'send-welcome-email',
        payload: { userId, email: event.payload.userData.email },
      });
      workflowMediator.broadcast({ type: 'user-onboarded', payload: { userId, status: 'completed' } });
      return { success: true, userId, accountId: accountResult.accountId };
    });
    accountNode.on('create-account', (event) =>
      event.payload.email === undefined
        ? { success: false, reason: 'no email' }
        : { success: true, accountId: `account of ${event.payload.email}` },
    );
    permissionNode.on('assign-default-roles', (event) =>
      event.payload.userId === 'banned' ? { success: false, reason: 'banned' } : { success: true },
    );
    notificationNode.on('send-welcome-email', (event) => {
      log.add(`welcome ${event.payload.email}`);
    });
    notificationNode.on('user-onboarded', (event: HappenEvent, context: FlowContext) => {
      log.add(`${event.payload.userId} onboarded, says ${context.sender}`);
    });
    await place.ready();
    const onboard = (userId: string, userData: object) =>
      client.send(workflowMediator, { type: 'start-onboarding', payload: { userId, userData } }).return();

    expect(await onboard('u1', { email: 'a@example.com' })).toEqual({
      success: true,
      userId: 'u1',
      accountId: 'account of a@example.com',
    });
    expect(await onboard('u2', {})).toEqual({ success: false, stage: 'account-creation', reason: 'no email' });
    expect(await onboard('banned', { email: 'b@example.com' })).toEqual({
      success: false,
      stage: 'permission-setup',
      reason: 'banned',
    });
    expect(await log.atLeast(2)).toEqual(['welcome a@example.com', 'u1 onboarded, says workflow-mediator']);
  });
});
