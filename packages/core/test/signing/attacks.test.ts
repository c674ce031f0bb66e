import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../../testing/src/clock/virtual-clock.js';
import { createIdentity, initializeHappen, type SpaceConfig, type SystemEvent } from '../../src/index.js';
import { hostCrypto } from '../../src/host/node.js';
import { encodeFrame } from '../../src/wire/frame.js';
import type { Message } from '../../src/wire/messages.js';
import { forgedDelivery, idleMessage, instanceName } from '../hardening/intruder.js';
import { until, upTo } from '../talking/observing.js';
import { turn } from '../talking/worlds.js';
import { encoded, smallOrderPoints, written } from '../identity/curve.js';
import { eventOf, keyOf, overheard, seeds, signedFrame, signingWorld, type SigningWorld } from './forger.js';
import { instanceOf } from './instance-of.js';

const toServer = { kind: 'node', name: 'server' } as const;
const atServer = { kind: 'node', id: 'server' } as const;

const pinned: SpaceConfig<[]>['security'] = {
  sign: true,
  keys: { client: keyOf(seeds.client), server: keyOf(seeds.server), evil: keyOf(seeds.evil) },
};

/** A delivery to the server, in the name of `sender`. */
const news = (sender: string, given: Partial<Extract<Message, { kind: 'deliver' }>> = {}): Message =>
  forgedDelivery({ target: 'server', events: [eventOf('news', sender)], ...given });

/** Once this is answered, everything that was sent before has been looked at. */
async function sentinel({ client }: SigningWorld): Promise<void> {
  expect(await client.send('server', { type: 'ask', payload: 'after' })).toBe('answer to after');
}

async function firstFrame(world: SigningWorld) {
  world.client.send('server', { type: 'news', payload: 'true' });
  await until('it is heard', () => world.heard.length === 1);
  const [recorded] = world.here.sent;
  if (recorded === undefined) throw new Error('nothing was sent');
  return recorded;
}

describe('whoever holds no key of a node', () => {
  it('is not heard without a signature', async () => {
    const world = await signingWorld();
    world.send(atServer, encodeFrame({ from: instanceName(1), sequence: 1, messages: [news('client')] }));
    await sentinel(world);
    expect(world.heard).toEqual([]);
    expect(world.refused(world.there.space)).toEqual({ unsigned: 1 });
  });

  it('can change no bit of a frame', async () => {
    const world = await signingWorld({ security: pinned });
    const frame = signedFrame({
      seed: seeds.client,
      from: instanceName(1),
      sequence: 1,
      messages: [news('client')],
      seal: { sender: 'client', to: toServer },
    });
    for (const at of frame.keys()) {
      const changed = frame.slice();
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      world.send(atServer, changed);
      if (at % 64 === 0) await turn();
    }
    for (const cut of [1, 63, 64, 65, 66, 100, frame.length - 4])
      world.send(atServer, frame.subarray(0, frame.length - cut));
    world.send(atServer, Uint8Array.from([...frame, 0]));
    await sentinel(world);
    expect(world.heard).toEqual([]);
    world.send(atServer, frame);
    await until('the true one is heard', () => world.heard.length === 1);
    const { refused, malformed, hashMismatches } = world.there.space.metrics().link ?? expect.fail();
    expect(Object.values(refused).reduce((sum, count) => sum + count, 0) + malformed).toBe(frame.length + 8);
    expect(hashMismatches).toBe(0);
    expect(refused.signature).toBeGreaterThan(64);
  });

  it('can sign in nobody else’s name with a key of his own', async () => {
    const world = await signingWorld({ security: pinned });
    const forgery = { from: instanceName(1), sequence: 1, messages: [news('client')] };
    world.send(atServer, signedFrame({ ...forgery, seed: seeds.evil, seal: { sender: 'client', to: toServer } }));
    const key = keyOf(seeds.client);
    world.send(atServer, signedFrame({ ...forgery, seed: seeds.evil, seal: { sender: 'client', to: toServer, key } }));
    world.send(atServer, signedFrame({ ...forgery, seed: seeds.other, seal: { sender: 'nobody', to: toServer } }));
    await sentinel(world);
    expect(world.heard).toEqual([]);
    expect(world.refused(world.there.space)).toEqual({ 'key-conflict': 1, signature: 1, 'unknown-sender': 1 });
  });

  it('can take over no name that was used before him, where keys are trusted on first use, and it is told', async () => {
    const world = await signingWorld();
    const told: SystemEvent[] = [];
    world.there.space.on('system.frame-refused', (event) => void told.push(event));
    await sentinel(world);
    for (const sender of ['client', 'server'])
      world.send(
        atServer,
        signedFrame({
          seed: seeds.evil,
          from: instanceName(1),
          sequence: 1,
          messages: [news(sender)],
          seal: { sender, to: toServer },
        }),
      );
    await sentinel(world);
    expect(world.heard).toEqual([]);
    expect(told.map(({ payload }) => payload)).toEqual(
      ['client', 'server'].map((nodeId) => ({ reason: 'key-conflict', nodeId })),
    );
  });

  it('binds no name by a frame whose signature is wrong', async () => {
    const world = await signingWorld();
    const frame = signedFrame({
      seed: seeds.evil,
      from: instanceName(1),
      sequence: 1,
      messages: [news('client')],
      seal: { sender: 'client', to: toServer },
    });
    frame[frame.length - 20] = (frame[frame.length - 20] as number) ^ 1;
    world.send(atServer, frame);
    await sentinel(world);
    expect(world.refused(world.there.space)).toEqual({ signature: 1 });
  });

  it('gains nothing by keys and signatures that prove nothing', async () => {
    const world = await signingWorld();
    const weak = [...smallOrderPoints().map(encoded), written(1n, true), written(2n ** 255n - 18n, false)];
    for (const [index, key] of weak.entries()) {
      const frame = signedFrame({
        seed: seeds.evil,
        from: instanceName(1),
        sequence: index + 1,
        messages: [news('nobody')],
        seal: { sender: 'nobody', to: toServer, key },
      });
      world.send(atServer, frame.slice());
      // The signature that nobody made: the curve's neutral point, and zero.
      frame.fill(0, frame.length - 64);
      frame[frame.length - 64] = 1;
      world.send(atServer, frame);
    }
    await sentinel(world);
    expect(world.heard).toEqual([]);
    expect(world.refused(world.there.space)).toEqual({ 'weak-key': weak.length, signature: weak.length });
  });
});

