import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { virtualClock } from '../../src/index.js';

describe('a virtual clock', () => {
  it('stands still, and starts where it is told', async () => {
    const clock = virtualClock({ start: 5_000 });
    expect(clock.now()).toBe(5_000);
    await clock.advance(10);
    expect(clock.now()).toBe(5_010);
    expect(new Date(virtualClock().now()).toISOString()).toBe('2026-01-01T00:00:00.000Z');
  });

  it('runs timers in the order of their moments, and those of one moment in the order set', async () => {
    const clock = virtualClock({ start: 0 });
    const ran: string[] = [];
    for (const [name, delayMs] of [
      ['c', 20],
      ['a', 10],
      ['b', 10],
      ['d', 20],
      ['now', 0],
      ['past', -5],
    ] as const) {
      clock.setTimer(delayMs, () => void ran.push(`${name} at ${clock.now()}`));
    }
    expect(ran).toEqual([]);
    await clock.advance(20);
    expect(ran).toEqual(['now at 0', 'past at 0', 'a at 10', 'b at 10', 'c at 20', 'd at 20']);
  });

  it('runs in one movement the timers that timers set', () => {
    const clock = virtualClock({ start: 0 });
    const ran: number[] = [];
    const again = (): void => {
      ran.push(clock.now());
      clock.setTimer(10, again);
    };
    clock.setTimer(10, again);
    clock.advanceSync(35);
    expect(ran).toEqual([10, 20, 30]);
    expect(clock.now()).toBe(35);
    clock.advanceSync(5);
    expect(ran).toEqual([10, 20, 30, 40]);
  });

  it('does not run a timer that was cleared, also by another of the same moment', async () => {
    const clock = virtualClock();
    const ran: string[] = [];
    const cleared = clock.setTimer(10, () => void ran.push('cleared'));
    clock.setTimer(5, () => cleared.clear());
    clock.setTimer(10, () => victim.clear());
    const victim = clock.setTimer(10, () => void ran.push('victim'));
    const kept = clock.setTimer(10, () => void ran.push('kept'));
    await clock.advance(10);
    expect(ran).toEqual(['kept']);
    kept.clear();
    kept.clear();
    expect(clock.pending()).toEqual([]);
  });

  it('lets what awaits go on between two timers, and at the end', async () => {
    const clock = virtualClock({ start: 0 });
    const seen: number[] = [];
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimer(ms, resolve));
    const walk = async (): Promise<void> => {
      for (let step = 0; step < 3; step++) {
        await sleep(10);
        for (let hop = 0; hop < 20; hop++) await Promise.resolve();
        seen.push(clock.now());
      }
    };
    void walk();
    await clock.advance(30);
    expect(seen).toEqual([10, 20, 30]);
  });

  it('goes to the moment of the next timer and leaves what that sets for the same moment', async () => {
    const clock = virtualClock({ start: 0 });
    const ran: string[] = [];
    clock.setTimer(7, () => {
      ran.push('first');
      clock.setTimer(0, () => void ran.push('set by first'));
    });
    clock.setTimer(7, () => void ran.push('second'));
    expect(await clock.runToNext()).toBe(true);
    expect([ran, clock.now()]).toEqual([['first', 'second'], 7]);
    expect(clock.runToNextSync()).toBe(true);
    expect(ran).toEqual(['first', 'second', 'set by first']);
    expect(await clock.runToNext()).toBe(false);
    expect(clock.now()).toBe(7);
  });

  it('runs all, and says so when there is no end to it', async () => {
    const clock = virtualClock({ start: 0 });
    const ran: number[] = [];
    clock.setTimer(5, () => void clock.setTimer(60_000, () => void ran.push(clock.now()), true));
    await clock.runAll();
    expect(ran).toEqual([60_005]);
    const forever = (): void => void clock.setTimer(1, forever);
    forever();
    await expect(clock.runAll(50)).rejects.toThrow('50 timers have run');
    expect(() => clock.runAllSync(50)).toThrow('50 timers have run');
    expect(clock.now()).toBe(60_105);
  });

  it('says so when a timer sets itself again without a delay', () => {
    const clock = virtualClock();
    const forever = (): void => void clock.setTimer(0, forever);
    forever();
    expect(() => clock.advanceSync(1)).toThrow('the time has not moved');
  });

  it('ends with the error of a timer, and works on', async () => {
    const clock = virtualClock({ start: 0 });
    const ran: number[] = [];
    clock.setTimer(1, () => {
      throw new Error('in the timer');
    });
    clock.setTimer(2, () => void ran.push(clock.now()));
    await expect(clock.advance(5)).rejects.toThrow('in the timer');
    expect([clock.now(), ran]).toEqual([1, []]);
    await clock.advance(1);
    expect(ran).toEqual([2]);
  });

  it('runs movements asked for at once one after the other', async () => {
    const clock = virtualClock({ start: 0 });
    const ran: number[] = [];
    clock.setTimer(10, () => void clock.setTimer(10, () => void ran.push(clock.now())));
    await Promise.all([clock.advance(10), clock.advance(10)]);
    expect([ran, clock.now()]).toEqual([[20], 20]);
  });

  it('jumps without a change to when timers run', () => {
    const clock = virtualClock({ start: 1_000 });
    const ran: number[] = [];
    clock.setTimer(10, () => void ran.push(clock.now()));
    clock.jump(-500);
    expect(clock.now()).toBe(500);
    clock.advanceSync(9);
    expect(ran).toEqual([]);
    clock.advanceSync(1);
    expect(ran).toEqual([510]);
  });

  it('lists what is pending', () => {
    const clock = virtualClock();
    clock.setTimer(20, () => {}, true);
    clock.setTimer(10, () => {});
    clock.advanceSync(5);
    expect(clock.pending()).toEqual([
      { inMs: 5, background: false },
      { inMs: 15, background: true },
    ]);
  });

  it('refuses times that are none', async () => {
    const clock = virtualClock();
    const refused = { code: 'HAPPEN_INVALID_OPTION' };
    expect(() => virtualClock({ start: Number.NaN })).toThrow(expect.objectContaining(refused));
    expect(() => clock.setTimer(Number.POSITIVE_INFINITY, () => {})).toThrow(expect.objectContaining(refused));
    expect(() => clock.jump(Number.NaN)).toThrow(expect.objectContaining(refused));
    await expect(clock.advance(-1)).rejects.toMatchObject(refused);
    await expect(clock.runAll(0)).rejects.toMatchObject(refused);
  });

  it('is not stopped by fake timers of the runner', async () => {
    vi.useFakeTimers();
    try {
      const clock = virtualClock();
      let ran = false;
      clock.setTimer(1, () => void (ran = true));
      await clock.advance(1);
      expect(ran).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it('agrees with a sorted list, whatever is set and cleared', () => {
    const step = fc.record({ delayMs: fc.integer({ min: 0, max: 50 }), clears: fc.option(fc.nat(400)) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const clock = virtualClock({ start: 0 });
        const ran: number[] = [];
        const set = steps.map(({ delayMs }, index) => ({
          index,
          delayMs,
          timer: clock.setTimer(delayMs, () => void ran.push(index)),
        }));
        const cleared = new Set(steps.flatMap(({ clears }) => (clears === null ? [] : [clears])));
        for (const { index, timer } of set) if (cleared.has(index)) timer.clear();
        const expected = set
          .filter(({ index }) => !cleared.has(index))
          .sort((a, b) => a.delayMs - b.delayMs || a.index - b.index);
        expect(clock.pending().map(({ inMs }) => inMs)).toEqual(expected.map(({ delayMs }) => delayMs));
        clock.runAllSync();
        expect(ran).toEqual(expected.map(({ index }) => index));
      }),
    );
  });
});
