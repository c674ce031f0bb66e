import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram } from '../../src/metrics/histogram.js';

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

const durations = fc.array(fc.double({ min: 0, max: 3_600_000, noNaN: true }), { minLength: 1, maxLength: 300 });

describe('a histogram', () => {
  it('is all zeros before anything is recorded', () => {
    expect(new Histogram().summary()).toEqual({ count: 0, sum: 0, min: 0, max: 0, p50: 0, p90: 0, p99: 0, p999: 0 });
  });

  it('gives each percentile as at least what it is, and at most an eighth and a microsecond more', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const sorted = [...values].sort((a, b) => a - b);
        const summary = histogramOf(values).summary();
        for (const [name, share] of [
          ['p50', 0.5],
          ['p90', 0.9],
          ['p99', 0.99],
          ['p999', 0.999],
        ] as const) {
          const exact = sorted[Math.ceil(values.length * share) - 1] as number;
          expect(summary[name]).toBeGreaterThanOrEqual(exact);
          expect(summary[name]).toBeLessThanOrEqual(exact * 1.125 + 0.001);
        }
        expect([summary.count, summary.min, summary.max]).toEqual([values.length, sorted[0], sorted.at(-1)]);
        expect(summary.sum).toBeCloseTo(
          values.reduce((sum, value) => sum + value, 0),
          3,
        );
      }),
    );
  });

  it('joined with another is the one of all values', () => {
    fc.assert(
      fc.property(durations, durations, (some, others) => {
        const joined = histogramOf(some);
        joined.add(histogramOf(others));
        const { sum, ...rest } = joined.summary();
        const { sum: sumOfAll, ...restOfAll } = histogramOf([...some, ...others]).summary();
        expect(rest).toEqual(restOfAll);
        expect(sum).toBeCloseTo(sumOfAll, 3);
      }),
    );
  });

  it('takes a time below zero for none, and any length beyond its range', () => {
    const week = 7 * 24 * 3_600_000;
    expect(histogramOf([-5, week]).summary()).toMatchObject({ count: 2, min: 0, max: week, p50: 0.001, p99: week });
  });
});