describe('a frame that was recorded', () => {
  it('is not taken again', async () => {
    const world = await signingWorld();
    const { to, frame } = await firstFrame(world);
    for (let times = 0; times < 3; times++) world.send(to, frame);
    await sentinel(world);
    expect(world.heard).toEqual(['true']);
    expect(world.refused(world.there.space)).toEqual({ replayed: 3 });
  });

  it('is counted as a repetition where the transport itself may repeat', async () => {
    const world = await signingWorld({ security: { sign: true } }, { duplicate: 1e-12 });
    const { to, frame } = await firstFrame(world);
    world.send(to, frame);
    await sentinel(world);
    expect(world.heard).toEqual(['true']);
    expect(world.refused(world.there.space)).toEqual({});
    expect(world.there.space.metrics().link?.repeated).toBe(1);
  });

  it('is not taken by a receiver that has restarted', async () => {
    const clock = virtualClock();
    const world = await signingWorld({ security: { sign: true }, clock });
    const { to, frame } = await firstFrame(world);
    const closing = world.there.space.close();
    await clock.advance(1_000);
    await closing;
    const again = overheard(world.hub, { security: { sign: true }, clock });
    await again.space.ready();
    const heard: unknown[] = [];
    const server = again.space.createNode('server', { identity: seeds.server });
    server.on('news', ({ payload }) => void heard.push(payload));
    world.send(to, frame);
    world.client.send('server', { type: 'news', payload: 'new' });
    await until('what is new is heard', () => heard.length > 0);
    expect(heard).toEqual(['new']);
    expect(world.refused(again.space)).toEqual({ stale: 1 });
  });

  it('before the receiver restarted is not taken either when its sender has been heard of since', async () => {
    const clock = virtualClock();
    const world = await signingWorld({ security: { sign: true }, clock });
    const { to, frame } = await firstFrame(world);
    const closing = world.there.space.close();
    await clock.advance(1_000);
    await closing;
    const again = overheard(world.hub, { security: { sign: true }, clock });
    await again.space.ready();
    const heard: unknown[] = [];
    const server = again.space.createNode('server', { identity: seeds.server });
    server.on('news', ({ payload }) => void heard.push(payload));
    world.client.send('server', { type: 'news', payload: 'new' });
    await until('what is new is heard', () => heard.length > 0);
    world.send(to, frame);
    world.client.send('server', { type: 'news', payload: 'newer' });
    await until('what is newer is heard', () => heard.includes('newer'));
    expect(heard).toEqual(['new', 'newer']);
    expect(world.refused(again.space)).toEqual({ stale: 1 });
  });

  it.each([
    ['too old', 60_001, 60_000],
    ['too old for a shorter time', 5_001, 5_000],
  ])('is not taken when it is %s, whatever is remembered of its sender', async (_, passed, freshness) => {
    const clock = virtualClock();
    const world = await signingWorld({ security: { sign: true, freshness }, clock });
    const { to, frame } = await firstFrame(world);
    await clock.advance(passed);
    world.send(to, frame);
    await sentinel(world);
    expect(world.heard).toEqual(['true']);
    expect(world.refused(world.there.space)).toEqual({ stale: 1 });
  });

  it('of an earlier run of its sender is not taken either', async () => {
    const clock = virtualClock();
    const world = await signingWorld({ security: { sign: true }, clock });
    const { to, frame } = await firstFrame(world);
    const closing = world.here.space.close();
    await clock.advance(1_000);
    await closing;
    const again = overheard(world.hub, { security: { sign: true }, clock });
    await again.space.ready();
    const client = again.space.createNode('client', { identity: seeds.client });
    expect(await client.send('server', { type: 'ask', payload: 1 })).toBe('answer to 1');
    world.send(to, frame);
    await clock.advance(60_001);
    world.send(to, frame);
    expect(await client.send('server', { type: 'ask', payload: 2 })).toBe('answer to 2');
    expect(world.heard).toEqual(['true']);
    expect(world.refused(world.there.space)).toEqual({ replayed: 1, stale: 1 });
  });

  it('from a clock that runs ahead is not taken before its time', async () => {
    const clock = virtualClock();
    const world = await signingWorld({ security: { sign: true }, clock });
    const ahead = (ms: number, sequence: number): Uint8Array =>
      signedFrame({
        seed: seeds.evil,
        from: instanceName(1),
        sequence,
        messages: [news('evil')],
        seal: { sender: 'evil', to: toServer, madeAt: clock.now() + ms },
      });
    world.send(atServer, ahead(60_001, 1));
    world.send(atServer, ahead(59_999, 2));
    await sentinel(world);
    expect(world.heard).toEqual(['forged']);
    expect(world.refused(world.there.space)).toEqual({ stale: 1 });
  });

  it('is not taken at another address than it was made for', async () => {
    const world = await signingWorld();
    const other = world.there.space.createNode('other');
    const heard: unknown[] = [];
    other.on('news', ({ payload }) => void heard.push(payload));
    await turn();
    const { frame } = await firstFrame(world);
    world.send({ kind: 'node', id: 'other' }, frame);
    world.send({ kind: 'broadcast', type: 'news', sender: 'client' }, frame);
    await sentinel(world);
    expect(heard).toEqual([]);
    expect(world.heard).toEqual(['true']);
    expect(world.refused(world.there.space)).toEqual({ destination: 3 });
  });
});

