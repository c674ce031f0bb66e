import { expect, it } from 'vitest';
import { initializeHappen, memoryHub } from '../../src/index.js';

// Longer than a test may take: whoever waits for it is seen.
const timeout = 60_000;

it('a flow that closes its space does not wait for itself, and is answered', async () => {
  const happen = initializeHappen();
  const said: string[] = [];
  happen.createNode('admin').on('shut-down', async () => {
    const result = await happen.close({ timeout });
    said.push('closed');
    return result;
  });
  const asker = happen.createNode('asker');
  expect(await asker.send('admin', { type: 'shut-down' })).toEqual({ unfinished: [] });
  expect(said).toEqual(['closed']);
  // Once it has ended, the space has as well.
  expect(await happen.close()).toEqual({ unfinished: [] });
  await expect(asker.send('admin', { type: 'shut-down' }).return()).rejects.toMatchObject({ code: 'HAPPEN_CLOSED' });
});

it('it waits for what else runs, in its own node and in others, and for others that close the space no more than for itself', async () => {
  const happen = initializeHappen();
  const order: string[] = [];
  let go: () => void = () => {};
  const gate = new Promise<void>((resolve) => (go = resolve));
  for (const id of ['admin', 'worker']) {
    const node = happen.createNode(id, { concurrency: { maxConcurrent: 10 } });
    node.on('work', async () => {
      await gate;
      order.push(`work at ${id}`);
    });
    node.on('shut-down', async () => {
      await happen.close({ timeout });
      order.push(`closed at ${id}`);
    });
  }
  const asker = happen.createNode('asker');
  const asked = ['work', 'shut-down'].flatMap((type) =>
    ['admin', 'worker'].map((id) => asker.send(id, { type }).return()),
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(order).toEqual([]);
  go();
  await Promise.all(asked);
  expect(order.slice(0, 2).sort()).toEqual(['work at admin', 'work at worker']);
  expect(order.slice(2).sort()).toEqual(['closed at admin', 'closed at worker']);
});

it('whoever asked from another space is answered before it disconnects', async () => {
  const hub = memoryHub();
  const [home, away] = [
    initializeHappen({ transport: hub.transport() }),
    initializeHappen({ transport: hub.transport() }),
  ];
  await Promise.all([home.ready(), away.ready()]);
  home.createNode('admin').on('shut-down', async () => (await home.close({ timeout })).unfinished.length);
  const asker = away.createNode('asker');
  expect(await asker.send('admin', { type: 'shut-down' })).toBe(0);
  await home.close();
  await away.close();
});

it('a flow that goes on for too long after that is aborted when the time is over', async () => {
  const happen = initializeHappen();
  let begun: () => void = () => {};
  const hasBegun = new Promise<void>((resolve) => (begun = resolve));
  happen.createNode('admin').on('shut-down', async (_event, { signal }) => {
    const closed = happen.close({ timeout: 50 });
    begun();
    await closed;
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve('aborted')));
  });
  const asked = happen.createNode('asker').send('admin', { type: 'shut-down' });
  const outcome = asked.return().catch(({ code }: { code: string }) => code);
  await hasBegun;
  const { unfinished } = await happen.close();
  expect(unfinished).toMatchObject([{ nodeId: 'admin', type: 'shut-down' }]);
  expect(await outcome).toBe('HAPPEN_CLOSED');
});
