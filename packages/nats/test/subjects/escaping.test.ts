import { type NatsServer, startServer } from '@happen/nats-server';
import { eachServer } from '@happen/nats-server/vitest';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Subjects } from '../../src/subjects/subjects.js';
import { startedEnd, until } from '../ends.js';

/** What protocols, wildcards, escapes and encodings are made of. */
const oddities = fc.constantFrom(
  ...['.', '*', '>', '$', ' ', '\t', '\r\n', '\0', '=', '%', '%2E', '=002e', '\\', '"', "'", '/', ':', '-', '_'],
  ...[
    'ü',
    'u\u0308',
    '日本',
    '😀',
    '\ud800',
    '\udc00',
    '\u00a0',
    '\u2028',
    '\ufeff',
    'A',
    'a',
    '0',
    'long',
    '=long',
    'PUB x 1',
  ],
);
const names = fc.oneof(
  fc.array(oddities, { maxLength: 8 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.nat({ max: 512 }).map((length) => '日'.repeat(length)),
  fc.nat({ max: 255 }).map((length) => 'a.'.repeat(length) + 'a'),
  fc.nat({ max: 512 }).map((length) => '.'.repeat(length)),
);

describe('subjects', () => {
  const subjects = new Subjects('s');

  it('differ for different ids, and are one token', () => {
    fc.assert(
      fc.property(names, names, (one, other) => {
        const subject = subjects.node(one);
        expect(subject).toMatch(/^s\.node\.[A-Za-z0-9_=-]+$/);
        if (one !== other) expect(subjects.node(other)).not.toBe(subject);
        expect(new TextEncoder().encode(subject).length).toBeLessThan(3_000);
      }),
      { numRuns: 2_000 },
    );
  });

  it('leave room for the rest of the line that a server takes', () => {
    fc.assert(
      fc.property(names, names, (sender, type) => {
        expect(new TextEncoder().encode(subjects.broadcast(sender, type)).length).toBeLessThan(4_000);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe.each(eachServer)('on the $version server', ({ version }) => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startServer({ serverVersion: version, jetstream: false });
  });
  afterAll(() => server.stop());

  it('brings every frame to the node of its id and every broadcast to those who asked for its type', async () => {
    await using a = await startedEnd(server.url, `fuzz-${version}`);
    await using b = await startedEnd(server.url, `fuzz-${version}`);
    const found = [...new Set(fc.sample(names, { numRuns: 400, seed: 7 }))].filter((name) => name !== '');
    const atNodes: string[][] = found.map(() => []);
    const atGroups: string[][] = found.map(() => []);
    const text = (frame: Uint8Array): string => new TextDecoder().decode(frame);
    const isPattern = (type: string): boolean => /[*{},]/.test(type) || type.split('.').includes('');
    for (const [index, name] of found.entries()) {
      b.transport.attach({ kind: 'node', id: name }, (frame) => void atNodes[index]?.push(text(frame)));
      b.transport.listen(`group ${index}`, [name], (frame) => void atGroups[index]?.push(text(frame)));
    }
    let last = false;
    b.transport.listen('last', ['the.last'], () => void (last = true));
    await b.flush();
    for (const [index, name] of found.entries()) {
      await a.transport.publish({ kind: 'node', id: name }, new TextEncoder().encode(`node ${index}`));
      await a.transport.publish(
        { kind: 'broadcast', type: name, sender: name },
        new TextEncoder().encode(`type ${index}`),
      );
    }
    await a.publish('the.last', 'x');
    await until(() => last);
    for (const [index, name] of found.entries()) {
      expect(atNodes[index], JSON.stringify(name)).toEqual([`node ${index}`]);
      // What has a star in it asks for more.
      if (!isPattern(name)) expect(atGroups[index], JSON.stringify(name)).toContain(`type ${index}`);
    }
    expect(a.status).toEqual(['connected']);
    expect(b.status).toEqual(['connected']);
    expect(a.undeliverable).toEqual([]);
  });

  it('refuses ids and types that no line of the protocol holds, and goes on', async () => {
    await using a = await startedEnd(server.url, `long-${version}`);
    const long = '日'.repeat(10_000);
    const frame = new Uint8Array(10);
    for (const publish of [
      () => a.transport.publish({ kind: 'node', id: long }, frame),
      () => a.transport.publish({ kind: 'instance', id: long }, frame),
      () => a.transport.publish({ kind: 'broadcast', type: 't', sender: long }, frame),
    ]) {
      await expect(publish()).rejects.toMatchObject({ code: 'HAPPEN_INVALID_NODE_ID' });
    }
    expect(() => a.transport.attach({ kind: 'node', id: long }, () => {})).toThrow(
      expect.objectContaining({ code: 'HAPPEN_INVALID_NODE_ID' }),
    );
    expect(() => a.transport.listen(long, ['t'], () => {})).toThrow(
      expect.objectContaining({ code: 'HAPPEN_INVALID_NODE_ID' }),
    );
    await a.flush();
    expect(a.status).toEqual(['connected']);
  });

  it('lets a process that listens to order.* receive no frame of telemetry', async () => {
    await using a = await startedEnd(server.url, `count-${version}`);
    await using b = await startedEnd(server.url, `count-${version}`);
    let orders = 0;
    b.transport.listen('g', ['order.*'], () => void orders++);
    await b.flush();
    const before = await received(server, b.instance);
    for (let n = 0; n < 500; n++) await a.publish('telemetry.temperature', 'x'.repeat(100));
    for (let n = 0; n < 10; n++) await a.publish('order.submitted', 'y');
    await until(() => orders === 10);
    const after = await received(server, b.instance);
    // The orders, and at most a few words of who is there.
    expect(after - before).toBeGreaterThanOrEqual(10);
    expect(after - before).toBeLessThan(20);
  });
});

/** How many messages the server has sent to the connection of this name. */
async function received(server: NatsServer, name: string): Promise<number> {
  const answer = await fetch(`${server.monitoringUrl}/connz`);
  const { connections } = (await answer.json()) as { connections: { name?: string; out_msgs: number }[] };
  const found = connections.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no connection is named ${name}`);
  return found.out_msgs;
}
