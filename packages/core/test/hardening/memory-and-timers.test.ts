import { describe, expect, it, vi } from 'vitest';
import { initializeHappen, memoryHub } from '../../src/index.js';
import { TurnQueue } from '../../src/routing/turn-queue.js';
import { Registrations } from '../../src/node/registrations.js';
import { systemClock } from '../../src/host/system-clock.js';
import { gate } from '../talking/observing.js';
import { turn } from '../talking/worlds.js';
import { collected, heldMegabytes, processorMs } from './garbage.js';

describe('memory', () => {
  it('is let go of by a queue as soon as it has handed something over', async () => {
    const queue = new TurnQueue<object>(() => {});
    const refs = Array.from({ length: 100 }, () => {
      const item = {};
      queue.push(item, systemClock);
      return new WeakRef(item);
    });
    await turn();
    await collected();
    expect(refs.filter((ref) => ref.deref() !== undefined)).toEqual([]);
  });

  it('of a pending request is in proportion to what was sent, at both ends', async () => {
    const hub = memoryHub();
    const concurrency = { default: { maxConcurrent: 10_000 } };
    const [here, there] = [0, 1].map(() => initializeHappen({ transport: hub.transport(), concurrency }));
    await Promise.all([here?.ready(), there?.ready()]);
    const [client, server] = [here?.createNode('client'), there?.createNode('server')];
    const { passed, open } = gate();
    server?.on('wait', () => passed);
    await turn();
    const before = await heldMegabytes();
    const answers: (Promise<unknown> | undefined)[] = [];
    for (let number = 0; number < 3_000; number++) {
      answers.push(client?.send('server', { type: 'wait', payload: number }).return());
      if (number % 100 === 0) await turn();
    }
    while ((there?.metrics().queues['server']?.running ?? 0) < 3_000) await turn();
    // About 5 KB each; a slab of memory for each would be 16 KB more.
    expect((await heldMegabytes()) - before).toBeLessThan(30);
    open();
    await Promise.all(answers);
  });

  it('of broadcasts that have arrived is let go of without another frame having to come', async () => {
    const hub = memoryHub();
    const [here, there] = [0, 1].map(() => initializeHappen({ transport: hub.transport() }));
    await Promise.all([here?.ready(), there?.ready()]);
    const [speaker, listener] = [here?.createNode('speaker'), there?.createNode('listener')];
    let heard = 0;
    listener?.on('news', () => void heard++);
    await turn();
    const before = await heldMegabytes();
    const payload = 'x'.repeat(10_000);
    for (let number = 0; number < 3_000; number++) speaker?.broadcast({ type: 'news', payload });
    while (heard < 3_000) await turn();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await heldMegabytes()) - before).toBeLessThan(10);
  });
});

describe('a type that was never seen before', () => {
  it('costs a node no look at each of its registrations', () => {
    const registrations = new Registrations(vi.fn(), vi.fn());
    for (let number = 0; number < 10_000; number++) registrations.add(`exact.${number}`, () => {});
    registrations.add('wild.*', () => {});
    const since = process.cpuUsage();
    for (let number = 0; number < 2_000; number++) {
      expect(registrations.matching(`wild.${number}`)).toHaveLength(1);
    }
    expect(registrations.matching('exact.7')).toHaveLength(1);
    // Looking at each took seconds.
    expect(processorMs(since)).toBeLessThan(1_500);
  });

  it('finds its registrations in the order in which they were made', () => {
    const registrations = new Registrations(vi.fn(), vi.fn());
    const handlers = [1, 2, 3, 4].map((number) => () => number);
    for (const [index, pattern] of ['a.b', 'a.*', 'a.b', '**'].entries()) registrations.add(pattern, handlers[index]);
    expect(registrations.matching('a.b').map(({ handler }) => handler)).toEqual(handlers);
  });
});
