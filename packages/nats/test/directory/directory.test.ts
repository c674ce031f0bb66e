import { connect } from '@nats-io/transport-node';
import { initializeHappen, type Space, type SystemEvent } from '@happen/core';
import { type NatsServer, startProxy, startServer } from '@happen/nats-server';
import { eachServer } from '@happen/nats-server/vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { natsTransport } from '../../src/index.js';
import { startedEnd, until } from '../ends.js';

describe.each(eachServer)('the directory, on the $version server', ({ version }) => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startServer({ serverVersion: version, jetstream: false });
  });
  afterAll(() => server.stop());

  it('tells who lives where, with what patterns and keys, also to those who come later', async () => {
    const space = `who-${version}`;
    await using a = await startedEnd(server.url, space);
    await using b = await startedEnd(server.url, space);
    const changes: string[] = [];
    const end = b.transport.directory.watch(({ kind, node }) => void changes.push(`${kind} ${node.id}`));
    const publicKey = new Uint8Array(32).fill(7);
    const attachment = a.transport.attach({ kind: 'node', id: 'n' }, () => {}, {
      exclusive: true,
      publicKey: () => publicKey,
    });
    a.transport.listen('n', ['order.*'], () => {});
    const expected = {
      id: 'n',
      instance: a.instance,
      patterns: ['order.*'],
      delivery: 'at-most-once',
      exclusive: true,
      publicKey: Buffer.from(publicKey).toString('hex'),
    };
    const seenBy = (one: typeof a): unknown => one.transport.directory.nodes().find(({ id }) => id === 'n');
    await until(() => JSON.stringify(seenBy(b)) === JSON.stringify(expected));
    await using c = await startedEnd(server.url, space);
    await until(() => seenBy(c) !== undefined);
    expect(seenBy(c)).toEqual(expected);
    attachment.close();
    await until(() => seenBy(b) === undefined && seenBy(c) === undefined);
    expect(changes[0]).toBe('added n');
    expect(changes.at(-1)).toBe('removed n');
    end();
  });

  it.concurrent('knows at once that an instance has said goodbye, and within eight seconds that one has not', async () => {
    const space = `gone-${version}`;
    await using proxy = await startProxy({ to: server.url });
    await using a = await startedEnd(server.url, space);
    const polite = await startedEnd(server.url, space);
    await using dead = await startedEnd(proxy.url, space);
    for (const end of [polite, dead]) end.transport.attach({ kind: 'node', id: end.instance }, () => {});
    const knows = (instance: string): boolean =>
      a.transport.directory.nodes().some((node) => node.instance === instance);
    await until(() => knows(polite.instance) && knows(dead.instance));
    await polite.transport.stop();
    await until(() => a.gone.includes(polite.instance), 2_000);
    proxy.cut();
    const begun = performance.now();
    await until(() => a.gone.includes(dead.instance), 12_000);
    const took = performance.now() - begun;
    expect(took).toBeGreaterThan(3_000);
    expect(took).toBeLessThan(8_500);
    expect(knows(dead.instance)).toBe(false);
    proxy.heal();
    await until(() => knows(dead.instance));
  });

  it.concurrent('fails what was asked of a process that dies', async () => {
    const space = `asked-${version}`;
    await using proxy = await startProxy({ to: server.url });
    const transport = natsTransport({ servers: server.url, space });
    const here = initializeHappen({ transport });
    await here.ready();
    const { directory } = transport;
    const there = await spaceAt(proxy.url, space);
    let begun = false;
    const worker = there.createNode('worker');
    worker.on('t', () => {
      begun = true;
      return new Promise(() => {});
    });
    const asker = here.createNode('asker');
    await here.ready();
    await until(() => directory.nodes().some(({ id }) => id === 'worker'));
    const asked = asker.send('worker', { type: 't' }, { timeout: '30s' }).return();
    const outcome = Promise.resolve(asked).then(
      () => 'answered',
      (error: { code: string }) => error.code,
    );
    await until(() => begun);
    proxy.cut();
    const started = performance.now();
    expect(await outcome).toBe('HAPPEN_DISCONNECTED');
    expect(performance.now() - started).toBeLessThan(9_000);
    await Promise.all([here.close({ timeout: 100 }), there.close({ timeout: 100 })]);
  });

  it('reports an exclusive node that lives in two processes to both', async () => {
    const space = `exclusive-${version}`;
    const spaces = await Promise.all([spaceAt(server.url, space), spaceAt(server.url, space)]);
    const conflicts = spaces.map((one) => {
      const heard: SystemEvent[] = [];
      one.on('system.node-conflict', (event) => void heard.push(event));
      return heard;
    });
    for (const one of spaces) one.createNode('leader', { exclusive: true });
    await until(() => conflicts.every((heard) => heard.length > 0));
    expect(conflicts.map((heard) => heard.length)).toEqual([1, 1]);
    await Promise.all(spaces.map((one) => one.close()));
  });

  it('survives hostile announcements, without growing for ever', async () => {
    const space = `hostile-${version}`;
    await using a = await startedEnd(server.url, space);
    await using b = await startedEnd(server.url, space);
    b.transport.attach({ kind: 'node', id: 'honest' }, () => {});
    const intruder = await connect({ servers: server.url });
    const say = (instance: string, value: unknown): void =>
      intruder.publish(`${space}.here.${instance}`, typeof value === 'string' ? value : JSON.stringify(value));
    for (const odd of [
      '',
      '{',
      'null',
      '[]',
      '"x"',
      '\ud800',
      '{"kind":"all"}',
      '[1e999]',
      '{"__proto__":{"kind":"bye"}}',
    ]) {
      say('odd', odd);
    }
    say('odd', {
      kind: 'all',
      revision: 1,
      part: 0,
      parts: 1,
      nodes: [{ id: 'x'.repeat(10_000), patterns: [], exclusive: false }],
    });
    say('odd', { kind: 'all', revision: 1e308, part: -1, parts: 2, nodes: [] });
    say('odd', { kind: 'all', revision: 1, part: 0, parts: 1, nodes: Array.from({ length: 5_000 }, () => null) });
    for (let n = 0; n < 6_000; n++) say(`many-${n}`, { kind: 'beat', revision: 3 });
    for (let n = 0; n < 600; n++) {
      const nodes = Array.from({ length: 50 }, (_, k) => ({ id: `n${n}-${k}`, patterns: ['a'], exclusive: false }));
      say('many-1', { kind: 'all', revision: n, part: 0, parts: 1, nodes });
      say(`many-${n}`, { kind: 'change', revision: 4, nodes, gone: [] });
    }
    await intruder.flush();
    let last = false;
    a.transport.listen('g', ['the.last'], () => void (last = true));
    await a.flush();
    await b.publish('the.last', 'x');
    await until(() => last);
    const found = a.transport.directory.nodes();
    expect(found.some(({ id }) => id === 'honest')).toBe(true);
    expect(found.length).toBeLessThan(20_100);
    expect(a.status).toEqual(['connected']);
    await intruder.close();
  });
});

async function spaceAt(servers: string, name: string): Promise<Space> {
  const space = initializeHappen({ transport: natsTransport({ servers, space: name, reconnectTimeWait: 50 }) });
  await space.ready();
  return space;
}
