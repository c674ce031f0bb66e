import { simulate } from '@happen/testing';
import { it } from 'vitest';
import { wireCounter } from './my-counter.js';

it('counts every visit once, whatever happens to the frames', async () => {
  await simulate({ seeds: 100 }, async ({ space, random, sleep, atEnd }) => {
    const counter = space('counter', ({ open }) => wireCounter(open()));
    const door = space('door', ({ open }) => open().createNode('door'));
    atEnd('every visit is counted once', () => counter.current.visits === 10);

    const tell = async (visit: number): Promise<void> => {
      try {
        await door.current.send('counter', { type: 'visited', payload: { visit } }, { timeout: '100ms' }).return();
      } catch {
        // It may have been counted all the same: the counter knows the visit when it hears of it again.
        await sleep(random.integer(10, 100));
        await tell(visit);
      }
    };
    for (let visit = 1; visit <= 10; visit++) await tell(visit);
  });
});
