import { describe, expect, it } from 'vitest';
import type { EventStream } from '../../src/index.js';
import { codeOf, until } from '../talking/observing.js';
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
