import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../../testing/src/clock/virtual-clock.js';
import {
  type HappenEvent,
  initializeHappen,
  memoryHub,
  type SecurityConfig,
  type SpaceConfig,
} from '../../src/index.js';
import { hostCrypto } from '../../src/host/node.js';
import { codeOf, failureOf, gate, unhandledRejections, until, upTo } from '../talking/observing.js';
import { turn } from '../talking/worlds.js';
import { keyOf, seeds } from './forger.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const sign = (hash: string): Uint8Array => hostCrypto.sign(bytesOf(hash), seeds.client) as Uint8Array;
const verify = (hash: string, signature: unknown): boolean =>
  signature instanceof Uint8Array && hostCrypto.verify(bytesOf(hash), signature, keyOf(seeds.client)) === true;

/** `client` in a space that signs as given, `server` in one that verifies as given; both in one where there is no hub. */
async function world(given: SecurityConfig, their: SecurityConfig | undefined, config: SpaceConfig<[]> = {}) {
  const hub = memoryHub();
  const here = initializeHappen({ ...config, transport: hub.transport(), security: given });
  const there = initializeHappen({ ...config, transport: hub.transport(), ...(their && { security: their }) });
  await Promise.all([here.ready(), there.ready()]);
  const [client, server, near] = [here.createNode('client'), there.createNode('server'), here.createNode('near')];
  for (const node of [server, near]) {
    node.on('integrity', ({ context }) => context['integrity'] as unknown);
    node.on('ask', ({ payload }) => `answer to ${String(payload)}`);
  }
  return { here, there, client, server, near };
}

describe("a user's own signer", () => {
  it.each(['freeze', 'copy', 'trust'] as const)(
    'signs what is sent, wherever it goes, isolation %s',
    async (isolation) => {
      const { client } = await world({ sign }, { verify }, { isolation });
      for (const target of ['server', 'near']) {
        const context = { integrity: { by: 'key-1' } };
        const integrity = await client.send(target, { type: 'integrity', payload: { deep: [1] }, context });
        expect(integrity).toMatchObject({ by: 'key-1' });
        expect((integrity as { signature: Uint8Array }).signature).toHaveLength(64);
      }
    },
  );

  it('is given the hash that the receiver sees, and the event', async () => {
    const given: [string, HappenEvent][] = [];
    const { client, server, there } = await world({ sign: (...all) => given.push(all) }, undefined);
    const heard: HappenEvent[] = [];
    server.on('news', (event) => void heard.push(event));
    await turn();
    client.broadcast({ type: 'news', payload: 1 });
    await until('it is heard', () => heard.length === 1);
    expect(given).toHaveLength(1);
    expect(given[0]?.[0]).toBe(heard[0]?.context.causal.hash);
    expect(given[0]?.[1]).toMatchObject({ type: 'news', payload: 1 });
    expect(heard[0]?.context['integrity']).toEqual({ signature: 1 });
    expect(there.metrics().link?.hashMismatches).toBe(0);
  });

  it('signs each event of a batch', async () => {
    const { client, server } = await world({ sign }, { verify });
    server.on('many', (events: unknown) =>
      (events as HappenEvent[]).every(({ context }) => verify(context.causal.hash, context['integrity'].signature)),
    );
    expect(await client.send('server', [{ type: 'many' }, { type: 'many' }])).toBe(true);
  });

  const failing: Record<string, NonNullable<SecurityConfig['sign']>> = {
    throws: () => {
      throw new Error('no key');
    },
    rejects: () => Promise.reject(new Error('no key')),
    'gives nothing': () => undefined,
    'gives nothing later': async () => undefined,
  };
  it.each(Object.entries(failing))('that %s fails what is sent with a code, and nothing arrives', async (_, broken) => {
    using rejections = unhandledRejections();
    const { client, near, server } = await world({ sign: broken }, undefined);
    const heard: unknown[] = [];
    for (const node of [near, server]) node.on('news', (event) => void heard.push(event));
    await turn();
    for (const target of ['server', 'near'])
      expect(await codeOf(client.send(target, { type: 'ask' }))).toBe('HAPPEN_SIGNING_FAILED');
    expect(await codeOf(client.send('near', [{ type: 'ask' }, { type: 'ask' }]))).toBe('HAPPEN_SIGNING_FAILED');
    expect(await codeOf(client.broadcast({ type: 'news' }).sent())).toBe('HAPPEN_SIGNING_FAILED');
    await turn();
    expect(heard).toEqual([]);
    expect(rejections.reasons).toEqual([]);
  });

  it('gives what can’t cross a wire: that is said too', async () => {
    const { client } = await world({ sign: () => () => {} }, undefined);
    expect(await codeOf(client.send('server', { type: 'ask' }))).toBe('HAPPEN_NOT_SERIALISABLE');
  });

  it('that answers later keeps the order of what a node sends, near and far', async () => {
    let calls = 0;
    const uneven: SecurityConfig['sign'] = (hash) => {
      const turns = (calls++ * 7) % 5;
      if (turns === 3) return hash;
      return (async () => {
        for (let left = turns; left > 0; left--) await turn();
        return hash;
      })();
    };
    const { client, server, near } = await world({ sign: uneven }, undefined);
    const heard: Record<string, unknown[]> = { server: [], near: [] };
    for (const node of [server, near]) node.on('step', ({ payload }) => void heard[node.id]?.push(payload));
    for (const number of upTo(30)) {
      for (const target of ['server', 'near']) client.send(target, { type: 'step', payload: number });
      if (number % 4 === 0) await turn();
    }
    await until('all is heard', () => heard['server']?.length === 30 && heard['near']?.length === 30);
    expect(heard).toEqual({ server: upTo(30), near: upTo(30) });
  });

  it('that never answers is given up, and a signal calls off what waits for it', async () => {
    const clock = virtualClock();
    const { client } = await world({ sign: () => new Promise(() => {}) }, undefined, { clock });
    const abort = new AbortController();
    const calledOff = client.send('near', { type: 'ask' }, { signal: abort.signal }).return();
    const asked = client.send('near', { type: 'ask' }).return();
    await turn();
    abort.abort();
    expect(await codeOf(calledOff)).toBe('HAPPEN_CANCELLED');
    const outcome = failureOf(asked);
    await clock.advance(30_000);
    expect((await outcome).code).toBe('HAPPEN_SIGNING_FAILED');
  });

  it('is waited for when the space closes', async () => {
    const signed = gate<string>();
    const { client, here, server } = await world({ sign: () => signed.passed }, undefined);
    const heard: unknown[] = [];
    server.on('news', ({ payload }) => void heard.push(payload));
    client.send('server', { type: 'news', payload: 'the last' });
    await turn();
    const closing = here.close();
    await turn();
    signed.open('signature');
    await closing;
    await until('it is heard', () => heard.length === 1);
  });
});

