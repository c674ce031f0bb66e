import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createIdentity, initializeHappen, memoryHub, type SystemEvent } from '../../src/index.js';
import { hostCrypto } from '../../src/host/node.js';
import { codeOf, gate, until, upTo } from '../talking/observing.js';
import { turn } from '../talking/worlds.js';
import { keyOf, overheard, seeds, signingWorld } from './forger.js';

/** By the words of the wire format alone. */
function isSignedBy(frame: Uint8Array, publicKey: Uint8Array): boolean {
  const x = Buffer.from(publicKey).toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return frame[3] === 1 && verify(null, frame.subarray(0, -64), key, frame.subarray(-64));
}

describe('spaces that sign', () => {
  it('send nothing that is not signed by the node that sends it', async () => {
    const { client, server, here, there, heard } = await signingWorld();
    expect(await client.send('server', { type: 'ask', payload: 1 })).toBe('answer to 1');
    client.broadcast({ type: 'news', payload: 2 });
    const abort = new AbortController();
    server.on('never', () => new Promise(() => {}));
    const never = client.send('server', { type: 'never' }, { signal: abort.signal }).return();
    await until('it is heard', () => heard.length === 1);
    abort.abort();
    expect(await codeOf(never)).toBe('HAPPEN_CANCELLED');
    await turn();
    expect(here.sent.map(({ to }) => to.kind)).toEqual(['node', 'broadcast', 'node', 'node']);
    for (const { frame } of here.sent) expect(isSignedBy(frame, keyOf(seeds.client))).toBe(true);
    expect(there.sent).toHaveLength(1);
    for (const { frame } of there.sent) expect(isSignedBy(frame, keyOf(seeds.server))).toBe(true);
  });

  it('sign for each of their nodes apart, in the order of its own sends', async () => {
    const { here, server, client } = await signingWorld();
    const second = here.space.createNode('second');
    const order: string[] = [];
    server.on('step', ({ payload, context }) => void order.push(`${context.causal.sender} ${payload}`));
    for (const number of upTo(5))
      for (const node of [client, second]) node.send('server', { type: 'step', payload: number });
    await client.send('server', { type: 'ask' });
    await second.send('server', { type: 'ask' });
    for (const id of ['client', 'second'])
      expect(order.filter((step) => step.startsWith(id))).toEqual(upTo(5).map((number) => `${id} ${number}`));
    expect(here.sent.filter(({ frame }) => isSignedBy(frame, keyOf(seeds.client)))).toHaveLength(1);
    expect(here.sent).toHaveLength(3);
  });

  it('reach nodes in any number of spaces by broadcast, and verify it once for all the listeners of one', async () => {
    const hub = memoryHub();
    let verified = 0;
    const crypto = {
      ...hostCrypto,
      verify: (...given: Parameters<typeof hostCrypto.verify>) => {
        verified++;
        return hostCrypto.verify(...given);
      },
    };
    const spaces = upTo(3).map(() =>
      initializeHappen({ transport: hub.transport(), security: { sign: true }, crypto }),
    );
    await Promise.all(spaces.map((space) => space.ready()));
    let heard = 0;
    const sender = spaces[0]?.createNode('sender');
    for (const [index, space] of spaces.slice(1).entries())
      for (const number of upTo(5)) space.createNode(`listener-${index}-${number}`).on('news', () => void heard++);
    await turn();
    sender?.broadcast({ type: 'news' });
    await until('all have heard', () => heard === 10);
    sender?.broadcast({ type: 'news' });
    await until('all have heard', () => heard === 20);
    expect(verified).toBe(4);
  });

  it('take what comes with a pinned key, in either form of it, while one key takes the place of another, or by a look-up', async () => {
    const client = keyOf(seeds.client);
    const server = Buffer.from(keyOf(seeds.server)).toString('hex');
    const record = { client: [keyOf(seeds.other), client], server };
    for (const keys of [
      record,
      (id: string) => new Map<string, Uint8Array[] | string>(Object.entries(record)).get(id),
    ]) {
      const world = await signingWorld({ security: { sign: true, keys } });
      expect(await world.client.send('server', { type: 'ask', payload: 1 })).toBe('answer to 1');
      expect(await world.client.send('server', { type: 'ask', payload: 2 })).toBe('answer to 2');
      expect(world.refused(world.there.space)).toEqual({});
    }
  });

  it('do not take an unknown node where keys are pinned, unless they are told to', async () => {
    const keys = { server: keyOf(seeds.server) };
    const closed = await signingWorld({ security: { sign: true, keys } });
    const abort = new AbortController();
    const asked = closed.client.send('server', { type: 'ask' }, { signal: abort.signal }).return();
    await until('it is refused', () => closed.refused(closed.there.space)['unknown-sender'] === 1);
    abort.abort();
    expect(await codeOf(asked)).toBe('HAPPEN_CANCELLED');
    const open = await signingWorld({ security: { sign: true, keys, trustOnFirstUse: true } });
    expect(await open.client.send('server', { type: 'ask', payload: 1 })).toBe('answer to 1');
  });

  it('refuse who comes with a look-up of keys that fails, and say so', async () => {
    const logged: string[] = [];
    const note = (_details: object, message: string): void => void logged.push(message);
    const world = await signingWorld({
      logger: { debug() {}, info() {}, warn() {}, error: note },
      security: {
        sign: true,
        keys: () => {
          throw new Error('no keys today');
        },
      },
    });
    world.client.send('server', { type: 'news' });
    await until('it is refused', () => world.refused(world.there.space)['unknown-sender'] === 1);
    expect(logged).toEqual(['security.keys failed']);
    expect(world.heard).toEqual([]);
  });

  it('leave room in a frame for who signed it', async () => {
    const { client, server, there, here } = await signingWorld({ security: { sign: true } }, { maxFrameBytes: 4096 });
    server.on('long', ({ payload }) => (payload as string).length);
    const taken: number[] = [];
    for (let length = 3000; length < 4096; length += 7) {
      const answer = client.send('server', { type: 'long', payload: 'x'.repeat(length) }).return();
      const outcome = await answer.then(
        () => true,
        (error: { code: string }) => error.code,
      );
      if (outcome === true) taken.push(length);
      else expect(outcome).toBe('HAPPEN_PAYLOAD_TOO_LARGE');
    }
    expect(taken.length).toBeGreaterThan(20);
    expect(Math.max(...here.sent.map(({ frame }) => frame.length))).toBeGreaterThan(3900);
    expect(there.space.metrics().link?.malformed).toBe(0);
  });

  it('tell a sender whose key pair does not sign, and lose nothing else by it', async () => {
    const { here, server, client, heard } = await signingWorld();
    const broken = {
      publicKey: () => keyOf(seeds.other),
      sign: () => Promise.reject(new Error('the token was taken out')),
    };
    const mute = here.space.createNode('mute', { identity: broken });
    expect(await codeOf(mute.send('server', { type: 'ask' }))).toBe('HAPPEN_SIGNING_FAILED');
    expect(await codeOf(mute.broadcast({ type: 'news' }).sent())).toBe('HAPPEN_SIGNING_FAILED');
    expect(await client.send(server, { type: 'ask', payload: 1 })).toBe('answer to 1');
    expect(heard).toEqual([]);
  });

  it('close in order while something is still being signed', async () => {
    const hub = memoryHub();
    const signed = gate<Uint8Array>();
    const slow = {
      publicKey: () => keyOf(seeds.client),
      sign: async (message: Uint8Array) => {
        await signed.passed;
        return hostCrypto.sign(message, seeds.client);
      },
    };
    const { space, sent } = overheard(hub, { security: { sign: true } });
    const there = initializeHappen({ transport: hub.transport(), security: { sign: true } });
    await Promise.all([space.ready(), there.ready()]);
    const heard: unknown[] = [];
    there.createNode('server').on('news', ({ payload }) => void heard.push(payload));
    const client = space.createNode('client', { identity: slow });
    client.send('server', { type: 'news', payload: 'the last' });
    await turn();
    const closing = space.close();
    expect(sent).toEqual([]);
    signed.open(new Uint8Array());
    await closing;
    await until('it is heard', () => heard.length === 1);
  });
});

