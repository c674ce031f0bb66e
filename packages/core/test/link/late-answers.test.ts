import { expect, it } from 'vitest';
import { virtualClock } from '../../../testing/src/clock/virtual-clock.js';
import { initializeHappen, memoryHub } from '../../src/index.js';

it.each([
  [
    'fails',
    (reason: Error): never => {
      throw reason;
    },
  ],
  ['answers', (): string => 'aborted'],
])('a flow that %s at its abort says nothing else than that the time is over', async (_how, comeTo) => {
  const hub = memoryHub();
  const receiversClock = virtualClock();
  await using here = initializeHappen({ transport: hub.transport(), clock: virtualClock() });
  await using there = initializeHappen({ transport: hub.transport(), clock: receiversClock });
  let begun = (): void => {};
  const hasBegun = new Promise<void>((resolve) => (begun = resolve));
  there.createNode('slow').on('work', async (_event, { signal }) => {
    begun();
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    return comeTo(signal.reason as Error);
  });
  await Promise.all([here.ready(), there.ready()]);
  const asked = here.createNode('asker').send('slow', { type: 'work' }, { timeout: 100 }).return();
  const outcome = asked.catch((error: unknown) => error);
  await hasBegun;
  // The receiver's timer is a little earlier than the asker's.
  await receiversClock.advance(150);
  expect(await outcome).toMatchObject({
    code: 'HAPPEN_TIMEOUT',
    message: 'Node "slow" did not answer "work" within 100 ms.',
    details: { node: 'slow', type: 'work', timeoutMs: 100 },
  });
});
