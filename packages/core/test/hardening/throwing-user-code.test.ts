import { describe, expect, it, vi } from 'vitest';
import { type Crypto, initializeHappen, type SendHandle } from '../../src/index.js';
import { hostCrypto } from '../../src/host/node.js';
import { Deadlines, type Expiring } from '../../src/talk/deadlines.js';
import { handClock } from '../host/hand-clock.js';
import { codeOf, failureOf, until } from '../talking/observing.js';
import { never, secretive, unspeakable } from './misbehaving.js';

function world(config: Parameters<typeof initializeHappen>[0] = {}) {
  const space = initializeHappen(config);
  const [client, server] = [space.createNode('client'), space.createNode('server')];
  server.on('ask', () => 'answer');
  return { space, client, server };
}

/** What a node or an event throws when it is looked at. */
function trap<T extends string>(key: T): { readonly [K in T]: never } {
  return Object.defineProperty({}, key, {
    enumerable: true,
    get() {
      throw unspeakable();
    },
  }) as { [K in T]: never };
}

describe('what can not be spelled', () => {
  it('may be thrown by a callback, which is told as an error', async () => {
    const { space, client, server } = world();
    const told: unknown[] = [];
    space.on('node.error', ({ payload }) => told.push(payload));
    void client.send(server, { type: 'ask' }).return(() => {
      throw unspeakable();
    });
    await until('it is told', () => told.length > 0);
    expect(told).toEqual([expect.objectContaining({ code: 'HAPPEN_HANDLER_FAILED' })]);
  });

  it('may be thrown by a handler, whose asker is told', async () => {
    const { client, server } = world();
    server.on('fail', () => {
      throw unspeakable();
    });
    server.on('fail.secretly', () => {
      throw secretive();
    });
    expect(await codeOf(client.send(server, { type: 'fail' }))).toBe('HAPPEN_HANDLER_FAILED');
    expect(await codeOf(client.send(server, { type: 'fail.secretly' }))).toBe('HAPPEN_HANDLER_FAILED');
  });

  it('may be thrown by a pattern function, without a word for the other sends of the turn', async () => {
    const { client, server } = world();
    server.on(
      () => {
        throw unspeakable();
      },
      () => 'never',
    );
    const unheard = client.send(server, { type: 'other' }).return();
    const heard = client.send(server, { type: 'ask' }).return();
    expect(await codeOf(unheard)).toBe('HAPPEN_NO_HANDLER');
    expect(await heard).toBe('answer');
  });

  it.each([unspeakable(), secretive(), Object.assign(new Error('x'), { message: Symbol('x') })])(
    'may be the reason of an abort (%#)',
    async (reason) => {
      const { client, server } = world();
      server.on('slow', never);
      const before = client.send(server, { type: 'ask' }, { signal: AbortSignal.abort(reason) }).return();
      const beside = client.send(server, { type: 'ask' }).return();
      expect(await codeOf(before)).toBe('HAPPEN_CANCELLED');
      expect(await beside).toBe('answer');
      const abort = new AbortController();
      const later = client.send(server, { type: 'slow' }, { signal: abort.signal }).return();
      await client.send(server, { type: 'ask' });
      abort.abort(reason);
      const error = await failureOf(later);
      expect(error.code).toBe('HAPPEN_CANCELLED');
      expect(error.cause).toBe(reason);
    },
  );
});

describe('sending never throws', () => {
  type World = ReturnType<typeof world>;
  type Handle = Omit<SendHandle<any>, typeof Symbol.asyncIterator>;
  const shapes: Record<string, (world: World) => Handle> = {
    'a payload': ({ client, server }) => client.send(server, Object.assign(trap('payload'), { type: 'ask' })),
    'a type': ({ client, server }) => client.send(server, trap('type') as never),
    'a type in a batch': ({ client, server }) => client.send(server, [{ type: 'ask' }, trap('type')] as never),
    'the id of a target': ({ client }) => client.send(trap('id') as never, { type: 'ask' }),
    'the id of one of the targets': ({ client, server }) => client.send([server, trap('id') as never], { type: 'ask' }),
    'a member of the payload': ({ client, server }) => client.send(server, { type: 'ask', payload: trap('x') }),
    'an option': ({ client, server }) => client.send(server, { type: 'ask' }, trap('timeout') as never),
  };

  it.each(Object.entries(shapes))('when looking at %s throws: the answer fails', async (_, send) => {
    const all = world();
    const answer = send(all).return();
    const beside = all.client.send(all.server, { type: 'ask' }).return();
    await expect(answer).rejects.toMatchObject({ name: 'HappenError' });
    expect(await beside).toBe('answer');
  });

  it('when nobody asks either: it is told', async () => {
    const { space, client } = world();
    const told: unknown[] = [];
    space.on('node.error', ({ payload }) => told.push(payload));
    client.send(trap('id') as never, { type: 'ask' });
    await until('it is told', () => told.length > 0);
    expect(told).toEqual([expect.objectContaining({ nodeId: 'client' })]);
  });
});

describe('a part that was handed in', () => {
  it('may throw as a logger: nobody notices', async () => {
    const boom = vi.fn(() => {
      throw new Error('the disk is full');
    });
    const { space, client, server } = world({ logger: { debug: boom, info: boom, warn: boom, error: boom } });
    server.on('fail', () => {
      throw new Error('no');
    });
    server.on('fail.later', () => Promise.reject(new Error('no')));
    const answers = [
      client.send(server, { type: 'fail' }).return(),
      client.send(server, { type: 'ask' }).return(),
      client.send(server, { type: 'fail.later' }).return(),
      server.process({ type: 'fail' }),
    ];
    const outcomes = await Promise.allSettled(answers);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'rejected']);
    expect(boom).toHaveBeenCalled();
    expect(space.metrics().queues['server']).toEqual({ running: 0, waiting: 0 });
    expect(await space.close()).toEqual({ unfinished: [] });
  });

  it('may throw as the source of random numbers: each request of the turn is settled, and each slot given back', async () => {
    const crypto: Crypto = {
      ...hostCrypto,
      randomBytes: () => {
        throw new Error('out of entropy');
      },
    };
    const { space, client, server } = world({ crypto });
    space.on('node.unhandled', () => {});
    server.on('fail', () => {
      throw new Error('no');
    });
    const answers = ['ask', 'fail', 'unknown', 'ask'].map((type) => client.send(server, { type }).return());
    const outcomes = await Promise.allSettled(answers);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(space.metrics().queues['server']).toEqual({ running: 0, waiting: 0 });
    expect(await space.close()).toEqual({ unfinished: [] });
  });

  it('may be a deadline that can not be told: the others are told all the same', () => {
    const clock = handClock();
    const failed = vi.fn();
    const deadlines = new Deadlines(clock, failed);
    const error = new Error('no');
    const expire = vi.fn();
    const throwing = (): Expiring => ({
      expire() {
        throw error;
      },
    });
    for (const entry of [throwing(), { expire }, throwing(), { expire }]) deadlines.add(entry, clock.now() + 10);
    clock.advance(50);
    expect(expire).toHaveBeenCalledTimes(2);
    expect(failed.mock.calls).toEqual([[error], [error]]);
  });
});
