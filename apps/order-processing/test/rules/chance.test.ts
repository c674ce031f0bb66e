import { describe, expect, it } from 'vitest';
import { seededChance } from '../../src/rules/chance.js';

const ids = Array.from({ length: 10_000 }, (_, at) => at + 1);
const happening = (seed: string, occasion: string, rate: number) => ids.filter(seededChance(seed, occasion, rate));

describe('chance from a seed', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(happening('a', 'payment', 0.3)).toEqual(happening('a', 'payment', 0.3));
    expect(happening('a', 'payment', 0.3)).not.toEqual(happening('b', 'payment', 0.3));
  });

  it('is independent between occasions', () => {
    const payment = new Set(happening('a', 'payment', 0.5));
    const both = happening('a', 'shipping', 0.5).filter((id) => payment.has(id)).length;
    expect(both / ids.length).toBeCloseTo(0.25, 1);
  });

  it('keeps to its rate, and a higher rate keeps what a lower one had', () => {
    const few = happening('a', 'payment', 0.1);
    const more = new Set(happening('a', 'payment', 0.4));
    expect(few.length / ids.length).toBeCloseTo(0.1, 1);
    expect(more.size / ids.length).toBeCloseTo(0.4, 1);
    expect(few.every((id) => more.has(id))).toBe(true);
  });

  it('is never at 0 and always at 1', () => {
    expect(happening('a', 'payment', 0)).toEqual([]);
    expect(happening('a', 'payment', 1)).toEqual(ids);
  });
});
