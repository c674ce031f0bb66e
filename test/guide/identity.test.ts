import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { type FlowContext, type HappenEvent, verifySignature as verifyProof } from '@happen/core';
import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.js';
import { places } from './places.js';

const sign = (hash: string, key: string): string => createHmac('sha256', key).update(hash).digest('hex');
const keys: Record<string, string> = { 'order-service': 'key of the orders' };
const verifySignature = (hash: string, signature: string, key: string): boolean => {
  const expected = Buffer.from(sign(hash, key));
  const found = Buffer.from(signature);
  return expected.length === found.length && timingSafeEqual(expected, found);
};

describe.each(places)('Identity, $label', ({ open }) => {
  it('a node keeps its id, and its events say so', async () => {
    await using place = open();
    const orderNode = place.createNode('order-service');
    const paymentNode = place.createNode('payment-service');
    await place.ready();
    paymentNode.on('process-payment', (event) => event.context);

    const context = await orderNode.send(paymentNode, { type: 'process-payment', payload: { amount: 100 } });

    expect(orderNode.id).toBe('order-service');
    expect(context.causal.sender).toBe('order-service');
    expect(context.origin).toEqual({ nodeId: 'order-service' });
  });

  it('a node has a key pair from the start, which others can check', async () => {
    await using place = open();
    const orderNode = place.createNode('order-service');
    const challenge = new TextEncoder().encode('who are you?');

    const publicKey = await orderNode.identity.publicKey();
    const proof = await orderNode.identity.sign(challenge);

    expect(publicKey).toHaveLength(32);
    expect(await orderNode.identity.publicKey()).toEqual(publicKey);
    expect(await verifyProof(publicKey, challenge, proof)).toBe(true);
    const other = await place.createNode('impostor').identity.publicKey();
    expect(await verifyProof(other, challenge, proof)).toBe(false);
  });

  it('the sender names the original source, the framework adds the node, and both flow on', async () => {
    await using place = open();
    const checkoutNode = place.createNode('checkout-node');
    const orderNode = place.createNode('order-service');
    const paymentNode = place.createNode('payment-service');
    await place.ready();
    const origins = new Arrivals<object>();
    orderNode.on('order-created', (event, context) => {
      origins.add({ ...event.context.origin });
      origins.add({ ...context.origin });
      return orderNode.send(paymentNode, { type: 'process-payment', payload: { amount: 100 } });
    });
    paymentNode.on('process-payment', (event) => origins.add({ ...event.context.origin }));

    await checkoutNode.send(orderNode, {
      type: 'order-created',
      payload: { orderId: 'order-123', items: [] },
      context: { origin: { sourceId: 'user-456', sourceType: 'user', nodeId: 'forged' } },
    });

    expect(await origins.atLeast(3)).toEqual([
      { nodeId: 'checkout-node', sourceId: 'user-456', sourceType: 'user' },
      { nodeId: 'checkout-node', sourceId: 'user-456', sourceType: 'user' },
      { nodeId: 'order-service', sourceId: 'user-456', sourceType: 'user' },
    ]);
  });

  it('a node says from whom it accepts events, and refuses the others without running a handler', async () => {
    await using place = open();
    const orderNode = place.createNode('order-service', { acceptFrom: ['checkout-node', 'admin-*'] });
    const checkoutNode = place.createNode('checkout-node');
    const adminNode = place.createNode('admin-1');
    const stranger = place.createNode('stranger');
    await place.ready();
    const handled: string[] = [];
    orderNode.on('create-order', (_event, context) => {
      handled.push(context.sender);
      return 'created';
    });
    const create = { type: 'create-order', payload: {} };

    expect(await checkoutNode.send(orderNode, create)).toBe('created');
    expect(await adminNode.send(orderNode, create)).toBe('created');
    await expect(stranger.send(orderNode, create).return()).rejects.toMatchObject({ code: 'HAPPEN_NOT_ACCEPTED' });
    stranger.broadcast(create);
    await expect(
      stranger
        .send(orderNode, { ...create, context: { origin: { nodeId: 'checkout-node', sourceId: 'checkout-node' } } })
        .return(),
    ).rejects.toMatchObject({ code: 'HAPPEN_NOT_ACCEPTED' });
    expect(await checkoutNode.send(orderNode, create)).toBe('created');
    expect(handled).toEqual(['checkout-node', 'admin-1', 'checkout-node']);
  });

  it('nodes of a tenant accept only what comes from sources of that tenant', async () => {
    await using place = open();
    function createTenantNode(tenantId: string, nodeId: string) {
      return place.createNode(nodeId, { acceptFrom: [`tenant:${tenantId}:*`] });
    }
    const targetNode = createTenantNode('acme', 'acme-data');
    const sourceNode = place.createNode('source');
    await place.ready();
    targetNode.on('process-data', (event) => event.context.origin.sourceId);
    const process = (sourceId?: string) =>
      sourceNode
        .send(targetNode, {
          type: 'process-data',
          payload: {},
          ...(sourceId === undefined ? {} : { context: { origin: { sourceId, sourceType: 'user' } } }),
        })
        .return();

    expect(await process('tenant:acme:user-123')).toBe('tenant:acme:user-123');
    await expect(process('tenant:globex:user-123')).rejects.toMatchObject({ code: 'HAPPEN_NOT_ACCEPTED' });
    await expect(process()).rejects.toMatchObject({ code: 'HAPPEN_NOT_ACCEPTED' });
  });

  it('a handler decides by the origin of the event whether the flow goes on', async () => {
    await using place = open();
    const orderNode = place.createNode('orders');
    const webNode = place.createNode('web');
    await place.ready();
    const orders: Record<string, { customerId: string }> = { 'ORD-1': { customerId: 'user-1' } };
    orderNode.on('update-order', (event) => {
      const { sourceId, sourceType } = event.context.origin;
      const order = orders[event.payload.orderId];
      if (sourceType === 'user' && order?.customerId !== sourceId) {
        return { success: false, reason: 'unauthorized', message: 'Users can only update their own orders' };
      }
      return processOrderUpdate;
    });
    const processOrderUpdate = (event: HappenEvent) => ({ success: true, orderId: event.payload.orderId });
    const update = (origin?: object) =>
      webNode.send(orderNode, {
        type: 'update-order',
        payload: { orderId: 'ORD-1' },
        ...(origin === undefined ? {} : { context: { origin } }),
      });

    expect(await update({ sourceId: 'user-1', sourceType: 'user' })).toEqual({ success: true, orderId: 'ORD-1' });
    expect(await update({ sourceId: 'user-2', sourceType: 'user' })).toMatchObject({ reason: 'unauthorized' });
    expect(await update()).toEqual({ success: true, orderId: 'ORD-1' });
  });
});

