import { type NatsServer, type Proxy, startProxy, startServer } from '@happen/nats-server';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { natsTransport as byWebSocket } from '../../src/websocket.js';
import { natsTransport } from '../../src/index.js';
import { startedEnd, until } from '../ends.js';

let server: NatsServer;
beforeAll(async () => {
  server = await startServer({ jetstream: false });
});
afterAll(() => server.stop());

let spaces = 0;
const ways = [
  {
    way: 'TCP',
    url: () => server.url,
    make: (servers: string | string[], space = `hole-${++spaces}`) =>
      natsTransport({ servers, space, reconnectTimeWait: 50 }),
  },
  {
    way: 'WebSocket',
    url: () => server.webSocketUrl,
    make: (servers: string | string[], space = `hole-${++spaces}`) =>
      byWebSocket({ servers, space, reconnectTimeWait: 50, webSocket: WebSocket }),
  },
];

/** More than sockets and the proxy hold, so that what is written stays where it is. */
const megabyte = new Uint8Array(1_000_000);

it.concurrent.each(ways)(
  'notices within 5 s that a connection by $way leads nowhere, and comes back',
  async ({ url, make }) => {
    await using proxy: Proxy = await startProxy({ to: url() });
    await using end = await startedEnd('', '', { transport: make(proxy.url) });
    proxy.stall();
    const begun = performance.now();
    await until(() => end.status.includes('disconnected'), 10_000);
    expect(performance.now() - begun).toBeLessThan(5_000);
    proxy.heal();
    proxy.drop();
    await until(() => end.status.at(-1) === 'reconnected');
  },
);

it.concurrent.each(ways)(
  'goes to another server by $way when the first is a black hole into which it writes',
  async ({ url, make }) => {
    const space = `hole-${++spaces}`;
    await using one = await startProxy({ to: url() });
    await using two = await startProxy({ to: url() });
    await using end = await startedEnd('', '', { transport: make([one.url, two.url], space) });
    await using other = await startedEnd('', '', { transport: make(url(), space) });
    const got: string[] = [];
    other.transport.listen('g', ['afterwards'], () => void got.push('afterwards'));
    await other.flush();
    const hole = one.connections > 0 ? one : two;
    hole.stall();
    const begun = performance.now();
    const settled = Promise.allSettled(
      Array.from({ length: 60 }, () =>
        end.transport.publish({ kind: 'broadcast', type: 'nobody', sender: 's' }, megabyte),
      ),
    );
    await until(() => end.status.includes('disconnected'), 10_000);
    expect(performance.now() - begun).toBeLessThan(5_000);
    // What is in the hole stays there: nothing that was written leaves, and nobody says that it won't.
    await until(() => end.status.at(-1) === 'reconnected', 10_000);
    await settled;
    await end.publish('afterwards', 'x');
    await until(() => got.length === 1);
  },
);

it.concurrent.each(ways)('can be stopped by $way in a black hole into which it writes', async ({ url, make }) => {
  await using proxy = await startProxy({ to: url() });
  await using end = await startedEnd('', '', { transport: make(proxy.url) });
  proxy.stall();
  const settled = Promise.allSettled(
    Array.from({ length: 60 }, () =>
      end.transport.publish({ kind: 'broadcast', type: 'nobody', sender: 's' }, megabyte),
    ),
  );
  const begun = performance.now();
  await end.transport.stop();
  expect(performance.now() - begun).toBeLessThan(12_000);
  expect(end.status.at(-1)).toBe('closed');
  await settled;
});