describe('a space that signs and one that does not', () => {
  it('refuse each other, count it, and say why', async () => {
    const hub = memoryHub();
    const [signing, plain] = [overheard(hub, { security: { sign: true } }), overheard(hub, {})];
    await Promise.all([signing.space.ready(), plain.space.ready()]);
    const told: SystemEvent[] = [];
    for (const { space } of [signing, plain]) space.on('system.frame-refused', (event) => void told.push(event));
    const [one, other] = [signing.space.createNode('one'), plain.space.createNode('other')];
    const handled: string[] = [];
    for (const node of [one, other]) node.on('ask', () => void handled.push(node.id));
    await turn();
    one.send('other', { type: 'ask' });
    other.send('one', { type: 'ask' });
    other.broadcast({ type: 'ask' });
    await until('all is told', () => told.length === 3);
    expect(plain.space.metrics().link?.refused.signed).toBe(1);
    expect(signing.space.metrics().link?.refused.unsigned).toBe(2);
    expect(told.map(({ payload }) => (payload as { reason: string }).reason).sort()).toEqual([
      'signed',
      'unsigned',
      'unsigned',
    ]);
    await until('its own node has heard the broadcast', () => handled.length === 1);
    expect(handled).toEqual(['other']);
  });
});

describe('cryptography that answers later', () => {
  /** Each call takes another time: what is begun first is not what is ready first. */
  function uneven() {
    let calls = 0;
    const later = async <T>(value: T | Promise<T>): Promise<T> => {
      for (let turns = (calls++ * 7) % 5; turns > 0; turns--) await turn();
      return value;
    };
    return {
      randomBytes: hostCrypto.randomBytes,
      sha256: hostCrypto.sha256,
      publicKey: (seed: Uint8Array) => later(hostCrypto.publicKey(seed)),
      sign: (message: Uint8Array, seed: Uint8Array) => later(hostCrypto.sign(message, seed)),
      verify: (...given: Parameters<typeof hostCrypto.verify>) => later(hostCrypto.verify(...given)),
    };
  }

  it('keeps the order of what a node sends', async () => {
    const { client, server, refused, there } = await signingWorld({ security: { sign: true }, crypto: uneven() });
    const heard: unknown[] = [];
    server.on('step', ({ payload }) => void heard.push(payload));
    for (const number of upTo(40)) {
      client.send('server', { type: 'step', payload: number });
      if (number % 3 === 0) await turn();
    }
    await until('all is heard', () => heard.length === 40);
    expect(heard).toEqual(upTo(40));
    expect(refused(there.space)).toEqual({});
  });

  it('answers, each asker with his own', async () => {
    const { client } = await signingWorld({ security: { sign: true }, crypto: uneven() });
    const answers = await Promise.all(
      upTo(20).map((number) => client.send('server', { type: 'ask', payload: number })),
    );
    expect(answers).toEqual(upTo(20).map((number) => `answer to ${number}`));
  });

  it('takes a frame once, although it comes again while it is being verified', async () => {
    const held = gate();
    let verifying = 0;
    const crypto = {
      ...hostCrypto,
      verify: async (...given: Parameters<typeof hostCrypto.verify>) => {
        verifying++;
        await held.passed;
        return hostCrypto.verify(...given);
      },
    };
    const { client, here, there, heard, send, refused } = await signingWorld({ security: { sign: true }, crypto });
    client.send('server', { type: 'news', payload: 1 });
    await until('it is being verified', () => verifying === 1);
    const [first] = here.sent;
    if (first !== undefined) send(first.to, first.frame);
    await until('both are being verified', () => verifying === 2);
    held.open();
    await until('it is refused', () => refused(there.space)['replayed'] === 1);
    expect(heard).toEqual([1]);
  });

  it('that fails means a frame is not taken', async () => {
    const failing: ((...given: unknown[]) => never)[] = [
      () => {
        throw new Error('no');
      },
      (() => Promise.reject(new Error('no'))) as never,
      (() => 'yes') as never,
    ];
    for (const verifyFrame of failing) {
      const crypto = { ...hostCrypto, verify: verifyFrame };
      const { client, there, heard, refused } = await signingWorld({ security: { sign: true }, crypto });
      client.send('server', { type: 'news', payload: 1 });
      await until('it is refused', () => refused(there.space)['signature'] === 1);
      expect(heard).toEqual([]);
    }
  });
});

describe('two nodes of one id', () => {
  it('in two spaces are one node, if they have one identity', async () => {
    const hub = memoryHub();
    const identity = createIdentity();
    const spaces = upTo(3).map(() => initializeHappen({ transport: hub.transport(), security: { sign: true } }));
    await Promise.all(spaces.map((space) => space.ready()));
    for (const space of spaces.slice(1)) space.createNode('worker', { identity }).on('ask', () => 'done');
    const client = spaces[0]?.createNode('client');
    for (const _ of upTo(4)) expect(await client?.send('worker', { type: 'ask' })).toBe('done');
  });
});
