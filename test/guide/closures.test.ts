import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { type FlowContext, type HappenEvent, initializeHappen, type Step } from '@happen/core';
import { describe, expect, it } from 'vitest';

/** A key–value bucket with the few members of a real client that the examples use. */
class Bucket {
  readonly entries = new Map<string, string>();
  async get(key: string): Promise<{ string(): string } | null> {
    const value = this.entries.get(key);
    return value === undefined ? null : { string: () => value };
  }
  async put(key: string, value: string): Promise<void> {
    this.entries.set(key, value);
  }
  async *keys(): AsyncGenerator<string> {
    yield* this.entries.keys();
  }
}

describe('Dependency management', () => {
  it('the primitives of cryptography can be handed in, and the space uses them', async () => {
    let hashes = 0;
    let draws = 0;
    await using happen = initializeHappen({
      crypto: {
        randomBytes: (length: number) => {
          draws += 1;
          return new Uint8Array(randomBytes(length));
        },
        sha256: (bytes: Uint8Array) => {
          hashes += 1;
          return new Uint8Array(createHash('sha256').update(bytes).digest());
        },
      },
    });
    const { createNode } = happen;
    const node = createNode('node');
    node.on('go', (event) => event.context.causal.hash);

    expect(await node.send({ type: 'go', payload: {} })).toMatch(/^[0-9a-f]{64}$/);
    expect(hashes).toBeGreaterThan(0);
    expect(draws).toBeGreaterThan(0);
  });

  it('a handler uses a server and its connections straight from the runtime', async () => {
    await using happen = initializeHappen();
    const notificationNode = happen.createNode('notification-service');
    const wss = new EventEmitter();
    const clients = new Map<string, { readyState: string; send(text: string): void }>();
    wss.on('connection', (socket, request) => {
      clients.set(request.userId, socket);
      socket.on('close', () => clients.delete(request.userId));
    });
    notificationNode.on('notify-user', function notifyUser(event) {
      const { userId, message } = event.payload;
      const clientSocket = clients.get(userId);
      if (!clientSocket || clientSocket.readyState !== 'open') {
        return { success: false, reason: 'user-not-connected' };
      }
      clientSocket.send(JSON.stringify({ type: 'notification', message }));
      return { success: true, delivered: true };
    });
    const received: string[] = [];
    const socket = Object.assign(new EventEmitter(), {
      readyState: 'open',
      send: (text: string) => void received.push(text),
    });
    const notify = () =>
      notificationNode.send({ type: 'notify-user', payload: { userId: 'u1', message: 'hello' } }).return();

    expect(await notify()).toEqual({ success: false, reason: 'user-not-connected' });
    wss.emit('connection', socket, { userId: 'u1' });
    expect(await notify()).toEqual({ success: true, delivered: true });
    socket.emit('close');
    expect(await notify()).toEqual({ success: false, reason: 'user-not-connected' });
    expect(received).toEqual(['{"type":"notification","message":"hello"}']);
  });

  it('a handler iterates over a library client that it reaches directly', async () => {
    await using happen = initializeHappen();
    const databaseNode = happen.createNode('database-service');
    const kv = new Bucket();
    await kv.put('ada', '{"name":"Ada"}');
    await kv.put('grace', '{"name":"Grace"}');
    databaseNode.on('query-users', async function queryUsers(event) {
      const { searchTerm } = event.payload;
      const values: unknown[] = [];
      for await (const key of kv.keys()) {
        if (key.includes(searchTerm)) {
          const entry = await kv.get(key);
          if (entry !== null) values.push(JSON.parse(entry.string()));
        }
      }
      return { success: true, results: values };
    });

    expect(await databaseNode.send({ type: 'query-users', payload: { searchTerm: 'ra' } })).toEqual({
      success: true,
      results: [{ name: 'Grace' }],
    });
  });

  it('a dependency captured by a closure serves a handler that answers with a promise of its own', async () => {
    await using happen = initializeHappen();
    async function initializeDataNode() {
      const kv = new Bucket();
      await kv.put('a', '1');
      await kv.put('broken', '{');
      const dataNode = happen.createNode('data-service');
      dataNode.on('query-data', (event, context) => processQuery(kv, event, context));
      return dataNode;
    }
    function processQuery(kv: Bucket, event: HappenEvent, _context: FlowContext): Promise<unknown> {
      const { query } = event.payload;
      return new Promise((resolve, reject) => {
        void (async () => {
          try {
            const results: unknown[] = [];
            for (const key of query.keys) {
              const entry = await kv.get(key);
              if (entry) results.push(JSON.parse(entry.string()));
            }
            resolve({ success: true, results });
          } catch (error) {
            reject(error as Error);
          }
        })();
      });
    }
    const dataNode = await initializeDataNode();
    const query = (...keys: string[]) => dataNode.send({ type: 'query-data', payload: { query: { keys } } }).return();

    expect(await query('a', 'missing')).toEqual({ success: true, results: [1] });
    await expect(query('broken')).rejects.toMatchObject({ code: 'HAPPEN_HANDLER_FAILED' });
  });

  it('steps made by functions carry dependencies and flow state without the context', async () => {
    interface FlowState {
      readonly orderId: string;
      readonly items: readonly { price: number }[];
      readonly customer: { name: string; email: string; limit: number };
      readonly [key: string]: unknown;
    }
    interface EmailService {
      sendOrderConfirmation(email: string, orderId: string, items: readonly unknown[]): void;
    }
    await using happen = initializeHappen();
    const orderKV = new Bucket();
    const mails: unknown[][] = [];
    function initializeOrderNode() {
      const emailService: EmailService = { sendOrderConfirmation: (...mail) => void mails.push(mail) };
      const orderNode = happen.createNode('order-service');
      let count = 0;
      orderNode.on('process-order', (event) => {
        count += 1;
        const flowState: FlowState = {
          orderId: `ORD-${count}`,
          items: event.payload.items,
          customer: event.payload.customer,
        };
        return validateOrder(orderKV, emailService, flowState);
      });
      return orderNode;
    }
    function validateOrder(orderKV: Bucket, emailService: EmailService, state: FlowState): Step<HappenEvent> {
      return () => {
        if (state.items.length === 0) {
          return { success: false, errors: ['no items'] };
        }
        const updatedState = { ...state, validated: true, validatedAt: Date.now() };
        return processPayment(orderKV, emailService, updatedState);
      };
    }
    function processPayment(orderKV: Bucket, emailService: EmailService, state: FlowState): Step<HappenEvent> {
      return () => {
        const total = state.items.reduce((sum, item) => sum + item.price, 0);
        if (total > state.customer.limit) {
          return { success: false, reason: 'payment-failed' };
        }
        const updatedState = { ...state, paymentId: `pay-${total}`, paymentMethod: 'card', paidAt: Date.now() };
        return finalizeOrder(orderKV, emailService, updatedState);
      };
    }
    function finalizeOrder(orderKV: Bucket, emailService: EmailService, state: FlowState): Step<HappenEvent> {
      return async () => {
        await orderKV.put(
          state.orderId,
          JSON.stringify({
            id: state.orderId,
            customer: state.customer.name,
            payment: { id: state.paymentId, method: state.paymentMethod },
          }),
        );
        emailService.sendOrderConfirmation(state.customer.email, state.orderId, state.items);
        return { success: true, orderId: state.orderId, transactionId: state.paymentId };
      };
    }
    const orderNode = initializeOrderNode();
    const customer = { name: 'Ada', email: 'ada@example.com', limit: 100 };
    const process = (items: { price: number }[]) =>
      orderNode.send({ type: 'process-order', payload: { items, customer } }).return();

    const results = await Promise.all([process([{ price: 40 }, { price: 2 }]), process([]), process([{ price: 500 }])]);

    expect(results).toEqual([
      { success: true, orderId: 'ORD-1', transactionId: 'pay-42' },
      { success: false, errors: ['no items'] },
      { success: false, reason: 'payment-failed' },
    ]);
    expect([...orderKV.entries]).toEqual([
      ['ORD-1', '{"id":"ORD-1","customer":"Ada","payment":{"id":"pay-42","method":"card"}}'],
    ]);
    expect(mails).toEqual([['ada@example.com', 'ORD-1', [{ price: 40 }, { price: 2 }]]]);
  });
});