describe('a node with a key of its own', () => {
  /** A forger whose key is known and right; what he says of others is not. */
  const forged = (messages: readonly Message[], sequence = 1, from = instanceName(9)): Uint8Array =>
    signedFrame({ seed: seeds.evil, from, sequence, messages, seal: { sender: 'evil', to: toServer } });

  it('can send and broadcast nothing in the name of another', async () => {
    const world = await signingWorld({ security: pinned });
    world.send(atServer, forged([news('client'), news('evil')]));
    world.send(
      atServer,
      forged([news('evil', { events: [eventOf('news', 'evil'), eventOf('news', 'client')], batch: true })], 2),
    );
    world.send(
      { kind: 'broadcast', type: 'news', sender: 'client' },
      signedFrame({
        seed: seeds.evil,
        from: instanceName(9),
        sequence: 3,
        messages: [forgedDelivery({ events: [eventOf('news', 'client')] })],
        seal: { sender: 'evil', to: { kind: 'broadcast', name: 'news' } },
      }),
    );
    await sentinel(world);
    // What is his own to say is taken, beside what is not.
    expect(world.heard).toEqual(['forged']);
    expect(world.refused(world.there.space)).toEqual({ sender: 3 });
  });

  it('can put into a frame for one address nothing that belongs at another', async () => {
    const world = await signingWorld({ security: pinned });
    world.there.space.createNode('other').on('news', () => world.heard.push('at another'));
    await turn();
    world.send(
      atServer,
      forged([news('evil', { target: 'other' }), forgedDelivery({ events: [eventOf('news', 'evil')] })]),
    );
    world.send(atServer, forged([{ kind: 'reply', request: 1, value: new Uint8Array(0) }], 2));
    world.send(
      { kind: 'broadcast', type: 'news', sender: 'evil' },
      signedFrame({
        seed: seeds.evil,
        from: instanceName(9),
        sequence: 3,
        messages: [forgedDelivery({ events: [eventOf('news', 'evil')] })],
        seal: { sender: 'evil', to: { kind: 'broadcast', name: 'weather' } },
      }),
    );
    await sentinel(world);
    expect(world.heard).toEqual([]);
    // One each at the two nodes that listen.
    expect(world.refused(world.there.space)).toEqual({ destination: 5 });
  });

  it('can answer in nobody’s place', async () => {
    const world = await signingWorld({ security: pinned });
    let open = (): void => {};
    world.server.on('slow', () => new Promise((resolve) => (open = () => resolve('the true answer'))));
    const answer = world.client.send('server', { type: 'slow' }).return();
    await until('it is asked', () => world.here.sent.length === 1);
    const instance = instanceOf(world.here.sent[0]);
    const reply: Message = { kind: 'reply', request: 1, value: Uint8Array.of(0xa5, 0x77, 0x72, 0x6f, 0x6e, 0x67) };
    const failure: Message = {
      kind: 'failure',
      request: 1,
      error: { name: 'Error', message: 'no', code: undefined, details: undefined, cause: undefined },
    };
    for (const [index, message] of [reply, failure].entries())
      world.send(
        { kind: 'instance', id: instance },
        signedFrame({
          seed: seeds.evil,
          from: instanceName(9),
          sequence: index + 1,
          messages: [message],
          seal: { sender: 'evil', to: { kind: 'instance', name: instance }, recipient: 'client' },
        }),
      );
    await until('both are refused', () => world.refused(world.here.space)['sender'] === 2);
    open();
    expect(await answer).toBe('the true answer');
  });

  it('can make a node answer him in the place of another who asked it something else', async () => {
    const world = await signingWorld({ security: pinned });
    let open = (): void => {};
    world.server.on('slow', () => new Promise((resolve) => (open = () => resolve('the true answer'))));
    const answer = world.client.send('server', { type: 'slow' }).return();
    await until('it is asked', () => world.here.sent.length === 1);
    const instance = instanceOf(world.here.sent[0]);
    // As if the client's space had asked, under the same number: the answer goes there.
    world.send(atServer, forged([news('evil', { events: [eventOf('ask', 'evil')], request: 1 })], 1, instance));
    await until('its answer is refused', () => world.refused(world.here.space)['sender'] === 1);
    open();
    expect(await answer).toBe('the true answer');
  });

  it('can call off no request of another, nor take its place', async () => {
    const world = await signingWorld({ security: pinned });
    let open = (): void => {};
    let signal: AbortSignal | undefined;
    world.server.on('slow', (_event, context) => {
      signal = context.signal;
      return new Promise((resolve) => (open = () => resolve('the true answer')));
    });
    const answer = world.client.send('server', { type: 'slow' }).return();
    await until('it is asked', () => signal !== undefined);
    world.send(atServer, forged([{ kind: 'cancel', request: 1, reason: 'evil' }], 1, instanceOf(world.here.sent[0])));
    await sentinel(world);
    expect(signal?.aborted).toBe(false);
    open();
    expect(await answer).toBe('the true answer');
  });

  it('can make the frames of others count as seen by none of his', async () => {
    const world = await signingWorld({ security: pinned });
    await sentinel(world);
    const instance = instanceOf(world.here.sent[0]);
    for (const sequence of [2, 3, 5_000, 2 ** 40]) world.send(atServer, forged([idleMessage], sequence, instance));
    await sentinel(world);
    await sentinel(world);
    expect(world.refused(world.there.space)).toEqual({});
  });
});

