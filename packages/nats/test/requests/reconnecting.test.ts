import { initializeHappen } from '@happen/core';
import { type NatsServer, type Proxy, startProxy, startServer } from '@happen/nats-server';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type NatsJoin, natsTransport } from '../../src/index.js';
import { type End, startedEnd, until } from '../ends.js';

let server: NatsServer;
beforeAll(async () => {
  server = await startServer({ jetstream: false, websocket: false });
});
afterAll(() => server.stop());

let spaces = 0;
const here = { kind: 'node', id: 'worker' } as const;

/** Two that have lost the server, of which one is back; the other one has a node, and comes back with `returns`. */
async function oneIsBack(): Promise<{ back: End; missing: End; got: number[]; returns: Proxy; space: string }> {
  const space = `reconnecting-${++spaces}`;
  const [ours, theirs] = await Promise.all([startProxy({ to: server.url }), startProxy({ to: server.url })]);
  const [back, missing] = await Promise.all([startedEnd(ours.url, space), startedEnd(theirs.url, space)]);
  onTestFinished(async () => {
    await Promise.all([back.transport.stop(), missing.transport.stop()]);
    await Promise.all([ours.stop(), theirs.stop()]);
  });
  const got: number[] = [];
  missing.transport.attach(here, (frame) => void got.push(frame.length));
  missing.transport.attach({ kind: 'instance', id: missing.instance }, (frame) => void got.push(frame.length));
  const isKnown = (): boolean => back.transport.directory.nodes().some(({ id }) => id === 'worker');
  await until(isKnown);
  theirs.cut();
  await until(() => missing.status.includes('disconnected'));
  ours.drop();
  await until(() => back.status.at(-1) === 'reconnected');
  expect(isKnown()).toBe(true);
  return { back, missing, got, returns: theirs, space };
}

it('keeps frames for a node whose process has yet to connect again', async () => {
  const { back, missing, got, returns } = await oneIsBack();
  await back.transport.publish(here, new Uint8Array(10));
  await back.transport.publish({ kind: 'instance', id: missing.instance }, new Uint8Array(20));
  await back.transport.publish(here, new Uint8Array(2_500_000));
  // What the server says of them is here by then.
  await back.flush();
  expect(got).toEqual([]);
  returns.heal();
  await until(() => got.length === 3);
  expect(got.sort((a, b) => a - b)).toEqual([10, 20, 2_500_000]);
  expect(back.undeliverable).toEqual([]);
});

it('says that nobody takes them once the process is gone, and at once for what nobody had', async () => {
  const { back, missing, space } = await oneIsBack();
  const frame = new Uint8Array(10);
  await back.transport.publish(here, frame);
  await back.flush();
  expect(back.undeliverable).toEqual([]);
  const nobodys = new Uint8Array(11);
  await back.transport.publish({ kind: 'node', id: 'nobody' }, nobodys);
  await until(() => back.undeliverable.includes(nobodys));
  expect(back.undeliverable).toEqual([nobodys]);
  // Silence would do as well, after six seconds.
  const herald = await connect({ servers: server.url });
  herald.publish(`${space}.here.${missing.instance}`, JSON.stringify({ kind: 'bye' }));
  await herald.flush();
  await herald.close();
  await until(() => back.undeliverable.includes(frame));
});

it('keeps no more of them than waits for the connection', async () => {
  const { back } = await oneIsBack();
  const frames = Array.from({ length: 18 }, () => new Uint8Array(1_000_000));
  for (const frame of frames) await back.transport.publish(here, frame);
  await until(() => back.undeliverable.length > 0);
  await back.flush();
  expect(back.undeliverable.map((frame) => frames.indexOf(frame as Uint8Array<ArrayBuffer>))).toEqual([16, 17]);
});

it('tells a request that could not leave within its time from one that has left and got no answer', async () => {
  const space = `reconnecting-${++spaces}`;
  const proxy = await startProxy({ to: server.url });
  const [near, far] = [proxy, server].map(({ url }) => natsTransport({ servers: url, space, reconnectTimeWait: 50 }));
  const ours = initializeHappen({ transport: near as NatsJoin });
  const theirs = initializeHappen({ transport: far as NatsJoin });
  onTestFinished(async () => {
    await Promise.all([ours.close({ timeout: 100 }), theirs.close({ timeout: 100 })]);
    await proxy.stop();
  });
  await Promise.all([ours.ready(), theirs.ready()]);
  const heard: string[] = [];
  theirs.createNode('worker').on('**', ({ type }) => {
    heard.push(type);
    return new Promise(() => {});
  });
  const asker = ours.createNode('asker');
  const codeOf = (type: string): Promise<unknown> =>
    asker
      .send('worker', { type }, { timeout: 300 })
      .return()
      .catch(({ code }: { code: string }) => code);
  await until(() => near?.directory.nodes().some(({ id }) => id === 'worker') === true);
  expect(await codeOf('left')).toBe('HAPPEN_TIMEOUT');
  expect(heard).toEqual(['left']);
  const down = new Promise<void>((resolve) => {
    ours.on('system.connection-status', ({ payload }) => {
      if ((payload as { status: string }).status === 'disconnected') resolve();
    });
  });
  proxy.cut();
  await down;
  expect(await codeOf('stayed')).toBe('HAPPEN_DISCONNECTED');
  expect(heard).toEqual(['left']);
});
