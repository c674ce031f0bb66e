import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { initializeHappen } from '../../src/index.js';
import { gate } from '../talking/observing.js';
import { turn } from '../talking/worlds.js';

const sources: Readonly<Record<string, unknown>> = {
  '({ a: 1 })': { a: 1 },
  '[{ a: 1 }]': [{ a: 1 }],
  'new Date(5)': new Date(5),
  'new Map([[1, { a: 2 }]])': new Map([[1, { a: 2 }]]),
  'new Set([1])': new Set([1]),
  'new Uint8Array([1, 2])': new Uint8Array([1, 2]),
  '({ when: new Date(5) })': { when: new Date(5) },
};

describe.each(['freeze', 'copy'] as const)('with isolation "%s"', (isolation) => {
  function world() {
    const space = initializeHappen({ isolation });
    return { client: space.createNode('client'), server: space.createNode('server') };
  }

  it.each(Object.entries(sources))(
    'a payload made in another realm arrives as what it is: %s',
    async (source, same) => {
      const { client, server } = world();
      let received: unknown;
      server.on('take', ({ payload }) => {
        received = payload;
      });
      await client.send(server, { type: 'take', payload: runInNewContext(source) });
      expect(received).toStrictEqual(same);
    },
  );

  it.each(Object.entries(sources))('a result made in another realm arrives as what it is: %s', async (source, same) => {
    const { client, server } = world();
    server.on('give', () => runInNewContext(source) as object);
    expect(await client.send(server, { type: 'give' })).toStrictEqual(same);
  });

  it('an error made in another realm arrives as an error', async () => {
    const { client, server } = world();
    server.on('give', () => runInNewContext('new RangeError("no")') as object);
    expect(await client.send(server, { type: 'give' })).toMatchObject({ name: 'RangeError', message: 'no' });
  });

  it('the getters of a payload are read before it arrives, and never again', async () => {
    const { client, server } = world();
    const { passed, open } = gate();
    let reads = 0;
    const own = { a: 1 };
    const payload = {
      get count() {
        return ++reads;
      },
      get own() {
        return own;
      },
    };
    server.on('take', async (event) => {
      const first = event.payload as typeof payload;
      const seen = [first.count, first.count];
      await passed;
      return { seen: [...seen, first.count], same: first.own === own };
    });
    const answer = client.send(server, { type: 'take', payload }).return();
    await turn();
    const readsByThen = reads;
    open();
    const { seen, same } = (await answer) as { seen: number[]; same: boolean };
    expect(new Set(seen).size).toBe(1);
    expect(same).toBe(false);
    expect(reads).toBe(readsByThen);
  });
});
