import { describe, expect, it, type TestContext } from 'vitest';
import { startCluster, type NatsCluster } from '../src/index.js';
import { eachServer } from '../src/vitest.js';
import { Wire } from './wire.js';

async function wireTo(url: string, { onTestFinished }: TestContext) {
  const wire = await Wire.to(url);
  onTestFinished(() => wire.end());
  await wire.greet();
  return wire;
}

/** Publishes to a stream, once the server has heard that it listens: until then it says that nobody does, and nothing is stored. */
async function stored(wire: Wire, subject: string, text: string) {
  for (;;) {
    const answer = await wire.request(subject, text);
    if (!answer.startsWith('HMSG')) return answer;
  }
}

async function leaderOf(cluster: NatsCluster) {
  const leader = await cluster.leader();
  if (leader === undefined) throw new Error('There is no leader.');
  return leader;
}

// Elections are waited for, which both can do at a time.
describe.concurrent.each(eachServer)('three $version servers', ({ version: serverVersion }) => {
  it('are one, keep replicated data while one is away, and take it back', async (test) => {
    const cluster = await startCluster({ serverVersion });
    test.onTestFinished(() => cluster.stop());
    const { servers } = cluster;
    for (const { monitoringUrl } of servers) {
      const response = await fetch(`${monitoringUrl}/jsz`);
      expect(await response.json()).toMatchObject({ meta_cluster: { cluster_size: 3 } });
    }
    expect(new Set([...cluster.urls, ...cluster.webSocketUrls]).size).toBe(6);
    expect(new Set(servers.map(({ version }) => version)).size).toBe(1);

    const [first, second] = [await wireTo(cluster.urls[0] ?? '', test), await wireTo(cluster.urls[1] ?? '', test)];
    first.say('SUB across 1');
    await first.ping();
    // Interest crosses the route before what is sent back on it.
    await expect
      .poll(
        async () => {
          second.say('PUB across 2', 'hi');
          await second.ping();
          await first.ping();
          return first.unheard;
        },
        { timeout: 20_000 },
      )
      .toContain('hi');
    await first.end();
    await second.end();

    const killed = await leaderOf(cluster);
    const living = servers.find((server) => server !== killed);
    const wire = await wireTo(living?.url ?? '', test);
    const created = await wire.request('$JS.API.STREAM.CREATE.s', '{"name":"s","subjects":["s"],"num_replicas":3}');
    expect(created).toContain('"did_create":true');
    await cluster.whenReady();
    expect(await stored(wire, 's', 'one')).toContain('"seq":1');

    await killed.kill();
    await cluster.whenReady();
    expect(await leaderOf(cluster)).not.toBe(killed);
    expect(await stored(wire, 's', 'two')).toContain('"seq":2');

    await killed.restart();
    await cluster.whenReady();
    const again = await wireTo(killed.url, test);
    expect(await again.request('$JS.API.STREAM.INFO.s')).toContain('"messages":2,');
    const response = await fetch(`${killed.monitoringUrl}/jsz?streams=true`);
    expect(await response.text()).toMatch(/"messages": 2,/);
  });
});

it('has as many servers as are asked for, and JetStream only if it is wanted', async ({ onTestFinished }) => {
  const cluster = await startCluster({ size: 2, jetstream: false, websocket: false });
  onTestFinished(() => cluster.stop());
  expect(cluster.servers).toHaveLength(2);
  expect(cluster.webSocketUrls).toEqual([]);
  expect(await cluster.leader()).toBeUndefined();
});

it.each([1, 10, 2.5])('refuses a size of %d', async (size) => {
  await expect(startCluster({ size })).rejects.toThrow(RangeError);
});
