import { describe, expect, it } from 'vitest';
import { initializeHappen, memoryHub, type SendHandle } from '../../src/index.js';
import { handClock } from '../host/hand-clock.js';
import { codeOf, unhandledRejections, until } from '../talking/observing.js';
import { turn } from '../talking/worlds.js';

function world(config: Parameters<typeof initializeHappen>[0] = {}) {
  const space = initializeHappen(config);
  const [client, server] = [space.createNode('client'), space.createNode('server')];
  server.on('ask', () => 1);
  server.on('ask.more', () => 2);
  server.on('fail', () => {
    throw new Error('no');
  });
  const told: { code: string; message: string }[] = [];
  space.on('node.error', ({ payload }) => told.push(payload as { code: string; message: string }));
  return { space, client, server, told };
}

describe('a send that follows an answer is asked, however late its answer is looked at', () => {
  type World = ReturnType<typeof world>;
  const shapes: Record<string, (world: World) => Promise<unknown>> = {
    'by then': ({ client, server }) =>
      client.send(server, { type: 'ask' }).then(() => client.send(server, { type: 'ask.more' })),
    'by return(callback)': ({ client, server }) =>
      client.send(server, { type: 'ask' }).return(() => client.send(server, { type: 'ask.more' })),
    'by catch': ({ client, server }) =>
      client.send(server, { type: 'fail' }).catch(() => client.send(server, { type: 'ask.more' })),
    'by then after then': ({ client, server }) =>
      client
        .send(server, { type: 'ask' })
        .then(() => 0)
        .then(() => client.send(server, { type: 'ask.more' })),
  };

  it.each(Object.entries(shapes))('%s', async (_, chain) => {
    const all = world();
    const answer = chain(all);
    for (let turns = 0; turns < 3; turns++) await turn();
    expect(await answer).toBe(2);
  });
});

describe('a failure that nobody looks at', () => {
  type Handle = Omit<SendHandle<any>, typeof Symbol.asyncIterator>;
  type World = ReturnType<typeof world>;
  const again = (): never => {
    throw new TypeError('again');
  };
  const failing = ({ client, server }: World): Handle => client.send(server, { type: 'fail' });
  const fine = ({ client, server }: World): Handle => client.send(server, { type: 'ask' });
  const group = ({ client }: World): Handle => client.send(['nobody'], { type: 'ask' });
  const rejecting = {
    then: (_: unknown, rejected: (error: unknown) => void) => rejected(new TypeError('again')),
  };
  const shapes: Record<string, (world: World) => Promise<unknown>> = {
    'after finally': (world) => failing(world).finally(() => {}),
    'after a finally that throws': (world) => fine(world).finally(again),
    'after then and then': (world) =>
      failing(world)
        .then(() => 1)
        .then(() => 2),
    'after then and finally': (world) =>
      failing(world)
        .then(() => 1)
        .finally(() => {}),
    'of a catch that throws': (world) => failing(world).catch(again),
    'of a catch that rejects': (world) => failing(world).catch(() => Promise.reject(new TypeError('again'))),
    'of a then that rejects': (world) => fine(world).then(() => Promise.reject(new TypeError('again'))),
    'of a then that gives another kind of promise': (world) => fine(world).then(() => rejecting as never),
    'of several nodes, after finally': (world) => group(world).finally(() => {}),
    'of several nodes, after then and then': (world) =>
      group(world)
        .then(() => 1)
        .then(() => 2),
  };

  it.each(Object.entries(shapes))('%s is told, and is no unhandled rejection', async (_, chain) => {
    using rejections = unhandledRejections();
    const all = world();
    void chain(all);
    await until('it is told', () => all.told.length > 0);
    for (let turns = 0; turns < 3; turns++) await turn();
    expect(rejections.reasons).toEqual([]);
  });
});

describe('a signal', () => {
  it('that aborts a delayed request settles its receipt as well as its answer, and leaves no timer', async () => {
    const clock = handClock();
    const { client, server } = world({ clock });
    const before = clock.waiting;
    const abort = new AbortController();
    const handle = client.send(server, { type: 'ask' }, { delay: '30d', signal: abort.signal });
    const [answer, receipt] = [handle.return(), handle.sent()];
    await turn();
    expect(clock.waiting).toBeGreaterThan(before);
    abort.abort();
    expect(await codeOf(answer)).toBe('HAPPEN_CANCELLED');
    expect(await codeOf(receipt)).toBe('HAPPEN_CANCELLED');
    clock.advance(0);
    expect(clock.waiting).toBe(before);
  });

  it.each(['before it is sent', 'while it is held back'])('calls a broadcast off %s', async (when) => {
    const clock = handClock();
    const { client, server } = world({ clock });
    const heard: unknown[] = [];
    server.on('news', ({ payload }) => void heard.push(payload));
    const abort = new AbortController();
    if (when === 'before it is sent') abort.abort();
    const receipt = client.broadcast({ type: 'news', payload: 'old' }, { delay: 50, signal: abort.signal }).sent();
    await turn();
    abort.abort();
    clock.advance(1_000);
    expect(await codeOf(receipt)).toBe('HAPPEN_CANCELLED');
    await client.broadcast({ type: 'news', payload: 'new' }).sent();
    expect(heard).toEqual(['new']);
  });
});

describe('several nodes', () => {
  it.each(['errors', 'return'])('are not asked when the answer of "%s" would have no place', async (id) => {
    const { space, client, server } = world();
    space.createNode(id).on('ask', () => 'hidden');
    const error = await client
      .send([server, id], { type: 'ask' })
      .return()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'HAPPEN_INVALID_EVENT', details: { node: id } });
    expect(await client.send(id, { type: 'ask' })).toBe('hidden');
  });
});

describe('a failure of a handler elsewhere gets through to its asker', () => {
  const chain = (depth: number): Error =>
    depth === 0 ? new Error('root') : new Error(`level ${depth}`, { cause: chain(depth - 1) });
  const failures: Record<string, () => Error> = {
    'with a long message': () => new Error('m'.repeat(5_000)),
    'with a long chain of causes': () => chain(6),
    'with causes of long messages': () =>
      new Error('a'.repeat(300), { cause: new Error('b'.repeat(300), { cause: new Error('c'.repeat(300)) }) }),
    'with many details': () =>
      Object.assign(new Error('x'), { details: { list: Array.from({ length: 100 }, () => 1) } }),
  };
  const settings = {
    'on a transport of small frames': { hub: { maxFrameBytes: 1_024 }, limits: {} },
    'between spaces of flat values': { hub: {}, limits: { maxDepth: 3 } },
    'between spaces of small values': { hub: {}, limits: { maxItems: 12 } },
  };

  describe.each(Object.entries(settings))('%s', (_, { hub: options, limits }) => {
    it.each(Object.entries(failures))('%s, as do its neighbours', async (__, failure) => {
      const hub = memoryHub(options);
      const spaces = [0, 1].map(() => initializeHappen({ transport: hub.transport(), limits }));
      await Promise.all(spaces.map((space) => space.ready()));
      const [client, server] = [spaces[0]?.createNode('client'), spaces[1]?.createNode('server')];
      server?.on('fail', () => {
        throw failure();
      });
      server?.on('ask', () => 'fine');
      const asks = ['ask', 'fail', 'ask'].map((type) => client?.send('server', { type }, { timeout: '5s' }).return());
      const outcomes = await Promise.allSettled(asks);
      expect(outcomes).toMatchObject([
        { value: 'fine' },
        { reason: { code: 'HAPPEN_HANDLER_FAILED' } },
        { value: 'fine' },
      ]);
    });
  });
});