describe("a user's own check", () => {
  const refusing: Record<string, NonNullable<SecurityConfig['verify']>> = {
    'says no': () => false,
    'says no later': async () => false,
    'says something else': (() => 'yes') as never,
    throws: () => {
      throw new Error('broken');
    },
    rejects: () => Promise.reject(new Error('broken')),
  };
  it.each(Object.entries(refusing))('that %s keeps an event out, and its asker hears of it', async (_, refuse) => {
    const { client, server, there } = await world({ sign }, { verify: refuse });
    const heard: unknown[] = [];
    server.on('news', (event) => void heard.push(event));
    await turn();
    const told: unknown[] = [];
    there.on('system.frame-refused', ({ payload }) => void told.push(payload));
    client.broadcast({ type: 'news' });
    const error = await failureOf(client.send('server', { type: 'ask' }));
    expect(error).toMatchObject({ code: 'HAPPEN_SIGNATURE_REFUSED', details: { type: 'ask' } });
    await until('both are told', () => told.length === 2);
    expect(told).toEqual([1, 2].map(() => ({ reason: 'event-signature', nodeId: 'client' })));
    expect(there.metrics().link?.refused['event-signature']).toBe(2);
    expect(heard).toEqual([]);
  });

  it('sees what has no signature, and what was signed by another', async () => {
    const seen: unknown[] = [];
    const look: SecurityConfig['verify'] = (hash, signature) => {
      seen.push(signature);
      return verify(hash, signature);
    };
    const unsigned = await world({}, { verify: look });
    expect(await codeOf(unsigned.client.send('server', { type: 'ask' }))).toBe('HAPPEN_SIGNATURE_REFUSED');
    const other = await world({ sign: (hash) => hostCrypto.sign(bytesOf(hash), seeds.evil) }, { verify: look });
    expect(await codeOf(other.client.send('server', { type: 'ask' }))).toBe('HAPPEN_SIGNATURE_REFUSED');
    expect(seen).toEqual([undefined, expect.any(Uint8Array)]);
  });

  it('is not asked about what stays within its space', async () => {
    const { client } = await world({ verify: () => false }, undefined);
    expect(await client.send('near', { type: 'ask', payload: 1 })).toBe('answer to 1');
  });

  it('that answers later keeps the order of a sender, and lets a request be called off meanwhile', async () => {
    let calls = 0;
    const later: SecurityConfig['verify'] = async () => {
      for (let left = (calls++ * 7) % 5; left > 0; left--) await turn();
      return true;
    };
    const { client, server } = await world({ sign }, { verify: later });
    const heard: unknown[] = [];
    server.on('step', ({ payload }) => void heard.push(payload));
    let signal: AbortSignal | undefined;
    server.on('slow', (_event, context) => {
      signal = context.signal;
      return new Promise(() => {});
    });
    for (const number of upTo(20)) {
      client.send('server', { type: 'step', payload: number });
      if (number % 3 === 0) await turn();
    }
    await until('all is heard', () => heard.length === 20);
    expect(heard).toEqual(upTo(20));
    const abort = new AbortController();
    const asked = client.send('server', { type: 'slow' }, { signal: abort.signal }).return();
    await turn();
    abort.abort();
    expect(await codeOf(asked)).toBe('HAPPEN_CANCELLED');
    await until('the flow hears of it', () => signal?.aborted === true);
  });
});
