import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startServer, type StartServerOptions } from '../src/index.js';
import { eachServer } from '../src/vitest.js';
import { Wire } from './wire.js';

describe.each(eachServer)('on the $version server', ({ version: serverVersion }) => {
  async function start(options: StartServerOptions = {}) {
    const server = await startServer({ serverVersion, ...options });
    onTestFinished(() => server.stop());
    return server;
  }

  async function wireTo(url: string) {
    const wire = await Wire.to(url);
    onTestFinished(() => wire.end());
    return wire;
  }

  it('is ready for clients and for JetStream when it has started', async () => {
    const server = await start();
    const wire = await wireTo(server.url);
    const info = await wire.greet();
    expect(JSON.parse(info.slice(5))).toMatchObject({ version: server.version, jetstream: true, port: server.port });
    expect(await wire.request('$JS.API.STREAM.CREATE.s', '{"name":"s","subjects":["s.>"]}')).toContain(
      '"did_create":true',
    );
  });

  it('takes a WebSocket', async () => {
    const server = await start();
    const port = Number(new URL(server.webSocketUrl).port);
    expect(port).toBe(server.webSocketPort);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', reject);
      socket.once('data', (data) => {
        socket.destroy();
        resolve(data.toString('latin1'));
      });
      socket.write(
        'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
          'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      );
    });
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
  });

  it('has neither WebSocket nor JetStream where those are not wanted', async () => {
    const server = await start({ websocket: false, jetstream: false });
    expect(server).toMatchObject({ webSocketUrl: '', webSocketPort: 0, storeDir: undefined });
    const wire = await wireTo(server.url);
    expect(JSON.parse((await wire.greet()).slice(5))).not.toHaveProperty('jetstream', true);
  });

  it('keeps data and ports when it is killed and restarted', async () => {
    const server = await start();
    const before = { url: server.url, webSocketUrl: server.webSocketUrl, monitoringUrl: server.monitoringUrl };
    const wire = await wireTo(server.url);
    await wire.greet();
    await wire.request('$JS.API.STREAM.CREATE.s', '{"name":"s","subjects":["s.>"]}');
    await wire.request('s.1', 'kept');
    const { pid } = server;
    await server.kill();
    expect(server.running).toBe(false);
    await expect(server.whenEnded()).resolves.toEqual({ code: null, signal: 'SIGKILL' });
    await expect(Wire.to(server.url)).rejects.toThrow('ECONNREFUSED');

    await server.restart();
    expect(server).toMatchObject({ ...before, running: true });
    expect(server.pid).not.toBe(pid);
    const again = await wireTo(server.url);
    await again.greet();
    expect(await again.request('$JS.API.STREAM.INFO.s')).toContain('"messages":1,');
  });

  it('restarts while it runs', async () => {
    const server = await start();
    const { url, pid } = server;
    await server.restart();
    expect(server.url).toBe(url);
    expect(server.pid).not.toBe(pid);
    await (await wireTo(url)).greet();
  });

  it('answers nothing while it is paused, and everything afterwards', async () => {
    const server = await start();
    const wire = await wireTo(server.url);
    await wire.greet();
    await server.pause();
    wire.say('PING');
    // Another server answers meanwhile, and this one would have too.
    const other = await start();
    await (await wireTo(other.url)).greet();
    expect(wire.unheard).toBe('');
    await server.resume();
    await wire.hear(/PONG\r\n/);
  });

  it('stops while it is paused', async () => {
    const server = await start();
    await server.pause();
    await server.stop();
    expect(server.running).toBe(false);
  });

  it('leaves nothing behind when it stops, and a given store where it is', async () => {
    const given = mkdtempSync(join(tmpdir(), 'happen-test-'));
    onTestFinished(() => rmSync(given, { recursive: true }));
    const server = await start();
    const second = await start({ storeDir: given });
    const temporary = server.storeDir ?? '';
    expect(statSync(temporary).isDirectory()).toBe(true);
    await Promise.all([server.stop(), second.stop()]);
    await server.stop();
    expect(existsSync(join(temporary, '..'))).toBe(false);
    expect(readdirSync(given)).toContain('jetstream');
  });

  it('demands what its configuration demands', async () => {
    const server = await start({ config: 'authorization { user: "ann", password: "secret" }' });
    await (await wireTo(server.url)).greet({ user: 'ann', pass: 'secret' });
    const stranger = await wireTo(server.url);
    await expect(stranger.greet({ user: 'ann', pass: 'wrong' })).rejects.toThrow('Authorization Violation');
  });

  it('takes payloads up to the size that was said', async () => {
    const server = await start({ maxPayload: 50_000_000 });
    const info = await (await wireTo(server.url)).greet();
    expect(JSON.parse(info.slice(5))).toMatchObject({ max_payload: 50_000_000 });
  });

  it('says why it does not start', async () => {
    const refused = startServer({ serverVersion, config: 'nonsense: { here: 1 }' });
    await expect(refused).rejects.toThrow(/^nats-server did not start: .*nonsense/);
  });
});

it('ends a start that is cancelled', async () => {
  const reason = new Error('not any more');
  await expect(startServer({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
