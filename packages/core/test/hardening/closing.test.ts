import { describe, expect, it } from 'vitest';
import { initializeHappen, memoryHub } from '../../src/index.js';
import { gate } from '../talking/observing.js';
import { turn } from '../talking/worlds.js';
import { processorMs } from './garbage.js';

describe('after a recursion without end', () => {
  it.each([100, 100_000])('every slot is given back (causes are %i deep at most)', async (maxDepth) => {
    const space = initializeHappen({ causality: { maxDepth } });
    const node = space.createNode('node');
    node.on('again', () => node.processSync({ type: 'again' }).payload);
    expect(() => node.processSync({ type: 'again' })).toThrow();
    expect(space.metrics().queues['node']).toEqual({ running: 0, waiting: 0 });
    node.on('ask', () => 'answer');
    expect(await node.send({ type: 'ask' })).toBe('answer');
    expect(await space.close({ timeout: 3_600_000 })).toEqual({ unfinished: [] });
  });
});

describe('a promise that calls back more than once', () => {
  type Then = (fulfilled: (value: number) => void, rejected: (error: unknown) => void) => unknown;
  const native = (then: Then): unknown => Object.assign(Promise.resolve(0), { then });
  const foreign = (then: Then): unknown => ({ then });
  const thens: Record<string, Then> = {
    'with two values': (fulfilled) => {
      fulfilled(1);
      fulfilled(2);
    },
    'with a value and an error': (fulfilled, rejected) => {
      fulfilled(1);
      rejected(new Error('late'));
    },
    'and throws': (fulfilled) => {
      fulfilled(1);
      throw new Error('late');
    },
  };
  const kinds = { native, foreign };

  it.each(
    Object.entries(thens).flatMap(([how, then]) =>
      Object.entries(kinds).map(([kind, make]) => [kind, how, make(then)]),
    ),
  )('%s, %s, ends its delivery once', async (_, __, promise) => {
    const space = initializeHappen();
    const node = space.createNode('node');
    node.on('ask', () => promise as never);
    expect(await node.send({ type: 'ask' })).toBe(1);
    await turn();
    expect(space.metrics().queues['node']).toEqual({ running: 0, waiting: 0 });
    expect(space.metrics().nodes).toMatchObject({ handled: 1, handlerFailures: 0 });
  });
});

describe('a closed node', () => {
  it('has no say in what a later node of its id hears', async () => {
    const hub = memoryHub();
    const [here, there] = [0, 1].map(() => initializeHappen({ transport: hub.transport() }));
    await Promise.all([here?.ready(), there?.ready()]);
    const speaker = here?.createNode('speaker');
    const old = there?.createNode('listener');
    const off = old?.on('news', () => {});
    await turn();
    await old?.close();
    const heard: unknown[] = [];
    there?.createNode('listener').on('**', ({ payload }) => void heard.push(payload));
    await turn();
    const say = async (payload: number): Promise<void> => {
      await speaker?.broadcast({ type: 'news', payload }).sent();
      await turn();
    };
    await say(1);
    off?.();
    await turn();
    await say(2);
    old?.on('other', () => {});
    await turn();
    await say(3);
    expect(heard).toEqual([1, 2, 3]);
  });
});

describe('closing many busy nodes', () => {
  function busy(count: number) {
    const space = initializeHappen();
    const { passed, open } = gate();
    const nodes = Array.from({ length: count }, (_, index) => space.createNode(`n${index}`));
    for (const node of nodes) {
      node.on('work', () => passed);
      node.send({ type: 'work' });
    }
    return { space, nodes, open };
  }

  it('as a space takes time in proportion to their number', async () => {
    const { space, open } = busy(20_000);
    await turn();
    const since = process.cpuUsage();
    const closing = space.close();
    open();
    expect(await closing).toEqual({ unfinished: [] });
    expect(processorMs(since)).toBeLessThan(3_000);
  });

  it('one by one takes time in proportion to their number', async () => {
    const { space, nodes, open } = busy(12_000);
    await turn();
    const since = process.cpuUsage();
    const closing = Promise.all(nodes.map((node) => node.close()));
    open();
    await closing;
    expect(processorMs(since)).toBeLessThan(3_000);
    expect(Object.keys(space.metrics().queues)).toEqual([]);
  });
});
