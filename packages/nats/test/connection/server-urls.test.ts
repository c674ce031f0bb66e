import { createServer } from 'node:net';
import { isHappenError } from '@happen/core';
import { startServer } from '@happen/nats-server';
import { WebSocket } from 'ws';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readServerUrls } from '../../src/connection/server-urls.js';
import { natsTransport } from '../../src/index.js';
import { natsTransport as byWebSocket } from '../../src/websocket.js';
import { endOf, startedEnd } from '../ends.js';

const tcp = { plain: 'nats', encrypted: 'tls' };
const web = { plain: 'ws', encrypted: 'wss' };

describe('the URLs of servers', () => {
  it.each([
    ['nats://localhost:4222', ['nats://localhost:4222'], {}],
    ['example.org', ['nats://example.org'], {}],
    [' nats://10.0.0.1:80 ', ['nats://10.0.0.1:80'], {}],
    ['NATS://[::1]:4222', ['nats://[::1]:4222'], {}],
    ['tls://example.org:4222', ['nats://example.org:4222'], { encrypted: true }],
    ['nats://till:p%20w%40@host:1', ['nats://host:1'], { user: 'till', password: 'p w@' }],
    ['nats://t0ken@host', ['nats://host'], { token: 't0ken' }],
  ])('are read: %s', (given, servers, more) => {
    expect(readServerUrls([given], tcp)).toEqual({ encrypted: false, servers, ...more });
  });

  it.each([
    ['ws://localhost:9222', 'ws://localhost:9222', false],
    ['wss://example.org/nats?edge=1', 'wss://example.org/nats?edge=1', true],
    ['wss://example.org:443', 'wss://example.org:443', true],
    ['localhost:9222', 'ws://localhost:9222', false],
  ])('are read, by WebSocket: %s', (given, server, encrypted) => {
    expect(readServerUrls([given], web)).toEqual({ encrypted, servers: [server] });
  });

  it.each([
    ['nats://127.0.0.1:99999', tcp],
    ['http://127.0.0.1:4222', tcp],
    ['ws://127.0.0.1:9222', tcp],
    ['nats://127.0.0.1:9222', web],
    ['http//nope', tcp],
    ['nats://', tcp],
    ['nats://host/path', tcp],
    ['nats://till:secret@:4222', tcp],
    ['nats://till:%E0%A4%A@host', tcp],
    ['nats://till:secret@host:x', tcp],
  ])('are refused: %s', (url, schemes) => {
    const refused = (): unknown => readServerUrls(['nats://fine'.replace('nats', schemes.plain), url], schemes);
    expect(refused).toThrow(expect.objectContaining({ code: 'HAPPEN_INVALID_CONFIG', details: { path: 'servers.1' } }));
    expect(refused).not.toThrow(/secret/);
  });
});

it.each([
  [{ servers: ['nats://a:1@one', 'nats://b:2@two'] }, 'servers'],
  [{ servers: 'nats://a:1@one', user: 'b', password: '2' }, 'user'],
  [{ servers: 'nats://t0ken@one', nkey: 'SUAAA' }, 'nkey'],
  [{ servers: 'tls://one', tls: false }, 'tls'],
  [{ servers: 'tls://one', tls: { caFile: '/nowhere/ca.pem' } }, 'tls.caFile'],
])('what contradicts itself is refused: %j', (options, path) => {
  expect(() => natsTransport(options)).toThrow(
    expect.objectContaining({ code: 'HAPPEN_INVALID_CONFIG', details: { path } }),
  );
});

it('a name and a password in the URL sign in, and are told to nobody', async () => {
  const config = 'authorization { user: till, password: "p w" }';
  await using server = await startServer({ jetstream: false, config });
  const [port, webPort] = [server.url, server.webSocketUrl].map((url) => new URL(url).port);
  await using right = await startedEnd(`nats://till:p%20w@127.0.0.1:${port}`, 's');
  expect(right.status).toEqual(['connected']);
  const servers = `ws://till:p%20w@127.0.0.1:${webPort}`;
  await using page = await startedEnd('', '', { transport: byWebSocket({ servers, webSocket: WebSocket }) });
  expect(page.status).toEqual(['connected']);
  const wrong = endOf(`nats://till:secret@127.0.0.1:${port}`, 's');
  const error: unknown = await wrong.start().catch((cause: unknown) => cause);
  expect(isHappenError(error, 'HAPPEN_DISCONNECTED')).toBe(true);
  expect(String(error)).toContain('refused the credentials');
  expect(String(error)).not.toContain('secret');
});

it('where the URL asks for TLS, nothing leaves without it', async () => {
  let heard = '';
  const plain = createServer((socket) => {
    socket.on('data', (data) => (heard += data.toString('latin1'))).on('error', () => {});
    socket.write('INFO {"server_id":"x","version":"2.11.0","headers":true,"max_payload":1048576,"proto":1}\r\n');
  });
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void plain.close());
  const { port } = plain.address() as { port: number };
  const options = { user: 'till', password: 'secret', reconnect: false };
  const end = endOf(`tls://127.0.0.1:${port}`, 's', { options });
  await expect(end.start()).rejects.toMatchObject({ code: 'HAPPEN_DISCONNECTED' });
  expect(heard).not.toContain('secret');
});
