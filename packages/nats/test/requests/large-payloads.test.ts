import { initializeHappen, type Space } from '@happen/core';
import { type NatsServer, startServer } from '@happen/nats-server';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { natsTransport } from '../../src/index.js';
import { natsTransport as byWebSocket } from '../../src/websocket.js';
import { until } from '../ends.js';

let server: NatsServer;
beforeAll(async () => {
  server = await startServer({ jetstream: false });
});
afterAll(() => server.stop());

const limits = { maxFrameBytes: 67_108_864, maxPayloadBytes: 60_000_000 };
const fifty = 50_000_000;

it.each([
  ['TCP', () => natsTransport({ servers: server.url, space: 'large-tcp' })],
  ['WebSocket', () => byWebSocket({ servers: server.webSocketUrl, space: 'large-ws', webSocket: WebSocket })],
])('carries 50 MB there and back, and to all who listen, by %s', async (_way, transport) => {
  const transports = [transport(), transport(), transport()];
  const spaces = transports.map((one): Space => initializeHappen({ transport: one, limits }));
  await Promise.all(spaces.map(({ ready }) => ready()));
  const [a, b, c] = spaces.map((space, index) => space.createNode(`node-${index}`));
  if (a === undefined || b === undefined || c === undefined) throw new Error('three spaces have three nodes');
  const payload = new Uint8Array(fifty);
  for (let at = 0; at < fifty; at += 4_099) payload[at] = at % 251;
  b.on('echo', ({ payload: given }) => given);
  const heard: Uint8Array[] = [];
  for (const node of [b, c]) node.on('all', ({ payload: given }) => void heard.push(given));
  // Parts go to who is known.
  await transports[0]?.directory.waitFor(['node-1', 'node-2']);

  const echoed: Uint8Array = await a.send('node-1', { type: 'echo', payload }, { timeout: '30s' }).return();
  expect(Buffer.compare(echoed, payload)).toBe(0);

  a.broadcast({ type: 'all', payload });
  await until(() => heard.length === 2);
  for (const one of heard) expect(Buffer.compare(one, payload)).toBe(0);
  await Promise.all(spaces.map(({ close }) => close()));
});