describe('a node that has just started', () => {
  it('refuses what a node whose clock is behind asks, until it has been heard of by an answer', async () => {
    const [clock, ahead] = [virtualClock(), virtualClock()];
    ahead.jump(5_000);
    const world = await signingWorld({ security: { sign: true }, clock });
    const late = overheard(world.hub, { security: { sign: true }, clock: ahead });
    await late.space.ready();
    const client = late.space.createNode('late-client', { identity: createIdentity() });
    client.on('ask', () => 'answer of the late one');
    world.server.send('late-client', { type: 'ask' });
    await until('it is refused', () => world.refused(late.space)['stale'] === 1);
    expect(await client.send('server', { type: 'ask', payload: 1 })).toBe('answer to 1');
    expect(await world.server.send('late-client', { type: 'ask' })).toBe('answer of the late one');
    expect(world.refused(late.space)).toEqual({ stale: 1 });
  });
});

describe('a flood', () => {
  it('of instances, all of one node that has a key, is that node’s own trouble', async () => {
    const world = await signingWorld({ security: pinned });
    await sentinel(world);
    for (let number = 1; number <= 1_100; number++)
      world.send(
        atServer,
        signedFrame({
          seed: seeds.evil,
          from: instanceName(number),
          sequence: 1,
          messages: [idleMessage],
          seal: { sender: 'evil', to: toServer, madeAt: Date.now() + 30_000 },
        }),
      );
    await sentinel(world);
    expect(world.refused(world.there.space)).toEqual({});
    world.send(
      atServer,
      signedFrame({
        seed: seeds.evil,
        from: instanceName(5_000),
        sequence: 1,
        messages: [idleMessage],
        seal: { sender: 'evil', to: toServer },
      }),
    );
    await sentinel(world);
    expect(world.refused(world.there.space)).toEqual({ stale: 1 });
    const restarted = initializeHappen({ transport: world.hub.transport(), security: pinned });
    await restarted.ready();
    await world.here.space.close();
    const client = restarted.createNode('client', { identity: seeds.client });
    expect(await client.send('server', { type: 'ask', payload: 1 })).toBe('answer to 1');
  });

  it('of frames that look right takes no memory, binds no name, and silences nobody', async () => {
    const world = await signingWorld();
    const flood = 500;
    for (const number of upTo(flood)) {
      const frame = signedFrame({
        seed: seeds.evil,
        from: instanceName(number + 1),
        sequence: 1,
        messages: [news(`node-${number}`)],
        seal: { sender: `node-${number}`, to: toServer },
      });
      frame[frame.length - 64 + (number % 31)] = (frame[frame.length - 64 + (number % 31)] as number) ^ 1;
      world.send(atServer, frame);
    }
    await sentinel(world);
    expect(world.refused(world.there.space)).toEqual({ signature: flood });
    expect(world.heard).toEqual([]);
    const honest = initializeHappen({ transport: world.hub.transport(), security: { sign: true } });
    await honest.ready();
    const late = honest.createNode('node-7', { identity: createIdentity() });
    expect(await late.send('server', { type: 'ask', payload: 1 })).toBe('answer to 1');
  });

  it('of what needs no look at its signature costs none', async () => {
    let verified = 0;
    const verify = (...given: Parameters<typeof hostCrypto.verify>): boolean => {
      verified++;
      return hostCrypto.verify(...given) as boolean;
    };
    const world = await signingWorld({ security: pinned, crypto: { ...hostCrypto, verify } });
    const { to, frame } = await firstFrame(world);
    await sentinel(world);
    const before = verified;
    const base = { seed: seeds.evil, from: instanceName(1), sequence: 1, messages: [news('client')] };
    for (let times = 0; times < 50; times++) {
      world.send(to, frame);
      world.send(to, signedFrame({ ...base, seal: { sender: 'client', to: toServer } }));
      world.send(to, signedFrame({ ...base, seal: { sender: 'evil', to: { kind: 'node', name: 'other' } } }));
      world.send(to, signedFrame({ ...base, seal: { sender: 'evil', to: toServer, madeAt: 5 } }));
    }
    await until(
      'all are refused',
      () => Object.values(world.refused(world.there.space)).reduce((a, b) => a + b, 0) === 200,
    );
    expect(world.refused(world.there.space)).toEqual({ replayed: 50, 'key-conflict': 50, destination: 50, stale: 50 });
    expect(verified).toBe(before);
  });
});
