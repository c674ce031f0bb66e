import { describe, expect, it } from 'vitest';
import { type Scenario, simulate } from '../../src/index.js';
import { failureOf } from './warehouse.js';

const onlyCrashes = {
  delayMs: 1,
  reorder: false,
  duplicate: false,
  drop: false,
  cuts: false,
  disconnects: false,
} as const;

describe('a space that crashes', () => {
  it('loses its memory, runs none of its timers, and comes back as it is built', async () => {
    const scenario: Scenario = async ({ space, sleep }) => {
      const ticks: number[] = [];
      const counter = space('counter', ({ open, clock, restarts }) => {
        const seen = { events: 0 };
        open()
          .createNode('counter')
          .on('count', () => ++seen.events);
        const tick = (): void => {
          ticks.push(restarts);
          clock.setTimer(10, tick);
        };
        tick();
        return seen;
      });
      const { current: asker } = space('asker', ({ open }) => open().createNode('asker'));
      const count = (): Promise<unknown> => asker.send('counter', { type: 'count', payload: {} }).return();
      expect([await count(), await count()]).toEqual([1, 2]);

      counter.crash();
      expect(counter.isUp).toBe(false);
      const before = ticks.length;
      await sleep(100);
      expect(ticks).toHaveLength(before);
      await expect(count()).rejects.toMatchObject({ code: 'HAPPEN_NO_SUCH_NODE' });

      counter.restart();
      expect([counter.isUp, counter.restarts]).toEqual([true, 1]);
      expect(await count()).toBe(1);
      await sleep(100);
      expect(ticks.slice(before).every((life) => life === 1)).toBe(true);
      counter.crash();
    };
    await simulate({ seeds: 5, faults: { ...onlyCrashes, crashes: false } }, scenario);
  });

  it('crashes by chance between the change of its state and the frame that tells of it', async () => {
    // What is on the disk outlives the crash; whoever is asked twice finds it there.
    const endings = new Set<string>();
    const scenario: Scenario = async ({ space, sleep }) => {
      const disk = { charged: 0 };
      const bank = space(
        'bank',
        ({ open }) => {
          open()
            .createNode('bank')
            .on('charge', () => ++disk.charged);
        },
        { crashes: true },
      );
      const { current: asker } = space('asker', ({ open }) => open().createNode('asker'));
      for (let asked = 1; asked <= 20; asked++) {
        await sleep(20);
        const charged = disk.charged;
        const answered = await asker
          .send('bank', { type: 'charge', payload: {} }, { timeout: '200ms' })
          .return()
          .then(
            () => 'answered',
            () => 'not answered',
          );
        endings.add(`${answered}, ${disk.charged > charged ? 'charged' : 'not charged'}`);
      }
      endings.add(bank.restarts > 0 ? 'restarted' : 'never crashed');
    };
    await simulate({ seeds: 20, faults: { ...onlyCrashes, crashes: { everyMs: 60, forMs: [5, 50] } } }, scenario);
    expect([...endings].sort()).toEqual([
      'answered, charged',
      'not answered, charged',
      'not answered, not charged',
      'restarted',
    ]);
  });

  it('is back when the chaos is over', async () => {
    await simulate(
      { seeds: 20, faults: { crashes: { everyMs: 5, forMs: 100_000 } }, chaosMs: 100 },
      async (simulation) => {
        const { space, calm } = simulation;
        const echo = space(
          'echo',
          ({ open }) =>
            open()
              .createNode('echo')
              .on('say', () => 1),
          { crashes: true },
        );
        const steady = space('steady', ({ open }) => open().createNode('steady'));
        await calm;
        expect([echo.isUp, steady.restarts]).toEqual([true, 0]);
        expect(await steady.current.send('echo', { type: 'say', payload: 0 }).return()).toBe(1);
      },
    );
  });

  it('that cannot be built again fails the run', async () => {
    const scenario: Scenario = async ({ space, calm }) => {
      const build = ({ restarts }: { restarts: number }): void => {
        if (restarts > 0) throw new Error('the disk is broken');
      };
      space('frail', build, { crashes: true });
      await calm;
    };
    const { failure } = await failureOf(simulate({ seeds: 10 }, scenario));
    expect(failure).toMatchObject({ kind: 'build', what: 'frail', needs: ['crashes'] });
  });

  it('opens once in each life, on what the simulation gives it', async () => {
    const twice: Scenario = ({ space }) => void space('two', ({ open }) => [open(), open()]);
    expect(String((await failureOf(simulate({ seeds: 1 }, twice))).failure.error)).toContain('opened already');
    const own: Scenario = ({ space, clock }) => void space('own', ({ open }) => open({ clock }));
    expect(String((await failureOf(simulate({ seeds: 1 }, own))).failure.error)).toContain('open({ clock })');
    const same: Scenario = ({ space }) => {
      for (let times = 0; times < 2; times++) space('same', () => {});
    };
    expect(String((await failureOf(simulate({ seeds: 1 }, same))).failure.error)).toContain('taken');
  });
});
