import { initializeHappen } from '@happen/core';
import { virtualClock } from '@happen/testing';
import { expect, it } from 'vitest';

it('gives up after thirty seconds, at once', async () => {
  const clock = virtualClock();
  const happen = initializeHappen({ clock });
  const slow = happen.createNode('slow');
  slow.on('report', () => new Promise(() => {}));

  const answer = happen.createNode('asker').send(slow, { type: 'report', payload: {} }).return();
  const refusal = expect(answer).rejects.toMatchObject({ code: 'HAPPEN_TIMEOUT' });
  await clock.advance(31_000);
  await refusal;
});
