import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/index.js';

const draws = (seed: number, count: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random.bits());
};

describe('a seeded source', () => {
  it('repeats itself from a seed and differs from every other', () => {
    expect(draws(7, 100)).toEqual(draws(7, 100));
    const firsts = [0, 1, -1, 2, 2 ** 32, 2 ** 32 + 1, -(2 ** 32), Number.MAX_SAFE_INTEGER].map((seed) =>
      draws(seed, 2).join(),
    );
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it('keeps its numbers from release to release', () => {
    expect(draws(1, 4)).toEqual([2_442_144_158, 3_599_633_025, 1_940_282_512, 643_551_554]);
  });

  it('draws whole numbers within the bounds, all of them, about equally often', () => {
    const random = seededRandom(3);
    const counts = new Map<number, number>();
    for (let draw = 0; draw < 60_000; draw++) {
      const number = random.integer(-2, 3);
      counts.set(number, (counts.get(number) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3]);
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('stays within any bounds', () => {
    const bound = fc.maxSafeInteger();
    fc.assert(
      fc.property(bound, bound, fc.integer(), (one, other, seed) => {
        const [min, max] = one <= other ? [one, other] : [other, one];
        fc.pre(Number.isSafeInteger(max - min + 1));
        const number = seededRandom(seed).integer(min, max);
        expect(number >= min && number <= max).toBe(true);
      }),
    );
  });

  it('draws numbers in [0, 1) that fill it', () => {
    const random = seededRandom(11);
    const tenths = new Set<number>();
    for (let draw = 0; draw < 1_000; draw++) {
      const number = random.next();
      expect(number >= 0 && number < 1).toBe(true);
      tenths.add(Math.floor(number * 10));
    }
    expect(tenths.size).toBe(10);
    expect([random.chance(0), random.chance(1)]).toEqual([false, true]);
  });

  it('shuffles without losing anything, and leaves the original', () => {
    const items = Array.from({ length: 50 }, (_, index) => index);
    const shuffled = seededRandom(5).shuffle(items);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
    expect(items[0]).toBe(0);
    expect(items).toContain(seededRandom(5).pick(items));
  });

  it('forks into sources that do not disturb each other', () => {
    const [first, second] = [seededRandom(9), seededRandom(9)];
    const [a, b] = [first.fork(), second.fork()];
    a.bytes(1_000);
    expect(first.bits()).toBe(second.bits());
    expect(b.bytes(1_000).slice(0, 8)).toEqual(seededRandom(9).fork().bytes(8));
  });

  it('refuses what makes no sense', () => {
    const refused = expect.objectContaining({ code: 'HAPPEN_INVALID_OPTION' });
    expect(() => seededRandom(0.5)).toThrow(refused);
    expect(() => seededRandom(1).integer(2, 1)).toThrow(refused);
    expect(() => seededRandom(1).integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)).toThrow(refused);
    expect(() => seededRandom(1).pick([])).toThrow(refused);
  });
});