describe.each(places)('Security, $label', ({ open }) => {
  it('every event carries a hash of its contents in its causal context', async () => {
    await using place = open();
    const paymentNode = place.createNode('payment-node');
    const auditNode = place.createNode('audit');
    await place.ready();
    auditNode.on('payment-processed', (event) => event.context.causal);
    const processed = (amount: number) =>
      paymentNode.send(auditNode, { type: 'payment-processed', payload: { amount } }).return();

    const [first, second] = await Promise.all([processed(100), processed(100)]);

    expect(first.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(second.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(first.hash).not.toBe(second.hash);
    expect(first.id).not.toBe(second.id);
  });

  it('the causal chain can be verified step by step', async () => {
    await using place = open();
    const userNode = place.createNode('user-service');
    const sessionNode = place.createNode('session-service');
    const auditNode = place.createNode('audit');
    await place.ready();
    const chain = new Arrivals<HappenEvent>();
    sessionNode.on('logged-in', (event) => {
      chain.add(event);
      return sessionNode.send(auditNode, { type: 'session-started', payload: {} });
    });
    auditNode.on('session-started', (event) => chain.add(event));

    await userNode.send(sessionNode, {
      type: 'logged-in',
      payload: {},
      context: { causal: { id: 'forged', sender: 'forged', hash: 'forged', correlationId: 'session-123' } },
    });

    const [login, started] = (await chain.atLeast(2)).map((event) => event.context.causal);
    expect(login).toMatchObject({ sender: 'user-service', correlationId: 'session-123' });
    expect(login?.id).not.toBe('forged');
    expect(login?.hash).not.toBe('forged');
    expect(started).toMatchObject({ causationId: login?.id, correlationId: 'session-123', sender: 'session-service' });
  });

  it('a handler verifies a signature that came with the event, if there is one', async () => {
    await using place = open();
    const paymentNode = place.createNode('payment-service');
    const orderNode = place.createNode('order-service');
    const client = place.createNode('client');
    await place.ready();
    paymentNode.on('process-payment', function verifyAndProcess(event) {
      const { signature, signedHash } = event.context.integrity || {};
      const { hash } = event.context.causal;
      if (typeof hash !== 'string') throw new TypeError('an event has a hash');
      if (signature) {
        const senderPublicKey = keys[event.context.causal.sender] ?? '';
        if (!verifySignature(signedHash, signature, senderPublicKey)) {
          return { success: false, reason: 'invalid-signature' };
        }
      }
      return processPayment;
    });
    const processPayment = (event: HappenEvent) => ({
      success: true,
      amount: event.payload.amount,
      signed: event.context.integrity !== undefined,
    });
    orderNode.on('create-order', (event) => {
      const paymentEvent = {
        type: 'process-payment',
        payload: { orderId: 'ORD-1', amount: event.payload.items.length },
        context: {
          integrity: {
            signedHash: event.context.causal.hash,
            signature: sign(event.context.causal.hash, event.payload.key),
          },
        },
      };
      return orderNode.send(paymentNode, paymentEvent);
    });
    const create = (key: string) =>
      client.send(orderNode, { type: 'create-order', payload: { items: ['a', 'b'], key } }).return();

    expect(await create('key of the orders')).toEqual({ success: true, amount: 2, signed: true });
    expect(await create('key of a thief')).toEqual({ success: false, reason: 'invalid-signature' });
    expect(await client.send(paymentNode, { type: 'process-payment', payload: { amount: 5 } })).toEqual({
      success: true,
      amount: 5,
      signed: false,
    });
  });

  it('a signature that the space puts in is there for the handler that verifies it', async () => {
    const key = 'key of the orders';
    await using place = open({ security: { sign: (hash) => sign(hash, key) } });
    const paymentNode = place.createNode('payment-service');
    const orderNode = place.createNode('order-service');
    await place.ready();
    paymentNode.on('process-payment', function verifyAndProcess(event) {
      const { signature } = event.context.integrity || {};
      const { hash } = event.context.causal;
      if (signature) {
        const senderPublicKey = keys[event.context.causal.sender] ?? '';
        if (!verifySignature(hash, signature, senderPublicKey)) {
          return { success: false, reason: 'invalid-signature' };
        }
      }
      return processPayment;
    });
    const processPayment = (event: HappenEvent) => ({
      success: true,
      signed: event.context.integrity?.signature !== undefined,
    });

    expect(await orderNode.send(paymentNode, { type: 'process-payment', payload: {} })).toEqual({
      success: true,
      signed: true,
    });
    const impostor = place.createNode('impostor');
    await place.ready();
    expect(await impostor.send(paymentNode, { type: 'process-payment', payload: {} })).toEqual({
      success: false,
      reason: 'invalid-signature',
    });
  });

  it('a custom verification goes before the payment', async () => {
    await using place = open();
    const paymentNode = place.createNode('payment-service');
    const shop = place.createNode('shop');
    await place.ready();
    paymentNode.on('process-payment', (event) => {
      if (!customVerification(event)) {
        return { success: false, reason: 'verification-failed' };
      }
      return processPayment;
    });
    const customVerification = (event: HappenEvent) =>
      event.payload.amount > 0 && event.context.causal.hash.length === 64;
    const processPayment = () => ({ success: true });

    expect(await shop.send(paymentNode, { type: 'process-payment', payload: { amount: 1 } })).toEqual({
      success: true,
    });
    expect(await shop.send(paymentNode, { type: 'process-payment', payload: { amount: -1 } })).toEqual({
      success: false,
      reason: 'verification-failed',
    });
  });

  it('access is granted by what the context says of the origin', async () => {
    await using place = open();
    const resourceNode = place.createNode('resources');
    const webNode = place.createNode('web');
    await place.ready();
    const permissions = new Set(['user-1 report read']);
    resourceNode.on('access-resource', (event, context) => {
      const { sourceId } = context.origin || {};
      if (!permissions.has(`${sourceId} ${event.payload.resourceId} read`)) {
        return { success: false, reason: 'unauthorized' };
      }
      return provideResource;
    });
    const provideResource = (event: HappenEvent, context: FlowContext) => ({
      success: true,
      resource: event.payload.resourceId,
      for: context.origin.sourceId,
    });
    const access = (sourceId: string) =>
      webNode.send(resourceNode, {
        type: 'access-resource',
        payload: { resourceId: 'report' },
        context: { origin: { sourceId } },
      });

    expect(await access('user-1')).toEqual({ success: true, resource: 'report', for: 'user-1' });
    expect(await access('user-2')).toEqual({ success: false, reason: 'unauthorized' });
  });

  it('a query is narrowed to the tenant that the origin names', async () => {
    await using place = open();
    const dataNode = place.createNode('data');
    const webNode = place.createNode('web');
    await place.ready();
    const rows = [
      { tenantId: 'acme', name: 'anvil' },
      { tenantId: 'globex', name: 'laser' },
    ];
    dataNode.on('query-data', (event, context) => {
      const tenantId = context.origin?.sourceId?.split(':')[1];
      const tenantScopedQuery = { ...event.payload.query, tenantId };
      const results = rows.filter((row) => row.tenantId === tenantScopedQuery.tenantId).map((row) => row.name);
      return { results, query: tenantScopedQuery };
    });

    expect(
      await webNode.send(dataNode, {
        type: 'query-data',
        payload: { query: { tenantId: 'globex', limit: 10 } },
        context: { origin: { sourceId: 'tenant:acme:user-1' } },
      }),
    ).toEqual({ results: ['anvil'], query: { tenantId: 'acme', limit: 10 } });
  });

  it('an encrypted payload passes through as bytes', async () => {
    await using place = open();
    const userNode = place.createNode('user');
    const messagingNode = place.createNode('messaging');
    const client = place.createNode('client');
    await place.ready();
    const key = Buffer.alloc(32, 7);
    const nonce = Buffer.alloc(12, 1);
    userNode.on('send-sensitive-message', (event) => {
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const encryptedMessage = new Uint8Array([
        ...cipher.update(event.payload.sensitiveContent, 'utf8'),
        ...cipher.final(),
        ...cipher.getAuthTag(),
      ]);
      return userNode.send(messagingNode, {
        type: 'deliver-message',
        payload: { recipientId: event.payload.recipientId, encryptedContent: encryptedMessage },
      });
    });
    messagingNode.on('deliver-message', (event) => {
      const content: Uint8Array = event.payload.encryptedContent;
      const decipher = createDecipheriv('aes-256-gcm', key, nonce);
      decipher.setAuthTag(content.slice(-16));
      const plain = decipher.update(content.slice(0, -16), undefined, 'utf8') + decipher.final('utf8');
      return { delivered: event.payload.recipientId, plain, bytes: content instanceof Uint8Array };
    });

    expect(
      await client.send(userNode, {
        type: 'send-sensitive-message',
        payload: { recipientId: 'ada', sensitiveContent: 'meet at nine' },
      }),
    ).toEqual({ delivered: 'ada', plain: 'meet at nine', bytes: true });
  });
});
