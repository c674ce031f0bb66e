import { describe, expect, it } from 'vitest';
import { initializeHappen, memoryHub, type MemoryHubOptions } from '../../src/index.js';
import { until } from '../talking/observing.js';
import { type TestSpace, turn } from '../talking/worlds.js';
import { heldMegabytes } from './garbage.js';
import { forgedDelivery, forgedEvent, idleMessage, instanceName, intruder } from './intruder.js';

/** So seldom that it never happens in a test; but receivers have to reckon with it. */
const seldom = 1e-12;

async function world(options: MemoryHubOptions) {
  const hub = memoryHub(options);
  const [here, there] = [0, 1].map(() => initializeHappen({ transport: hub.transport() })) as [TestSpace, TestSpace];
  await Promise.all([here.ready(), there.ready()]);
  return {
    here,
    there,
    client: here.createNode('client'),
    server: there.createNode('server'),
    evil: await intruder(hub),
  };
}

const toServer = { kind: 'node', id: 'server' } as const;

describe.each([
  ['frames may come twice', { duplicate: seldom }],
  ['frames may come twice or be lost', { duplicate: seldom, drop: seldom }],
])('where %s', (_, options) => {
  it.each([2 ** 53 - 1, 2 ** 40, 2 ** 30])(
    'a frame with the number %d in the name of another does not silence him',
    async (sequence) => {
      const { client, server, there, evil } = await world(options);
      const heard: unknown[] = [];
      server.on('ask', () => 'answer');
      server.on('news', ({ payload }) => void heard.push(payload));
      await turn();
      const name = evil.overhear('news');
      await client.broadcast({ type: 'news', payload: 1 }).sent();
      const from = await name;
      const broadcast = { kind: 'broadcast', type: 'news', sender: 'client' } as const;
      const { framesReceived } = there.metrics().link ?? { framesReceived: 0 };
      for (const to of [toServer, broadcast]) evil.publish(to, from, sequence, [idleMessage]);
      await until('both have arrived', () => (there.metrics().link?.framesReceived ?? 0) >= framesReceived + 2);
      expect(await client.send('server', { type: 'ask' }, { timeout: '5s' })).toBe('answer');
      client.broadcast({ type: 'news', payload: 2 });
      await until('it is heard', () => heard.length === 2);
      expect(heard).toEqual([1, 2]);
    },
  );

  it('frames of invented senders take no more memory than is set aside, however many nodes listen', async () => {
    const { there, evil } = await world(options);
    const [nodes, senders] = [100, 1_024];
    for (let number = 0; number < nodes; number++) there.createNode(`n${number}`).on('news', () => {});
    await turn();
    const before = await heldMegabytes();
    const broadcast = { kind: 'broadcast', type: 'news', sender: 'somebody' } as const;
    for (let number = 0; number < senders; number++) {
      evil.publish(broadcast, instanceName(number), 1, [idleMessage]);
      if (number % 64 === 0) await turn();
    }
    await until('all have arrived', () => (there.metrics().link?.framesReceived ?? 0) >= nodes * senders);
    expect((await heldMegabytes()) - before).toBeLessThan(20);
  });
});

describe('what no space makes', () => {
  const one = forgedEvent('news');
  const direct = { target: 'server' };
  const hostile = {
    'a sender that is no instance': { from: 'x'.repeat(512), messages: [idleMessage] },
    'a frame without messages': { from: instanceName(1), messages: [] },
    'a broadcast of a batch': {
      from: instanceName(1),
      messages: [forgedDelivery({ events: [one, one], batch: true })],
    },
    'a batch of several types': {
      from: instanceName(1),
      messages: [forgedDelivery({ ...direct, events: [forgedEvent('other'), one], batch: true })],
    },
    'an event of the framework’s own': {
      from: instanceName(1),
      messages: [forgedDelivery({ ...direct, events: [forgedEvent('node.error')] })],
    },
    'an event of a sender that no node can be': {
      from: instanceName(1),
      messages: [forgedDelivery({ ...direct, events: [forgedEvent('news', 1, 'tenant:acme')] })],
    },
  };

  it.each(Object.entries(hostile))('is refused, and changes nothing for others: %s', async (_, { from, messages }) => {
    const { client, server, there, evil } = await world({});
    const heard: unknown[] = [];
    for (const pattern of ['news', 'node.*', 'system.*']) server.on(pattern, (event) => void heard.push(event));
    server.on('ask', () => 'answer');
    await turn();
    for (const to of [toServer, { kind: 'broadcast', type: 'news', sender: 'somebody' } as const])
      evil.publish(to, from, 1, messages);
    await until('both have arrived', () => there.metrics().link?.framesReceived === 2);
    expect(there.metrics().link?.malformed).toBe(2);
    expect(await client.send('server', { type: 'ask' })).toBe('answer');
    expect(heard).toEqual([]);
    evil.publish(toServer, instanceName(1), 1, [forgedDelivery({ ...direct, events: [one] })]);
    await until('what is in order is heard', () => heard.length === 1);
  });

  it('is of no concern to a listener: a broadcast of another type than it listens to', async () => {
    const { server, there, evil } = await world({});
    const heard: unknown[] = [];
    for (const pattern of ['news', 'node.*'])
      server.on(pattern, ({ type, payload }) => void heard.push([type, payload]));
    await turn();
    const broadcast = { kind: 'broadcast', type: 'news', sender: 'somebody' } as const;
    evil.publish(broadcast, instanceName(1), 1, [forgedDelivery({ events: [forgedEvent('other')] })]);
    evil.publish(broadcast, instanceName(1), 2, [forgedDelivery({ events: [forgedEvent('news', 'sentinel')] })]);
    await until('the sentinel is heard', () => heard.length > 0);
    expect(heard).toEqual([['news', 'sentinel']]);
    expect(there.metrics().nodes.unhandled).toBe(0);
  });
});
