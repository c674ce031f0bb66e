import { setTimeout as pause } from 'node:timers/promises';
import { initializeHappen, isHappenError, type Space } from '@happen/core';
import { startServer } from '@happen/nats-server';
import { eachServer } from '@happen/nats-server/vitest';
import { describe, expect, it } from 'vitest';
import { natsTransport } from '../../src/index.js';
import { until } from '../ends.js';

async function spaceAt(servers: string): Promise<Space> {
  const space = initializeHappen({ transport: natsTransport({ servers, reconnectTimeWait: 50 }) });
  await space.ready();
  return space;
}

describe.each(eachServer)('on the $version server', ({ version }) => {
  it('answers 20 000 requests or says why not while the server is killed and comes back, and goes on afterwards', async () => {
    await using server = await startServer({ serverVersion: version, jetstream: false });
    const spaces = await Promise.all([spaceAt(server.url), spaceAt(server.url)]);
    const [asking, answering] = spaces as [Space, Space];
    const asker = asking.createNode('asker');
    const worker = answering.createNode('worker');
    worker.on('double', ({ payload }) => payload * 2);
    const heard: unknown[] = [];
    worker.on('news.*', ({ payload }) => void heard.push(payload));
    const statuses: string[] = [];
    asking.on('system.connection-status', ({ payload }) => void statuses.push(payload.status));
    // Two connections: what one has subscribed to, the server may hear of after what the other one sends.
    const askOnceThere = async (number: number): Promise<unknown> => {
      const begun = performance.now();
      for (;;) {
        try {
          return await asker.send('worker', { type: 'double', payload: number }, { timeout: '5s' }).return();
        } catch (error) {
          if (!isHappenError(error, 'HAPPEN_NO_SUCH_NODE') || performance.now() - begun > 10_000) throw error;
          await pause(10);
        }
      }
    };
    await askOnceThere(1);

    const count = 20_000;
    let answered = 0;
    let wrong = 0;
    const codes = new Map<string, number>();
    const kill = (async () => {
      await until(() => answered > count / 10);
      await server.kill();
      await until(() => statuses.includes('disconnected'));
      await server.restart();
    })();
    const ask = async (number: number): Promise<void> => {
      try {
        const answer = await asker.send('worker', { type: 'double', payload: number }, { timeout: '3s' }).return();
        if (answer === number * 2) answered++;
        else wrong++;
      } catch (error) {
        if (!isHappenError(error)) throw error;
        codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
        // Who is told at once that nobody is there would otherwise be through before anybody is back.
        await pause(20);
      }
    };
    // A hundred at a time, so that there are some before, during and after.
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < count) await ask(next++);
    };
    await Promise.all([kill, ...Array.from({ length: 100 }, lane)]);
    const failed = [...codes.values()].reduce((sum, one) => sum + one, 0);
    expect({ wrong, all: answered + failed }).toEqual({ wrong: 0, all: count });
    for (const code of codes.keys()) {
      expect(['HAPPEN_TIMEOUT', 'HAPPEN_DISCONNECTED', 'HAPPEN_NO_SUCH_NODE']).toContain(code);
    }
    expect(answered).toBeGreaterThan(count / 2);

    await until(() => statuses.includes('reconnected'));
    // The other one may be back a little later.
    expect(await askOnceThere(21)).toBe(42);
    asker.broadcast({ type: 'news.today', payload: 'back' });
    await until(() => heard.includes('back'));
    await Promise.all(spaces.map(({ close }) => close()));
  });
});
