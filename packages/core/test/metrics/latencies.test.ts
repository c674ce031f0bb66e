import { describe, expect, it } from 'vitest';
import { initializeHappen, memoryHub } from '../../src/index.js';
import { Latencies } from '../../src/metrics/latencies.js';
import { systemClock } from '../../src/host/system-clock.js';
// The package that holds it depends on this one, so it is no dependency to be declared here.
import { virtualClock } from '../../../testing/src/clock/virtual-clock.js';

/** Whether a percentile of a bucketed time is the time. */
function about(ms: number): unknown {
  return expect.toSatisfy((value: number) => value >= ms && value <= ms * 1.125 + 0.001, `about ${ms}`);
}

describe('the latencies of a space', () => {
  it('are measured only where that is asked for', async () => {
    const { createNode, metrics } = initializeHappen();
    const node = createNode('a');
    node.on('x', () => 1);
    await node.send({ type: 'x' });
    expect(metrics().latencies).toBeUndefined();
  });

  it('are how long events wait, how long they are handled, and how long answers take', async () => {
    const clock = virtualClock();
    const { createNode, metrics } = initializeHappen({ clock, metrics: { latencies: true } });
    const worker = createNode('worker', { concurrency: { maxConcurrent: 1 } });
    const asker = createNode('asker');
    worker.on('work', () => new Promise((resolve) => void clock.setTimer(100, () => resolve('done'))));
    const answers = Promise.all([1, 2, 3].map(() => asker.send(worker, { type: 'work' })));
    await clock.advance(1_000);
    await answers;
    const { latencies } = metrics();
    expect(latencies).toMatchObject({
      waiting: { count: 3, sum: 300, min: 0, max: 200, p50: about(100), p99: 200 },
      handling: { count: 3, sum: 300, min: 100, max: 100, p50: 100 },
      roundTrip: { count: 3, sum: 600, min: 100, max: 300, p50: about(200), p99: 300 },
      nodes: { worker: { waiting: { count: 3 }, handling: { count: 3 } }, asker: { waiting: { count: 0 } } },
      targets: { worker: { count: 3, max: 300 } },
    });
  });

  it('take a jump of the machine’s clock for nothing', async () => {
    const clock = virtualClock();
    const { createNode, metrics } = initializeHappen({ clock, metrics: { latencies: true } });
    const node = createNode('a');
    node.on('x', (event) => new Promise((resolve) => void clock.setTimer(event.payload, () => resolve('done'))));
    const answer = node.send({ type: 'x', payload: 50 }).return();
    await clock.advance(10);
    clock.jump(-3_600_000);
    await clock.advance(40);
    await answer;
    const second = node.send({ type: 'x', payload: 50 }).return();
    await clock.advance(10);
    clock.jump(7_200_000);
    await clock.advance(40);
    await second;
    expect(metrics().latencies).toMatchObject({
      handling: { min: 50, max: 50, count: 2 },
      roundTrip: { min: 50, max: 50, count: 2 },
    });
  });

  it('are never below zero with a clock that has nothing better than the time of day', async () => {
    let now = 1_000_000;
    const clock = { now: () => now, setTimer: systemClock.setTimer };
    const { createNode, metrics } = initializeHappen({ clock, metrics: { latencies: true } });
    const node = createNode('a');
    node.on('x', () => {
      now -= 5_000;
      return 1;
    });
    await node.send({ type: 'x' });
    expect(metrics().latencies).toMatchObject({
      handling: { count: 1, sum: 0, min: 0, max: 0 },
      roundTrip: { sum: 0 },
    });
  });

  it('are those of failed requests too, but not of what never left', async () => {
    const clock = virtualClock();
    const { createNode, metrics } = initializeHappen({ clock, metrics: { latencies: true } });
    const node = createNode('a');
    node.on('never', () => new Promise(() => {}));
    const answer = node.send(node, { type: 'never' }, { timeout: 70 }).return();
    answer.catch(() => {});
    await clock.advance(1_000);
    await expect(answer).rejects.toMatchObject({ code: 'HAPPEN_TIMEOUT' });
    await expect(node.send(node, { type: 'node.x' })).rejects.toMatchObject({ code: 'HAPPEN_RESERVED_TYPE' });
    expect(metrics().latencies).toMatchObject({
      roundTrip: { count: 1, max: expect.toSatisfy((ms: number) => ms >= 70 && ms < 1_000) as unknown },
      handling: { count: 0 },
    });
  });

  it('are counted by the node that is asked, wherever it lives', async () => {
    const hub = memoryHub();
    const here = initializeHappen({ transport: hub.transport(), metrics: { latencies: true } });
    const there = initializeHappen({ transport: hub.transport(), metrics: { latencies: true } });
    there.createNode('far').on('x', () => 1);
    await Promise.all([here.ready(), there.ready()]);
    await here.createNode('near').send('far', { type: 'x' });
    expect(here.metrics().latencies?.targets['far']).toMatchObject({
      count: 1,
      max: expect.toSatisfy((ms: number) => ms > 0) as unknown,
    });
    expect(here.metrics().latencies?.handling.count).toBe(0);
    expect(there.metrics().latencies?.handling.count).toBe(1);
    await Promise.all([here.close(), there.close()]);
  });

  it('stay in the totals when their node is closed', async () => {
    const { createNode, metrics } = initializeHappen({ metrics: { latencies: true } });
    for (const id of ['a', 'b', 'a']) {
      const node = createNode(id);
      node.on('x', () => 1);
      await node.send({ type: 'x' });
      await node.close();
    }
    const { handling, nodes } = metrics().latencies ?? {};
    expect(handling?.count).toBe(3);
    expect(Object.keys(nodes ?? {})).toEqual([]);
  });

  it('take bounded memory, however many nodes there are and are asked', () => {
    const latencies = new Latencies(systemClock);
    for (let i = 0; i < 3_000; i++) {
      const node = latencies.node(`node-${i}`);
      node.waiting.record(1);
      node.handling.record(2);
      latencies.answered(`target-${i}`, latencies.now());
    }
    const { waiting, handling, roundTrip, nodes, targets } = latencies.metrics();
    expect([waiting.count, handling.count, roundTrip.count]).toEqual([3_000, 3_000, 3_000]);
    expect([Object.keys(nodes).length, Object.keys(targets).length]).toEqual([1_000, 1_000]);
  });
});
