import { initializeHappen, type Space } from '@happen/core';
import { type NatsServer, type Proxy, startProxy, startServer } from '@happen/nats-server';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { natsTransport } from '../../src/index.js';
import { startedEnd, until } from '../ends.js';

let server: NatsServer;
beforeAll(async () => {
  server = await startServer({ jetstream: false, websocket: false });
});
afterAll(() => server.stop());

/** A connection on which nothing comes for a while is not given up. */
const patient = { pingInterval: '60s' };

let spaces = 0;
const newSpace = (): string => `departing-${++spaces}`;

async function spaceAt(servers: string, space: string): Promise<Space> {
  const happen = initializeHappen({ transport: natsTransport({ servers, space, ...patient }) });
  onTestFinished(async () => void (await happen.close()));
  await happen.ready();
  return happen;
}

/** A process of which the server's messages can be held back, so that they come after it has closed what they are for. */
async function heldBack(): Promise<Proxy> {
  const proxy = await startProxy({ to: server.url });
  onTestFinished(() => proxy.stop());
  return proxy;
}

it('answers that nobody is there where a request meets a node that has just been closed', async () => {
  const space = newSpace();
  const proxy = await heldBack();
  const asking = await spaceAt(server.url, space);
  const leaving = await spaceAt(proxy.url, space);
  const worker = leaving.createNode('worker');
  worker.on('work', () => 'done');
  const asker = asking.createNode('asker');
  const ask = () => asker.send('worker', { type: 'work' }, { timeout: '60s' }).return();
  while ((await ask().catch(({ code }) => code)) !== 'done');

  proxy.stallOneWay('down');
  const answer = ask().catch(({ code }) => code);
  // The server has it by the time a broadcast that was sent after it comes back from somebody else.
  const told: string[] = [];
  const sentinel = await startedEnd(server.url, space);
  onTestFinished(() => sentinel.transport.stop());
  sentinel.transport.listen('sentinel', ['after'], () => void told.push('after'));
  await sentinel.flush();
  asker.broadcast({ type: 'after' });
  await until(() => told.length > 0);
  await worker.close();
  proxy.heal();
  expect(await answer).toBe('HAPPEN_NO_SUCH_NODE');
});

it.each([
  ['a frame', 10],
  ['a frame in parts', 2_500_000],
])('hands %s for a node that has just been detached to another instance of it', async (_, bytes) => {
  const space = newSpace();
  const proxy = await heldBack();
  const sender = await startedEnd(server.url, space);
  const leaving = await startedEnd(proxy.url, space, { options: patient });
  const staying = await startedEnd(server.url, space);
  onTestFinished(async () => void (await Promise.all([sender, leaving, staying].map((end) => end.transport.stop()))));
  const here = { kind: 'node', id: 'worker' } as const;
  const early: number[] = [];
  const attachment = leaving.transport.attach(here, (frame) => void early.push(frame.length));
  await until(() => sender.transport.directory.nodes().some(({ instance }) => instance === leaving.instance));

  proxy.stallOneWay('down');
  await sender.transport.publish(here, new Uint8Array(bytes).fill(7));
  await sender.flush();
  const got: Uint8Array[] = [];
  staying.transport.attach(here, (frame) => void got.push(frame));
  await staying.flush();
  attachment.close();
  proxy.heal();
  await until(() => got.length > 0);
  expect(got.map((frame) => [frame.length, frame.at(-1)])).toEqual([[bytes, 7]]);
  expect(early).toEqual([]);
  expect(sender.undeliverable).toEqual([]);
});

it('passes on what comes while the transport stops', async () => {
  const space = newSpace();
  const proxy = await heldBack();
  const sender = await startedEnd(server.url, space);
  const leaving = await startedEnd(proxy.url, space, { options: patient });
  const staying = await startedEnd(server.url, space);
  onTestFinished(async () => void (await Promise.all([sender, staying].map((end) => end.transport.stop()))));
  const here = { kind: 'node', id: 'worker' } as const;
  leaving.transport.attach(here, () => expect.unreachable());
  await leaving.flush();

  proxy.stallOneWay('down');
  await sender.transport.publish(here, new Uint8Array([1, 2, 3]));
  await sender.flush();
  const got: Uint8Array[] = [];
  staying.transport.attach(here, (frame) => void got.push(frame));
  await staying.flush();
  const stopped = leaving.transport.stop();
  proxy.heal();
  await stopped;
  await until(() => got.length > 0);
  expect(got).toEqual([new Uint8Array([1, 2, 3])]);
});

it('leaves what comes for a node that is being closed to another instance, where there is one', async () => {
  const space = newSpace();
  const sender = await startedEnd(server.url, space);
  const leaving = await startedEnd(server.url, space);
  onTestFinished(async () => void (await Promise.all([sender, leaving].map((end) => end.transport.stop()))));
  const here = { kind: 'node', id: 'worker' } as const;
  const got: string[] = [];
  const attachment = leaving.transport.attach(here, () => void got.push('leaving'));
  await leaving.flush();
  attachment.yield?.();
  await leaving.flush();
  await sender.transport.publish(here, new Uint8Array([1]));
  await until(() => got.length === 1);

  const staying = await startedEnd(server.url, space);
  onTestFinished(() => staying.transport.stop());
  staying.transport.attach(here, () => void got.push('staying'));
  await until(() => leaving.transport.directory.nodes().filter(({ id }) => id === 'worker').length === 2);
  attachment.yield?.();
  await leaving.flush();
  for (let count = 0; count < 20; count++) await sender.transport.publish(here, new Uint8Array([2]));
  await until(() => got.length === 21);
  expect(got).toEqual(['leaving', ...Array.from({ length: 20 }, () => 'staying')]);
  attachment.close();
  const workers = leaving.transport.directory.nodes().filter(({ id }) => id === 'worker');
  expect(workers.map(({ instance }) => instance)).toEqual([staying.instance]);
});
