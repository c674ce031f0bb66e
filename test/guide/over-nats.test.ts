import { createServer } from 'node:net';
import { type NatsServer, startProxy, startServer } from '@happen/nats-server';
import { eachServer } from '@happen/nats-server/vitest';
import { initializeHappen, isHappenError, silentLogger } from 'happen';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.js';

const logger = silentLogger;

describe.each(eachServer)('Connections, on the $version server', ({ version }) => {
  let natsServer: NatsServer;
  beforeAll(async () => {
    natsServer = await startServer({ serverVersion: version });
  });
  afterAll(() => natsServer.stop());

  it('the tree of settings has servers for each kind of runtime, and createNode is taken out of the space', async () => {
    const settings = {
      logger,
      nats: {
        space: 'settings',
        connection: {
          server: { servers: [natsServer.url], jetstream: true },
          // Nobody is there: who took these servers would never be ready.
          browser: { servers: ['wss://127.0.0.1:1'], jetstream: true },
        },
      },
    };
    await using happen = initializeHappen(settings);
    await using elsewhere = initializeHappen(settings);
    const { createNode, ready } = happen;
    elsewhere.createNode('greeter').on('greet', ({ payload }) => `hello ${payload.name}`);
    await Promise.all([ready(), elsewhere.ready()]);

    const answer = createNode('client').send('greeter', { type: 'greet', payload: { name: 'Ada' } });
    expect(await answer).toBe('hello Ada');
  });

  it('a node on a server is reached by whoever connects to the same servers', async () => {
    const settings = { logger, nats: { space: 'backend', connection: { servers: natsServer.url } } };
    await using onServer = initializeHappen(settings);
    await using elsewhere = initializeHappen(settings);
    const { createNode } = onServer;
    const serverNode = createNode('backend-service');
    serverNode.on('load-user', ({ payload }, { sender }) => ({ id: payload.id, askedBy: sender }));
    const heard = new Arrivals<string>();
    serverNode.on('user.*', ({ type }) => heard.add(type));
    const client = elsewhere.createNode('frontend-client');
    await Promise.all([onServer.ready(), elsewhere.ready()]);

    const user = await client.send('backend-service', { type: 'load-user', payload: { id: 'u-1' } }).return();
    client.broadcast({ type: 'user.seen', payload: { id: 'u-1' } });

    expect(user).toEqual({ id: 'u-1', askedBy: 'frontend-client' });
    expect(await heard.atLeast(1)).toEqual(['user.seen']);
  });

  it('a node listens to the status of the connection, goes offline and comes back', async () => {
    await using breakable = await startServer({ serverVersion: version, jetstream: false });
    await using happen = initializeHappen({
      logger,
      nats: { connection: { servers: breakable.url, reconnectTimeWait: 20 } },
    });
    const orderNode = happen.createNode('orders');
    const shown = new Arrivals<object>();
    let isOffline = false;
    const updateConnectionStatus = (status: string, reason?: string) => shown.add({ status, reason, isOffline });
    const enableOfflineMode = () => void (isOffline = true);
    const disableOfflineMode = () => void (isOffline = false);
    orderNode.on('system.connection-status', (event) => {
      const { status, reason } = event.payload;
      if (status === 'disconnected') {
        enableOfflineMode();
        updateConnectionStatus('degraded', reason);
      } else if (status === 'reconnected') {
        disableOfflineMode();
        updateConnectionStatus('connected');
      }
    });
    await happen.ready();

    await breakable.kill();
    const degraded = { status: 'degraded', reason: expect.any(String) as string, isOffline: true };
    expect(await shown.atLeast(1)).toEqual([degraded]);

    await breakable.restart();
    expect(await shown.atLeast(2)).toEqual([degraded, { status: 'connected', reason: undefined, isOffline: false }]);
  });

  it('what was sent while the connection was lost arrives in order once it is back', async () => {
    const proxy = await startProxy({ to: natsServer.url });
    const connection = { reconnectTimeWait: 20 };
    await using senders = initializeHappen({
      logger,
      nats: { space: 'recovery', connection: { ...connection, servers: proxy.url } },
    });
    await using receivers = initializeHappen({
      logger,
      nats: { space: 'recovery', connection: { ...connection, servers: natsServer.url } },
    });
    const orderNode = receivers.createNode('orders');
    const processed = new Arrivals<string>();
    orderNode.on('process-order', (event) => {
      const { orderId } = event.payload;
      processed.add(orderId);
    });
    const client = senders.createNode('client');
    const lost = new Arrivals<unknown>();
    client.on('system.connection-status', ({ payload }) => {
      if (payload.status === 'disconnected') lost.add(payload);
    });
    await Promise.all([senders.ready(), receivers.ready()]);
    const submit = (orderId: string) => client.send('orders', { type: 'process-order', payload: { orderId } });
    await submit('order-0').return();
    await processed.atLeast(1);

    proxy.cut();
    await lost.atLeast(1);
    const ids = Array.from({ length: 50 }, (_, index) => `order-${index + 1}`);
    for (const id of ids) submit(id);
    proxy.heal();

    expect(await processed.atLeast(1 + ids.length)).toEqual(['order-0', ...ids]);
    await proxy.stop();
  });
});

describe('Connections', () => {
  it('connecting goes on without end where it is told to, and then things are as before', async () => {
    await using server = await startServer({ jetstream: false });
    await using happen = initializeHappen({
      logger,
      nats: {
        connection: { servers: server.url, reconnect: true, reconnectTimeWait: 1, maxReconnectAttempts: -1 },
      },
    });
    const node = happen.createNode('client');
    const statuses: string[] = [];
    happen.on('system.connection-status', ({ payload }) => void statuses.push(payload.status));
    await happen.ready();

    await server.kill();
    // Somebody else takes each call and hangs up, more often than clients of NATS try by themselves.
    const stranger = await answeringNobody(server.url);
    await stranger.called(12);
    await stranger.stop();
    await server.restart();
    await happen.ready();

    expect(statuses).toEqual(['connected', 'disconnected', 'reconnecting', 'reconnected']);
    await expect(node.send('nobody', { type: 'order.placed' })).rejects.toMatchObject({ code: 'HAPPEN_NO_SUCH_NODE' });
  });

  it('what is not there yet is refused, and says so', () => {
    const capabilities = [
      { persistence: { enabled: true, keyValue: { enabled: true, buckets: { state: 'happen-state' } } } },
      { delivery: { exactlyOnce: true, deduplication: true } },
    ];
    for (const capability of capabilities) {
      const connection = { server: { servers: ['nats://127.0.0.1:1'], jetstream: true } };
      try {
        initializeHappen({ nats: { connection, capabilities: capability } });
        expect.unreachable('it was taken');
      } catch (error) {
        expect(isHappenError(error, 'HAPPEN_NOT_AVAILABLE')).toBe(true);
      }
    }
  });
});

/** A server that hangs up on everybody who calls at a URL. */
async function answeringNobody(
  url: string,
): Promise<{ called(times: number): Promise<unknown>; stop(): Promise<void> }> {
  const { hostname, port } = new URL(url);
  const calls = new Arrivals<unknown>();
  const stranger = createServer((socket) => {
    socket.on('error', () => {});
    socket.destroy();
    calls.add(socket);
  });
  await new Promise<void>((resolve) => void stranger.listen(Number(port), hostname, resolve));
  return {
    called: (times) => calls.atLeast(times),
    stop: () => new Promise((resolve) => void stranger.close(() => resolve())),
  };
}