describe('Closures in flows', () => {
  it('a set-up function returns the first step with its dependencies and state captured', async () => {
    interface State {
      readonly orderId: string;
      readonly items: readonly string[];
      readonly validatedAt?: number;
    }
    await using happen = initializeHappen();
    const saved = new Map<string, State>();
    const mails: string[] = [];
    function setupOrderProcessing(repository: Map<string, State>, emailService: (text: string) => void) {
      const orderNode = happen.createNode('order-service');
      orderNode.on('process-order', (event) => {
        const state: State = { orderId: event.payload.id, items: event.payload.items };
        return validateOrder(repository, emailService, state);
      });
      return orderNode;
    }
    function validateOrder(
      repository: Map<string, State>,
      emailService: (text: string) => void,
      state: State,
    ): Step<HappenEvent> {
      return () => {
        if (state.items.length === 0) {
          return { success: false, errors: ['no items'] };
        }
        const updatedState = { ...state, validatedAt: Date.now() };
        return processPayment(repository, emailService, updatedState);
      };
    }
    function processPayment(
      repository: Map<string, State>,
      emailService: (text: string) => void,
      state: State,
    ): Step<HappenEvent> {
      return (event, context) => {
        repository.set(state.orderId, state);
        emailService(`${state.orderId} for ${context.sender}`);
        return { success: true, orderId: state.orderId, asked: event.payload.id };
      };
    }
    const orderNode = setupOrderProcessing(saved, (text) => void mails.push(text));

    expect(await orderNode.send({ type: 'process-order', payload: { id: 'ORD-1', items: ['pen'] } })).toEqual({
      success: true,
      orderId: 'ORD-1',
      asked: 'ORD-1',
    });
    expect(await orderNode.send({ type: 'process-order', payload: { id: 'ORD-2', items: [] } })).toEqual({
      success: false,
      errors: ['no items'],
    });
    expect([...saved.keys()]).toEqual(['ORD-1']);
    expect(mails).toEqual(['ORD-1 for order-service']);
  });
});
