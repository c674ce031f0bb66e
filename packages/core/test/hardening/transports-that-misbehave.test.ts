import { describe, expect, it } from 'vitest';
import { initializeHappen, memoryHub } from '../../src/index.js';
import { handClock } from '../host/hand-clock.js';
import { codeOf, unhandledRejections, until } from '../talking/observing.js';
import { turn } from '../talking/worlds.js';
import { misbehaving, never } from './misbehaving.js';

describe('a transport that throws where it should reject', () => {
  it('fails what it was given, and takes what comes later', async () => {
    const hub = memoryHub();
    let broken = true;
    const transport = misbehaving(
      (sound) => ({
        publish(to, frame) {
          if (broken) throw new Error('no socket');
          return sound.publish(to, frame);
        },
      }),
      hub,
    );
    const [here, there] = [initializeHappen({ transport }), initializeHappen({ transport: hub.transport() })];
    await Promise.all([here.ready(), there.ready()]);
    const client = here.createNode('client');
    for (const id of ['a', 'b']) there.createNode(id).on('ask', () => id);
    const failed = [
      client.send('a', { type: 'ask' }).return(),
      client.send('b', { type: 'ask' }).return(),
      client.send('b', { type: 'ask' }).sent(),
      client.broadcast({ type: 'news' }).sent(),
    ];
    for (const each of failed) expect(await codeOf(each)).toBe('HAPPEN_DISCONNECTED');
    broken = false;
    expect(await client.send('a', { type: 'ask' })).toBe('a');
    expect(await client.send('b', { type: 'ask' })).toBe('b');
  });

  it('at attaching its own address: the space is not connected, and says so', async () => {
    const transport = misbehaving(() => ({
      attach() {
        throw new TypeError('no such queue');
      },
    }));
    const space = initializeHappen({ transport });
    const client = space.createNode('client');
    const asked = client.send('far', { type: 'ask' }).return();
    const sent = client.send('far', { type: 'ask' }).sent();
    for (const each of [space.ready(), asked, sent]) expect(await codeOf(each)).toBe('HAPPEN_DISCONNECTED');
    expect(await space.close()).toEqual({ unfinished: [] });
  });

  it('at listening: it is told, and nodes work within the process', async () => {
    using rejections = unhandledRejections();
    const transport = misbehaving(() => ({
      listen() {
        throw new Error('no such exchange');
      },
    }));
    const space = initializeHappen({ transport });
    const told: unknown[] = [];
    space.on('node.error', ({ payload }) => told.push(payload));
    await space.ready();
    const [client, server] = [space.createNode('client'), space.createNode('server')];
    server.on('ask', () => 'answer');
    client.on('news', () => {});
    await until('both are told', () => told.length === 2);
    expect(told).toMatchObject([
      { nodeId: 'server', code: 'HAPPEN_DISCONNECTED' },
      { nodeId: 'client', code: 'HAPPEN_DISCONNECTED' },
    ]);
    expect(await client.send(server, { type: 'ask' })).toBe('answer');
    expect(rejections.reasons).toEqual([]);
  });
});

describe('a transport that was stopped by somebody else', () => {
  it('lets nodes be made and handlers registered', async () => {
    using rejections = unhandledRejections();
    const transport = misbehaving(() => ({}));
    const space = initializeHappen({ transport });
    const client = space.createNode('client');
    await space.ready();
    await transport.stop();
    client.on('news', () => {});
    const server = space.createNode('server');
    server.on('ask', () => 'answer');
    expect(await client.send(server, { type: 'ask' })).toBe('answer');
    expect(await codeOf(client.send('far', { type: 'ask' }))).toBe('HAPPEN_CLOSED');
    await turn();
    expect(rejections.reasons).toEqual([]);
    expect(await space.close()).toEqual({ unfinished: [] });
  });
});

describe('a transport that never comes to an end', () => {
  it('with stopping and publishing does not keep a space from closing, nor a receipt pending', async () => {
    const clock = handClock();
    const space = initializeHappen({ clock, transport: misbehaving(() => ({ publish: never, stop: never })) });
    await space.ready();
    const client = space.createNode('client');
    const receipts = [client.send('far', { type: 'x' }).sent(), client.broadcast({ type: 'x' }).sent()];
    await turn();
    const closing = space.close({ timeout: 100 });
    await turn();
    clock.advance(2_000);
    expect(await closing).toEqual({ unfinished: [] });
    for (const receipt of receipts) expect(await codeOf(receipt)).toBe('HAPPEN_CLOSED');
  });

  it('with starting leaves no receipt pending, of a request that ran out of time neither', async () => {
    const clock = handClock();
    const space = initializeHappen({ clock, transport: misbehaving(() => ({ start: never })) });
    const client = space.createNode('client');
    const request = client.send('far', { type: 'x' }, { timeout: 100 });
    const receipts = [request.sent(), client.send('far', { type: 'x' }).sent()];
    const answer = request.return();
    await turn();
    clock.advance(200);
    expect(await codeOf(answer)).toBe('HAPPEN_DISCONNECTED');
    const closing = space.close({ timeout: 100 });
    await turn();
    clock.advance(2_000);
    expect(await closing).toEqual({ unfinished: [] });
    for (const receipt of receipts) expect(['HAPPEN_DISCONNECTED', 'HAPPEN_CLOSED']).toContain(await codeOf(receipt));
  });
});

describe('a transport that only changes the order', () => {
  it('loses nothing, however much its sender has sent to others meanwhile', async () => {
    const hub = memoryHub({ reorder: 0.1 });
    const [here, there] = [
      initializeHappen({ transport: hub.transport() }),
      initializeHappen({ transport: hub.transport() }),
    ];
    await Promise.all([here.ready(), there.ready()]);
    const [client, listener] = [here.createNode('client'), there.createNode('listener')];
    const heard = new Set<string>();
    listener.on('**', ({ type }) => void heard.add(type));
    await turn();
    for (let number = 0; number < 2_000; number++) client.broadcast({ type: `t${number}` });
    await until('all have arrived', () => hub.counts().delivered >= 2_000);
    await turn();
    expect(heard.size).toBe(2_000);
    expect(hub.counts().reordered).toBeGreaterThan(0);
  });
});
