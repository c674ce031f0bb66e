import { describe, expect, it } from 'vitest';
import { type EventStream, initializeHappen } from '../../src/index.js';
import { FrontList } from '../../src/talk/front-list.js';
import { upTo } from '../talking/observing.js';

/** Microseconds of processor time for each of `count` items that are all asked for before the first one comes. */
async function costOfEach(count: number): Promise<number> {
  await using space = initializeHappen();
  const producer = space.createNode('producer');
  producer.on('count', async function* () {
    for (let index = 0; index < count; index++) yield index;
  });
  const stream = (await space.createNode('consumer').send(producer, { type: 'count' })) as EventStream<number, void>;
  const before = process.cpuUsage();
  const asked = upTo(count + 1).map(() => stream.next());
  const results = await Promise.all(asked);
  const { user, system } = process.cpuUsage(before);
  expect(results[count - 1]).toEqual({ done: false, value: count - 1 });
  expect(results[count]).toEqual({ done: true, value: undefined });
  return (user + system) / count;
}

describe('a stream of which everything is asked for at once', () => {
  it('gives each item at a cost that does not grow with how many are asked for', { timeout: 60_000 }, async () => {
    for (const _ of upTo(5)) await costOfEach(5_000);
    const few = await costOfEach(5_000);
    expect((await costOfEach(200_000)) / few).toBeLessThan(8);
  });
});

describe('a list that is taken from its front', () => {
  it('gives in order what was put in, whenever it is taken', () => {
    const list = new FrontList<number>();
    const taken: (number | undefined)[] = [];
    for (const index of upTo(1_000)) {
      list.push(index);
      if (index % 3 > 0) taken.push(list.shift());
    }
    taken.push(...list.takeAll());
    expect(taken).toEqual(upTo(1_000));
    expect([list.shift(), list.takeAll()]).toEqual([undefined, []]);
    list.push(1);
    expect(list.shift()).toBe(1);
  });
});
