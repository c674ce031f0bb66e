import { describe, expect, it } from 'vitest';
import type { EventStream } from '../../src/index.js';
import { virtualClock } from '../../../testing/src/clock/virtual-clock.js';
import { codeOf, gate, until } from '../talking/observing.js';
import { oneSpace, twoEndsOfAChannel, twoSpaces } from '../talking/worlds.js';

const settings = { tracking: 'automatic', isolation: 'freeze' } as const;

/** Iterators that count up, and do as they like when they are to end. */
const unwilling: Record<string, () => AsyncIterator<unknown> | Iterator<unknown>> = {
  'throws in return': () =>
    counting(() => {
      throw new Error('in return');
    }),
  'rejects in return': () => counting(() => Promise.reject(new Error('in return'))),
  'has no return': () => counting(undefined),
  'yields fifty times after return': async function* () {
    try {
      for (;;) yield 1;
    } finally {
      for (let i = 0; i < 50; i++) yield 'again';
    }
  },
  'yields for ever after return': function* () {
    try {
      for (;;) yield 1;
    } finally {
      for (;;) yield 'again';
    }
  },
};

/** What never ends once nobody wants it any more. */
const endless: Record<string, () => unknown> = {
  'never settles in return': () => counting(() => new Promise(() => {})),
  'waits for ever between two items': async function* () {
    yield 1;
    await new Promise(() => {});
  },
  'waits for ever in its finally': async function* () {
    try {
      for (;;) yield 1;
    } finally {
      await new Promise(() => {});
    }
  },
  'goes on with a step that never ends': async function* () {
    yield 1;
    return () => new Promise(() => {});
  },
};

const broken: Record<string, () => unknown> = {
  'throws in next': () => {
    throw new Error('in next');
  },
  'results in no result': () => 5,
};

function counting(end: (() => unknown) | undefined): AsyncIterator<unknown> {
  let count = 0;
  const iterator = {
    next: async () => ({ done: false, value: ++count }),
    return: end,
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator as AsyncIterator<unknown>;
}

describe.each([
  ['in one space', oneSpace(settings)],
  ['over the hub', twoSpaces(settings)],
  ['over a message port', twoEndsOfAChannel(settings)],
])('%s an iterator', (_where, open) => {
  it.each(Object.entries(unwilling))(
    'that %s ends when its consumer leaves, and holds nothing up',
    async (_name, make) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('stream', make as never);
      b.on('ping', () => 'pong');
      let taken = 0;
      for await (const _item of (await a.send(b, { type: 'stream' })) as EventStream<unknown, void>)
        if (++taken === 3) break;
      expect(await a.send(b, { type: 'ping' })).toBe('pong');
      await until('it is over', () => world.spaces.every((space) => space.metrics().streams.open === 0));
      for (const space of world.spaces) expect(await space.close({ timeout: 1_000 })).toEqual({ unfinished: [] });
    },
  );

  it.each(Object.entries(endless))(
    'that %s is given up half a minute after its consumer has left, and nothing is held for it',
    async (_name, make) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      const told = world.heard('node.error');
      b.on('stream', make as never);
      b.on('ping', () => 'pong');
      const openStreams = (): number => world.spaceOf(b).metrics().streams.open;
      const stream = (await a.send(b, { type: 'stream' }, { key: 'k' })) as EventStream<unknown, void>;
      await stream.next();
      await clock.advance(1);
      const next = stream.next();
      await clock.advance(1);
      await stream.return();
      await next;
      const behind = a.send(b, { type: 'ping' }, { key: 'k', timeout: 60_000 }).return();
      await clock.advance(29_900);
      expect([openStreams(), told.length]).toEqual([1, 0]);
      await clock.advance(200);
      expect(openStreams()).toBe(0);
      expect(await behind).toBe('pong');
      expect(told.map(({ payload }) => payload)).toMatchObject([
        { code: 'HAPPEN_TIMEOUT', nodeId: 'b', type: 'stream' },
      ]);
      const closing = b.close();
      await clock.advance(1);
      await closing;
    },
  );

  it('that takes its time to end is waited for, and given up no more after that', async () => {
    const clock = virtualClock();
    await using world = await open({ clock });
    const [a, b] = [world.node('a'), world.node('b')];
    const told = world.heard('node.error');
    const done = gate();
    b.on('stream', async function* () {
      try {
        for (;;) yield 1;
      } finally {
        await done.passed;
      }
    });
    const stream = (await a.send(b, { type: 'stream' })) as EventStream<unknown, void>;
    await stream.next();
    await stream.return();
    await clock.advance(20_000);
    expect(world.spaceOf(b).metrics().streams.open).toBe(1);
    done.open();
    await clock.advance(1);
    expect(world.spaceOf(b).metrics().streams.open).toBe(0);
    await clock.advance(60_000);
    expect(told).toEqual([]);
  });

  it.each(Object.entries(broken))('that %s fails the stream', async (_name, next) => {
    await using world = await open();
    const [a, b] = [world.node('a'), world.node('b')];
    b.on('stream', () => {
      const iterator = { next, [Symbol.asyncIterator]: () => iterator };
      return iterator as never;
    });
    const stream = (await a.send(b, { type: 'stream' })) as EventStream<unknown, void>;
    expect(await codeOf(stream.next())).toBe('HAPPEN_HANDLER_FAILED');
    await until('it is over', () => world.spaces.every((space) => space.metrics().streams.open === 0));
  });
});
