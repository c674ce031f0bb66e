import { strict as assert } from 'node:assert';

export const alsoInstall = ['fast-check@4'];

/** @param {typeof import('@happen/testing')} testing */
export async function use({ simulate, virtualClock }) {
  const clock = virtualClock();
  const begin = clock.now();
  const moments = [];
  clock.setTimer(30_000, () => moments.push(clock.now() - begin));

  await clock.advance(29_999);
  assert.deepEqual(moments, []);
  await clock.advance(1);
  assert.deepEqual(moments, [30_000]);

  const scenario = async ({ space }) => {
    space('there', ({ open }) =>
      open()
        .createNode('greeter')
        .on('greet', ({ payload }) => `Hello, ${payload}`),
    );
    const here = space('here', ({ open }) => open().createNode('visitor'));
    const answer = here.current.send('greeter', { type: 'greet', payload: 'Ada' }).return();
    assert.equal(await answer, 'Hello, Ada');
  };
  const { runs } = await simulate({ seeds: 3, faults: { drop: 0, cuts: false, disconnects: false } }, scenario);
  assert.equal(runs, 3);

  const { nodeId, payload } = await import('@happen/testing/fast-check');
  const { default: fc } = await import('fast-check');
  fc.assert(fc.property(nodeId(), payload(), (id) => id.length > 0));
}
