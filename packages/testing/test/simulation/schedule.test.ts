import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/index.js';
import { Schedule } from '../../src/simulation/schedule.js';

const never = Number.POSITIVE_INFINITY;

/** Sets three timers of one machine and three of another for one moment, and says in which order they ran. */
function order(seed: number | undefined): string {
  const schedule = new Schedule(seed === undefined ? undefined : seededRandom(seed));
  const ran: string[] = [];
  for (const name of ['a', 'b']) {
    const clock = schedule.clockOf({ name, silenced: false });
    for (const number of [1, 2, 3]) clock.setTimer(10, () => void ran.push(`${name}${number}`));
  }
  while (schedule.runNext(never));
  return ran.join(' ');
}

describe('a schedule', () => {
  it('takes what is due at one moment on different machines in any order, and that of one machine in the order set', () => {
    const orders = new Set(Array.from({ length: 200 }, (_, seed) => order(seed)));
    // Six places, three of them for the one machine.
    expect(orders.size).toBe(20);
    for (const each of orders) {
      expect(each.replace(/b\d ?/g, '').trim()).toBe('a1 a2 a3');
      expect(each.replace(/a\d ?/g, '').trim()).toBe('b1 b2 b3');
    }
    expect(order(7)).toBe(order(7));
    expect(order(undefined)).toBe('a1 a2 a3 b1 b2 b3');
  });

  it('moves the time only when nothing is due, and no further than it may', () => {
    const schedule = new Schedule(seededRandom(1));
    const clock = schedule.clockOf({ name: 'a', silenced: false });
    const ran: number[] = [];
    clock.setTimer(5, () => {
      clock.setTimer(0, () => void ran.push(schedule.elapsedMs));
      clock.setTimer(-3, () => void ran.push(schedule.elapsedMs));
    });
    clock.setTimer(20, () => void ran.push(schedule.elapsedMs));
    while (schedule.runNext(10));
    expect([ran, schedule.elapsedMs]).toEqual([[5, 5], 5]);
    expect(schedule.waiting()).toEqual([{ owner: 'a', inMs: 15 }]);
    while (schedule.runNext(never));
    expect(ran).toEqual([5, 5, 20]);
  });

  it('runs no timer that was cleared, not even by one of the same moment', () => {
    const schedule = new Schedule(undefined);
    const clock = schedule.clockOf({ name: 'a', silenced: false });
    const ran: string[] = [];
    const cleared = [clock.setTimer(7, () => void ran.push('cleared'))];
    clock.setTimer(10, () => {
      for (const timer of cleared) timer.clear();
      ran.push('first');
    });
    cleared.push(clock.setTimer(10, () => void ran.push('cleared')));
    clock.setTimer(10, () => void ran.push('last'));
    cleared[0]?.clear();
    while (schedule.runNext(never));
    expect(ran).toEqual(['first', 'last']);
    for (const timer of cleared) timer.clear();
    expect(schedule.waiting()).toEqual([]);
  });

  it('runs nothing of an owner that is silenced, nor moves the time for it', () => {
    const schedule = new Schedule(seededRandom(3));
    const owner = { name: 'a', silenced: false };
    const clock = schedule.clockOf(owner);
    const ran: string[] = [];
    clock.setTimer(5, () => void ran.push('of the dead'));
    schedule.clockOf({ name: 'b', silenced: false }).setTimer(3, () => void ran.push('of the living'));
    owner.silenced = true;
    clock.setTimer(1, () => void ran.push('of the dead'));
    while (schedule.runNext(never));
    expect([ran, schedule.elapsedMs]).toEqual([['of the living'], 3]);
  });

  it('says whole milliseconds, as wrong as asked for', () => {
    const schedule = new Schedule(undefined);
    const right = schedule.clockOf({ name: 'a', silenced: false });
    const ahead = schedule.clockOf({ name: 'b', silenced: false }, 40);
    right.setTimer(2.7, () => {});
    schedule.runNext(never);
    expect(right.now()).toBe(Date.UTC(2026, 0, 1) + 2);
    expect(ahead.now()).toBe(Date.UTC(2026, 0, 1) + 42);
    expect(() => right.setTimer(Number.NaN, () => {})).toThrow('finite');
  });
});
