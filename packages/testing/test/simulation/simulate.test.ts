import { describe, expect, it } from 'vitest';
import { type Scenario, simulate, SimulationError, type SimulationProgress } from '../../src/index.js';
import { failureOf, shopping } from './warehouse.js';

describe('a simulation', () => {
  it('gives the same events for the same seed: 200 seeds, each run twice', async () => {
    const report = await simulate({ seeds: 200, repeat: 'every' }, shopping(100, 8, 2_000));
    expect(report).toMatchObject({ runs: 200, failures: [] });
  });

  it('gives other events for other seeds', async () => {
    const seen = new Set<string>();
    await simulate({ seeds: 50, repeat: 'none' }, async (simulation) => {
      const { random } = simulation;
      seen.add(`${random.next()}`);
      await shopping(100, 2)(simulation);
      seen.add(`${simulation.clock.now()}`);
    });
    expect(seen.size).toBeGreaterThan(80);
  });

  it('finds a race, names the faults it needs, and replays it to the last event', async () => {
    const { failure, message } = await failureOf(simulate({ seeds: 400 }, shopping(1, 3)));
    expect(failure).toMatchObject({ kind: 'invariant', what: 'the invariant "stock is never below zero"', real: [] });
    expect(message).toContain(`Seed ${failure.seed} fails`);
    expect(message).toContain('stock is never below zero');
    expect(message).toContain(JSON.stringify(failure.replay));
    const again = await failureOf(simulate(failure.replay, shopping(1, 3)));
    expect(again).toBeInstanceOf(SimulationError);
    expect(again.failure.log).toEqual(failure.log);
    expect(again.failure.atMs).toBe(failure.atMs);
  });

  it('leaves out the faults that a failure does not need', async () => {
    const asking: Scenario = async ({ space, sleep }) => {
      space('echo', ({ open }) =>
        open()
          .createNode('echo')
          .on('say', ({ payload }) => payload),
      );
      const asker = space('asker', ({ open }) => open().createNode('asker'));
      for (let asked = 0; asked < 20; asked++) {
        await sleep(1);
        await asker.current.send('echo', { type: 'say', payload: asked }, { timeout: '2s' }).return();
      }
    };
    const lossy = { drop: 0.2, cuts: false, disconnects: false } as const;
    const { failure } = await failureOf(simulate({ seeds: 20, faults: lossy }, asking));
    expect(failure.needs).toEqual(['drop']);
    expect(failure.error).toMatchObject({ code: 'HAPPEN_TIMEOUT' });
    await expect(simulate({ seeds: 50, faults: { ...lossy, drop: false } }, asking)).resolves.toMatchObject({
      runs: 50,
    });
  });

  it('collects all failures when asked to, and tells how far it has come', async () => {
    const progress: SimulationProgress[] = [];
    const report = await simulate(
      { seeds: { from: 100, count: 60 }, collect: true, onProgress: (at) => progress.push(at) },
      shopping(1, 3, 60),
    );
    expect(report.runs).toBe(60);
    expect(report.failures.length).toBeGreaterThan(1);
    expect(report.failures.every(({ seed }) => seed >= 100 && seed < 160)).toBe(true);
    expect(progress.map(({ done }) => done)).toEqual(Array.from({ length: 60 }, (_, at) => at + 1));
    expect(progress.at(-1)).toEqual({ done: 60, total: 60, failed: report.failures.length });
  });

  it('ends when it is told to, also within a run', async () => {
    const stopping = new AbortController();
    const endless: Scenario = async ({ sleep, note }) => {
      for (;;) {
        await sleep(1);
        note('still here');
        stopping.abort(new Error('enough'));
      }
    };
    await expect(simulate({ signal: stopping.signal }, endless)).rejects.toThrow('enough');
    await expect(simulate({ signal: stopping.signal }, () => {})).rejects.toThrow('enough');
  });

  it('looks at what must hold at the end when all is quiet, and may ask for it', async () => {
    const scenario: Scenario = ({ space, atEnd }) => {
      const counted: number[] = [];
      space('counter', ({ open }) => {
        const node = open().createNode('counter');
        node.on('count', ({ payload }) => void counted.push(payload));
        node.on('how-many', () => counted.length);
      });
      const sender = space('sender', ({ open }) => open().createNode('sender'));
      sender.current.send('counter', { type: 'count', payload: 1 });
      atEnd('it was counted', async () => {
        expect(await sender.current.send('counter', { type: 'how-many', payload: {} }).return()).toBe(1);
      });
    };
    await simulate({ seeds: 20, faults: { drop: 0, cuts: false, disconnects: false } }, scenario);
    const { failure } = await failureOf(simulate({ seeds: 20, faults: { drop: 1 } }, scenario));
    expect(failure).toMatchObject({ kind: 'check', what: 'the check "it was counted"', needs: ['drop'] });
  });

  it.each([
    [{ seed: 1 }, 'seed'],
    [{ seeds: 0 }, 'seeds'],
    [{ seeds: [] }, 'seeds'],
    [{ seeds: [0.5] }, 'seeds'],
    [{ chaosMs: -1 }, 'chaosMs'],
    [{ completionMs: Number.NaN }, 'completionMs'],
    [{ mostSteps: 0 }, 'mostSteps'],
    [{ repeat: 'twice' }, 'repeat'],
    [{ faults: { losses: 0.1 } }, 'faults.losses'],
    [{ faults: { drop: 2 } }, 'faults.drop'],
    [{ faults: { delayMs: [3, 1] } }, 'faults.delayMs'],
    [{ faults: { skewMs: -1 } }, 'faults.skewMs'],
    [{ faults: { ties: 1 } }, 'faults.ties'],
    [{ faults: { cuts: { everyMs: 0, forMs: 1 } } }, 'faults.cuts.everyMs'],
    [{ faults: { crashes: { everyMs: 1, forMs: -1 } } }, 'faults.crashes.forMs'],
    [{ faults: { disconnects: { everyMs: 1, forMs: 1, often: 1 } } }, 'faults.disconnects.often'],
  ])('refuses %j', async (options, path) => {
    await expect(simulate(options as never, () => {})).rejects.toMatchObject({
      code: 'HAPPEN_INVALID_OPTION',
      details: { path },
    });
  });
});
