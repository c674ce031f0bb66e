import { strict as assert } from 'node:assert';

/** @param {typeof import('@happen/testing')} testing */
export async function use({ virtualClock }) {
  const clock = virtualClock();
  const begin = clock.now();
  const moments = [];
  clock.setTimer(30_000, () => moments.push(clock.now() - begin));

  await clock.advance(29_999);
  assert.deepEqual(moments, []);
  await clock.advance(1);
  assert.deepEqual(moments, [30_000]);
}
