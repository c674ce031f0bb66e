import {
  createDomain,
  domain,
  exact,
  type FlowContext,
  type HappenEvent,
  initializeHappen,
  not,
  oneOf,
  wildcard,
} from '@happen/core';
import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.js';

describe('Event pattern matching', () => {
  it('a pattern is a function of the type that says whether the event is handled', async () => {
    await using happen = initializeHappen();
    const node = happen.createNode('node');
    node.on(
      (eventType) => eventType === 'order.submitted',
      () => processPayment,
    );
    function processPayment(event: HappenEvent): unknown {
      return `paid ${event.payload.orderId}`;
    }

    expect(await node.send({ type: 'order.submitted', payload: { orderId: '1' } })).toBe('paid 1');
    await expect(node.send({ type: 'order.other', payload: {} }).return()).rejects.toMatchObject({
      code: 'HAPPEN_NO_HANDLER',
    });
  });

  it('matchers look at prefixes, lists, regular expressions and parts of the type, and choose the next step', async () => {
    await using happen = initializeHappen();
    const node = happen.createNode('node');
    const orderLog: string[] = [];
    node.on(
      (type) => type === 'order.submitted',
      function handleOrderSubmission() {
        return undefined;
      },
    );
    node.on(
      (type) => type.startsWith('order.'),
      (event) => {
        orderLog.push(event.type);
        return getDomainSpecificHandler(event.type);
      },
    );
    function getDomainSpecificHandler(type: string): (() => string) | undefined {
      return type === 'order.submitted' ? () => 'order taken' : undefined;
    }
    node.on(
      (type) => ['payment.succeeded', 'payment.failed'].includes(type),
      function (event) {
        return event.type === 'payment.succeeded' ? handlePaymentSuccess : handlePaymentFailure;
      },
    );
    const handlePaymentSuccess = () => 'thank you';
    const handlePaymentFailure = () => 'try again';
    node.on(
      (type) => /^user\.(created|updated|deleted)$/.test(type),
      function (event) {
        const actions: Record<string, () => string> = {
          'user.created': () => 'notified created',
          'user.updated': () => 'notified updated',
          'user.deleted': () => 'notified deleted',
        };
        return actions[event.type];
      },
    );
    node.on(
      (type) => {
        const [domain, action] = type.split('.');
        return domain === 'inventory' && (action as string).includes('level');
      },
      function (event) {
        if (event.payload.stock < 10) {
          return createRestockOrder;
        }
        return { processed: true };
      },
    );
    function createRestockOrder(event: HappenEvent): unknown {
      return { restocked: 10 - event.payload.stock };
    }

    const ask = (type: string, payload: unknown = {}) => node.send({ type, payload }).return();

    expect(await ask('order.submitted')).toBe('order taken');
    expect(await ask('order.line.added')).toBeUndefined();
    expect(orderLog).toEqual(['order.submitted', 'order.line.added']);
    expect(await ask('payment.succeeded')).toBe('thank you');
    expect(await ask('payment.failed')).toBe('try again');
    expect(await ask('user.deleted')).toBe('notified deleted');
    await expect(ask('user.renamed')).rejects.toMatchObject({ code: 'HAPPEN_NO_HANDLER' });
    expect(await ask('inventory.level-changed', { stock: 3 })).toEqual({ restocked: 7 });
    expect(await ask('inventory.level-changed', { stock: 30 })).toEqual({ processed: true });
  });

  it('a matcher that throws at an unforeseen type leaves the other registrations alone', async () => {
    await using happen = initializeHappen();
    const node = happen.createNode('node');
    node.on(
      (type) => {
        const [domain, action] = type.split('.');
        return domain === 'inventory' && (action as string).includes('level');
      },
      () => 'never for a type without a dot',
    );
    node.on('inventory', () => 'counted');

    expect(await node.send({ type: 'inventory' })).toBe('counted');
  });

  it('pattern functions written by the user work like the exported ones', async () => {
    function ownDomain(name: string) {
      return (type: string) => type.startsWith(`${name}.`);
    }
    function ownExact(fullType: string) {
      return (type: string) => type === fullType;
    }
    function ownOneOf(...patterns: (string | ((type: string) => boolean))[]) {
      return (type: string) =>
        patterns.some((pattern) => (typeof pattern === 'function' ? pattern(type) : type === pattern));
    }
    function ownNot(pattern: string | ((type: string) => boolean)) {
      const matcher = typeof pattern === 'function' ? pattern : (type: string) => type === pattern;
      return (type: string) => !matcher(type);
    }
    const types = ['order', 'order.submitted', 'order.line.added', 'payment.failed', 'reorder.submitted', 'user.a'];
    const pairs: [(type: string) => boolean, (type: string) => boolean][] = [
      [ownDomain('order'), domain('order')],
      [ownExact('order.submitted'), exact('order.submitted')],
      [ownOneOf(ownExact('order.submitted'), 'user.a'), oneOf(exact('order.submitted'), 'user.a')],
      [ownNot('order.submitted'), not('order.submitted')],
      [ownNot(ownDomain('order')), not(domain('order'))],
    ];
    await using happen = initializeHappen();
    const node = happen.createNode('node');
    for (const [index, [own, exported]] of pairs.entries()) {
      expect(types.map(exported)).toEqual(types.map(own));
      const counted: string[] = [];
      const off = [
        node.on(own, () => void counted.push(`own ${index}`)),
        node.on(exported, () => void counted.push('ours')),
      ];
      for (const type of types) await node.process({ type }).catch(() => undefined);
      expect(counted.length).toBe(2 * types.filter(own).length);
      for (const unsubscribe of off) unsubscribe();
    }
  });

  it('a wildcard stands for exactly one segment', () => {
    const completed = wildcard('user.*.completed');

    expect(completed('user.onboarding.completed')).toBe(true);
    expect(completed('user.completed')).toBe(false);
    expect(completed('user.onboarding.step.completed')).toBe(false);
    expect(completed('xuser.onboarding.completed')).toBe(false);
    expect(completed('userXonboardingXcompleted')).toBe(false);
  });

  it('matchers are combined into expressive patterns', async () => {
    await using happen = initializeHappen();
    const node = happen.createNode('node');
    const seen: string[] = [];
    node.on(domain('order'), (event) => {
      seen.push(`order ${event.type}`);
      const actionType = event.type.split('.')[1] ?? '';
      return getHandlerForAction(actionType);
    });
    function getHandlerForAction(action: string): () => string {
      return () => `did ${action}`;
    }
    node.on(exact('payment.succeeded'), () => createShipment);
    const createShipment = () => 'shipped';
    node.on(wildcard('user.*.completed'), () => selectNextUserAction);
    const selectNextUserAction = () => 'next action';
    node.on(oneOf(exact('order.submitted'), exact('payment.succeeded'), wildcard('shipping.*')), (event) => {
      seen.push(`admins ${event.type}`);
      return processNormally;
    });
    const processNormally = () => 'normal';
    node.on(
      (type) => domain('user')(type) && not(exact('user.password-changed'))(type),
      (event) => {
        seen.push(`user ${event.type}`);
        return getHandlerForUserAction(event.type);
      },
    );
    function getHandlerForUserAction(type: string): () => string {
      return () => `handled ${type}`;
    }

    const ask = (type: string) => node.send({ type, payload: {} }).return();

    expect(await ask('order.submitted')).toBe('did submitted');
    expect(await ask('payment.succeeded')).toBe('shipped');
    expect(await ask('shipping.delayed')).toBe('normal');
    expect(await ask('user.profile.completed')).toBe('next action');
    expect(await ask('user.renamed')).toBe('handled user.renamed');
    await expect(ask('user.password-changed')).rejects.toMatchObject({ code: 'HAPPEN_NO_HANDLER' });
    expect(seen).toEqual([
      'order order.submitted',
      'admins order.submitted',
      'admins payment.succeeded',
      'admins shipping.delayed',
      'user user.profile.completed',
      'user user.renamed',
    ]);
  });

  it('a string pattern means the same as the function that spells it out', async () => {
    await using happen = initializeHappen();
    const node = happen.createNode('node');
    const seen: string[] = [];
    const handleOrderSubmission = (event: HappenEvent) => void seen.push(`submitted: ${event.type}`);
    const handleAllOrderEvents = (event: HappenEvent) => void seen.push(`any: ${event.type}`);
    node.on('order.submitted', handleOrderSubmission);
    node.on((type) => type === 'order.submitted', handleOrderSubmission);
    node.on('order.*', handleAllOrderEvents);
    node.on((type) => type.startsWith('order.') && !type.includes('.', type.indexOf('.') + 1), handleAllOrderEvents);

    await node.send({ type: 'order.submitted', payload: {} });
    await node.send({ type: 'order.paid', payload: {} });
    await expect(node.send({ type: 'order.line.added', payload: {} }).return()).rejects.toMatchObject({
      code: 'HAPPEN_NO_HANDLER',
    });

    expect(seen).toEqual([
      'submitted: order.submitted',
      'submitted: order.submitted',
      'any: order.submitted',
      'any: order.submitted',
      'any: order.paid',
      'any: order.paid',
    ]);
  });

  it.each([
    ['order.submitted', ['order.submitted'], ['order', 'order.submitted.late', 'xorder.submitted']],
    ['order.*', ['order.submitted', 'order.line-added'], ['order', 'order.line.added', 'reorder.submitted']],
    ['{order,payment}.created', ['order.created', 'payment.created'], ['user.created', 'order.payment.created']],
    ['user.profile.*', ['user.profile.updated'], ['user.updated', 'user.profile', 'user.profile.photo.updated']],
    ['user.**', ['user.updated', 'user.profile.photo.updated'], ['order.updated']],
  ])('the string pattern %s takes what it says and nothing else', async (pattern, taken, left) => {
    await using happen = initializeHappen();
    const node = happen.createNode('node');
    node.on(pattern, (event) => event.type);

    for (const type of taken) expect(await node.send({ type })).toBe(type);
    for (const type of left) {
      await expect(node.send({ type }).return()).rejects.toMatchObject({ code: 'HAPPEN_NO_HANDLER' });
    }
  });

  it('a domain builder gives exact, whole-domain and listed matchers', async () => {
    function ownDomain(name: string) {
      function eventMatcher(action: string) {
        return (type: string) => type === `${name}.${action}`;
      }
      return Object.assign(eventMatcher, {
        all: () => (type: string) => type.startsWith(`${name}.`),
        oneOf:
          (...actions: string[]) =>
          (type: string) =>
            type.startsWith(`${name}.`) && actions.includes(type.slice(name.length + 1)),
      });
    }
    for (const make of [ownDomain, createDomain]) {
      await using happen = initializeHappen();
      const node = happen.createNode('node');
      const order = make('order');
      const payment = make('payment');
      const activity = new Arrivals<string>();
      node.on(order('submitted'), () => validateInventory);
      const validateInventory = () => 'in stock';
      node.on(order.all(), (event, context) => {
        activity.add(event.type);
        return context.next || null;
      });
      node.on(payment.oneOf('succeeded', 'failed'), (event) =>
        event.type === 'payment.succeeded' ? handleSuccessfulPayment : handleFailedPayment,
      );
      const handleSuccessfulPayment = () => 'success';
      const handleFailedPayment = () => 'failure';

      expect(await node.send({ type: 'order.submitted' })).toBe('in stock');
      expect(await node.send({ type: 'order.paid' })).toBeNull();
      expect(await activity.atLeast(2)).toEqual(['order.submitted', 'order.paid']);
      expect(await node.send({ type: 'payment.succeeded' })).toBe('success');
      expect(await node.send({ type: 'payment.failed' })).toBe('failure');
      await expect(node.send({ type: 'payment.pending' }).return()).rejects.toMatchObject({
        code: 'HAPPEN_NO_HANDLER',
      });
    }
  });

  it('a logger in front hands over to the next registration inside its own flow, once', async () => {
    await using happen = initializeHappen();
    const node = happen.createNode('node');
    const steps: string[] = [];
    node.on('order.*', (_event, context) => {
      steps.push('log');
      context.logged = true;
      return context.next || null;
    });
    node.on('order.submitted', (_event: HappenEvent, context: FlowContext) => {
      steps.push('handle');
      return { logged: context.logged, more: context.next !== undefined };
    });
    node.on('order.submitted', () => {
      steps.push('afterwards');
    });

    expect(await node.send({ type: 'order.submitted' })).toEqual({ logged: true, more: true });
    expect(await node.send({ type: 'order.paid' })).toBeNull();
    expect(steps).toEqual(['log', 'handle', 'afterwards', 'log']);
  });
});
