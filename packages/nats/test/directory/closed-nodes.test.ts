import { initializeHappen } from '@happen/core';
import { startServer } from '@happen/nats-server';
import { expect, it } from 'vitest';
import { natsTransport } from '../../src/index.js';
import { until } from '../ends.js';

it('no longer lists a node that is closed, also one that listened', async () => {
  await using server = await startServer({ jetstream: false, websocket: false });
  const transports = [natsTransport({ servers: server.url }), natsTransport({ servers: server.url })] as const;
  const [here, there] = transports.map((transport) => initializeHappen({ transport }));
  await Promise.all([here?.ready(), there?.ready()]);
  const listening = here?.createNode('listening');
  listening?.on('news.*', () => {});
  const names = (): string[][] => transports.map(({ directory }) => directory.nodes().map(({ id }) => id));
  await until(() => names().every((ids) => ids.includes('listening')));

  await listening?.close();
  // Announced after the closing, so that whoever has heard of it has heard of that.
  here?.createNode('sentinel');
  await until(() => names().every((ids) => ids.includes('sentinel')));
  expect(names()).toEqual([['sentinel'], ['sentinel']]);
  await Promise.all([here?.close(), there?.close()]);
});
