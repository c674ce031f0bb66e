import { describe, expect, it } from 'vitest';
import { measure } from '../src/measure.js';
import { newTally } from '../src/work.js';

describe('a round', () => {
  it('counts what was received, not what was sent', async () => {
    const tally = newTally();
    const lossy = {
      tally,
      async run(count: number) {
        tally.sent += count;
        tally.received += count - 1;
        tally.wrong += 1;
      },
      close: async () => {},
    };
    await measure(lossy, 0.001);
    const { sent, received, wrong } = await measure(lossy, 0.001);
    expect(sent).toBeGreaterThan(0);
    expect(sent - received).toBe(wrong);
    expect(wrong).toBe(sent / 1024);
  });

  it('does as many operations between two looks at the clock as the work asks for', async () => {
    const tally = newTally();
    const counts: number[] = [];
    const run = async (count: number) => void counts.push(count);
    await measure({ tally, run, chunk: 1000, close: async () => {} }, 0);
    await measure({ tally, run, close: async () => {} }, 0);
    expect(counts).toEqual([1000, 1024]);
  });

  it('runs once however short it is, and charges processor time', async () => {
    const tally = newTally();
    let runs = 0;
    const run = async () => {
      runs++;
      for (const end = performance.now() + 30; performance.now() < end; );
    };
    const { milliseconds, cpuMilliseconds } = await measure({ tally, run, close: async () => {} }, 0);
    expect(runs).toBe(1);
    expect(milliseconds).toBeGreaterThanOrEqual(30);
    expect(cpuMilliseconds).toBeGreaterThan(0);
  });
});
