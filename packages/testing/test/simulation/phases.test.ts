import { describe, expect, it } from 'vitest';
import { type Scenario, simulate } from '../../src/index.js';
import { failureOf } from './warehouse.js';

describe('after the chaos', () => {
  it('nothing is lost any more', async () => {
    const scenario: Scenario = async ({ space, clock, calm }) => {
      const begun = clock.now();
      space('echo', ({ open }) =>
        open()
          .createNode('echo')
          .on('say', ({ payload }) => payload),
      );
      const { current: asker } = space('asker', ({ open }) => open().createNode('asker'));
      const ask = (): Promise<unknown> =>
        asker.send('echo', { type: 'say', payload: 1 }, { timeout: '200ms' }).return();
      const lost = await ask().catch(({ code }: { code: string }) => code);
      expect(lost).toBe('HAPPEN_TIMEOUT');
      await calm;
      expect(clock.now() - begun).toBe(3_000);
      for (let asked = 0; asked < 50; asked++) expect(await ask()).toBe(1);
    };
    await simulate({ seeds: 10, faults: { drop: 1 }, chaosMs: 3_000 }, scenario);
  });

  it('what does not come to an end is found, and what waits is named', async () => {
    const scenario: Scenario = async ({ space }) => {
      const never = new Promise<void>(() => {});
      space('sleeper', ({ open }) =>
        open()
          .createNode('sleeper')
          .on('wake', () => never),
      );
      const { current: asker } = space('asker', ({ open }) => open().createNode('asker'));
      await asker.send('sleeper', { type: 'wake', payload: {} }, { timeout: '10d' }).return();
    };
    const error = await failureOf(simulate({ seeds: 1, faults: false }, scenario));
    expect(error.failure).toMatchObject({ kind: 'hang', what: 'the scenario', needs: [] });
    expect(error.failure.waiting).toEqual([
      'sleeper: node sleeper has 1 running and 0 waiting',
      expect.stringMatching(/^asker: an answer to wake \(.{8}\)$/),
      expect.stringMatching(/^asker: a timer, in \d+ ms$/),
      expect.stringMatching(/^sleeper: a timer, in \d+ ms$/),
    ]);
    expect(error.message).toContain('after all had become calm');
    expect(error.message).toContain('What waits:\n  sleeper: node sleeper has 1 running');
  });

  it('who waits for nothing that could come is found', async () => {
    const error = await failureOf(simulate({ seeds: 1, faults: false }, () => new Promise(() => {})));
    expect(error.failure).toMatchObject({ kind: 'hang', what: 'the scenario', waiting: [] });
    expect(error.message).toContain('nothing is left to do');
  });

  it('a node that never comes to rest is found, though the scenario is over', async () => {
    const scenario: Scenario = ({ space }) => {
      const node = space('busy', ({ open, sleep }) => {
        const node = open().createNode('busy');
        node.on('run', async () => {
          for (;;) await sleep(60_000);
        });
        return node;
      });
      node.current.send('busy', { type: 'run', payload: {} });
    };
    const { failure } = await failureOf(simulate({ seeds: 1 }, scenario));
    expect(failure).toMatchObject({ kind: 'hang', what: 'all to be quiet' });
    expect(failure.waiting[0]).toBe('busy: node busy has 1 running and 0 waiting');
    expect(failure.waiting[1]).toMatch(/^busy: a timer, in \d+ ms$/);
  });

  it('what runs round in circles without the time moving is found', async () => {
    const scenario: Scenario = async ({ clock }) => {
      const again = (): void => void clock.setTimer(0, again);
      again();
      await new Promise(() => {});
    };
    const { failure } = await failureOf(simulate({ seeds: 1, mostSteps: 1_000 }, scenario));
    expect(failure).toMatchObject({ kind: 'hang', atMs: 0, step: 1_001 });
  });

  it('an error that a timer throws is the failure of the run', async () => {
    const scenario: Scenario = async ({ clock, sleep }) => {
      clock.setTimer(5, () => {
        throw new Error('the timer broke');
      });
      await sleep(10);
    };
    const { failure } = await failureOf(simulate({ seeds: 1 }, scenario));
    expect(failure).toMatchObject({ kind: 'timer', atMs: 5, error: new Error('the timer broke') });
  });
});
