import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { startProxy, startServer } from '../src/index.js';
import { Wire } from './wire.js';

async function proxied() {
  const server = await startServer({ jetstream: false });
  const proxy = await startProxy({ to: server.url });
  onTestFinished(async () => {
    await proxy.stop();
    await server.stop();
  });
  const wire = async (url = proxy.url) => {
    const made = await Wire.to(url);
    onTestFinished(() => made.end());
    await made.greet();
    return made;
  };
  return { server, proxy, wire };
}

it('carries connections to the server and back', async () => {
  const { proxy, wire } = await proxied();
  expect(proxy.url).toMatch(/^nats:\/\/127\.0\.0\.1:\d+$/);
  const [one, other] = [await wire(), await wire()];
  expect(proxy.connections).toBe(2);
  one.say('SUB greeting 1');
  await one.ping();
  other.say('PUB greeting 5', 'hello');
  await one.hear(/hello\r\n/);
});

it('resets connections when it is cut, and refuses new ones until it heals', async () => {
  const { proxy, wire } = await proxied();
  const cut = await wire();
  proxy.cut();
  await expect(cut.hear(/never/)).rejects.toThrow('ended');
  expect(proxy.connections).toBe(0);
  await expect(wire()).rejects.toThrow();
  proxy.heal();
  await (await wire()).ping();
});

it('resets connections when they are dropped, and takes new ones', async () => {
  const { proxy, wire } = await proxied();
  const dropped = await wire();
  proxy.drop();
  await expect(dropped.hear(/never/)).rejects.toThrow('ended');
  await (await wire()).ping();
});

it('lets nothing through while it is stalled, and everything afterwards', async () => {
  const { server, proxy, wire } = await proxied();
  const [stalled, direct] = [await wire(), await wire(server.url)];
  stalled.say('SUB down 1');
  direct.say('SUB up 1');
  await Promise.all([stalled.ping(), direct.ping()]);
  proxy.stall();
  stalled.say('PUB up 2', 'hi');
  direct.say('PUB down 2', 'hi');
  // The sentinel comes another way, after both.
  await direct.ping();
  const late = await wire(server.url);
  await late.ping();
  expect([stalled.unheard, direct.unheard, stalled.ended]).toEqual(['', '', false]);
  proxy.heal();
  await Promise.all([stalled.hear(/hi\r\n/), direct.hear(/hi\r\n/)]);
});

it.each(['up', 'down'] as const)('stalls one way alone: %s', async (direction) => {
  const { server, proxy, wire } = await proxied();
  const [through, direct] = [await wire(), await wire(server.url)];
  through.say('SUB down 1');
  direct.say('SUB up 1');
  await Promise.all([through.ping(), direct.ping()]);
  proxy.stallOneWay(direction);
  through.say('PUB up 2', 'hi');
  direct.say('PUB down 2', 'hi');
  const [open, closed] = direction === 'up' ? [through, direct] : [direct, through];
  await open.hear(/hi\r\n/);
  await direct.ping();
  expect(closed.unheard).not.toContain('hi');
  proxy.heal();
  await closed.hear(/hi\r\n/);
});

it('delays each way, in order', async () => {
  const { proxy, wire } = await proxied();
  const delayed = await wire();
  proxy.delay(60);
  const begin = performance.now();
  delayed.say('SUB echo 1', 'PUB echo 1', 'a', 'PUB echo 1', 'b');
  await delayed.hear(/a\r\nMSG echo 1 1\r\nb\r\n/);
  expect(performance.now() - begin).toBeGreaterThan(115);
  proxy.heal();
  await delayed.ping();
  expect(() => proxy.delay(-1)).toThrow(RangeError);
  expect(() => proxy.delay(Number.NaN)).toThrow(RangeError);
});

it('makes a fast sender wait for a slow reader, and loses nothing', async () => {
  const size = 40 * 1024 * 1024;
  const received = new Promise<number>((resolve) => {
    const sink = createServer((socket: Socket) => {
      let count = 0;
      socket.on('data', (data: Buffer) => (count += data.length));
      socket.on('end', () => resolve(count));
    });
    sink.listen(0, '127.0.0.1', () => void send((sink.address() as { port: number }).port));
    onTestFinished(() => void sink.close());
  });
  async function send(port: number) {
    const proxy = await startProxy({ to: `tcp://127.0.0.1:${port}` });
    onTestFinished(() => proxy.stop());
    const socket = connect(proxy.port, '127.0.0.1');
    // Stopping the proxy resets it.
    socket.on('error', () => {});
    await once(socket, 'connect');
    proxy.stall();
    socket.end(Buffer.alloc(size));
    await new Promise((resolve) => setImmediate(resolve));
    expect(socket.writableLength).toBeGreaterThan(size / 2);
    proxy.heal();
  }
  expect(await received).toBe(size);
});

it('resets a connection whose server is not there', async () => {
  const proxy = await startProxy({ to: 'nats://127.0.0.1:1' });
  onTestFinished(() => proxy.stop());
  const wire = await Wire.to(proxy.url);
  await expect(wire.hear(/INFO/)).rejects.toThrow('ended');
});

it('carries the end of a connection, either side', async () => {
  const { server, proxy, wire } = await proxied();
  const first = await wire();
  await first.end();
  const second = await wire();
  await server.stop();
  await expect(second.hear(/never/)).rejects.toThrow('ended');
  await expect.poll(() => proxy.connections).toBe(0);
});

it('refuses an address without a port', async () => {
  await expect(startProxy({ to: 'nats://127.0.0.1' })).rejects.toThrow('no port');
});
