import { describe, expect, it } from 'vitest';
import { type Scenario, simulate } from '../../src/index.js';

describe('spaces that sign', () => {
  it('talk in a simulation, keys and all from the seed', async () => {
    const keysOf = new Map<number, string[]>();
    const scenario: Scenario = async ({ seed, space }) => {
      const security = { sign: true } as const;
      space('there', ({ open }) =>
        open({ security })
          .createNode('echo')
          .on('say', ({ payload }) => payload),
      );
      const { current: asker } = space('here', ({ open }) => open({ security }).createNode('asker'));
      const key = String(await asker.identity.publicKey());
      keysOf.set(seed, [...(keysOf.get(seed) ?? []), key]);
      expect(await asker.send('echo', { type: 'say', payload: 'hello' }).return()).toBe('hello');
    };
    // A space that has just begun refuses what was signed before it began, by its own clock.
    const quiet = { drop: false, cuts: false, disconnects: false, skewMs: false } as const;
    await simulate({ seeds: 5, faults: quiet, repeat: 'every' }, scenario);
    expect([...keysOf.values()].every(([first, second]) => first === second)).toBe(true);
    expect(new Set([...keysOf.values()].flat()).size).toBe(5);
  });
});
