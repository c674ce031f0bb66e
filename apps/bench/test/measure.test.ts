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
    await measure(lossy, 0.001, () => {});
    const { sent, received, wrong } = await measure(lossy, 0.001, () => {});
    expect(sent).toBeGreaterThan(0);
    expect(sent - received).toBe(wrong);
    expect(wrong).toBe(sent / 1024);
  });

  it('collects garbage before the clock starts', async () => {
    const events: string[] = [];
    const tally = newTally();
    const run = async () => void events.push('run');
    await measure({ tally, run, close: async () => {} }, 0, () => void events.push('collect'));
    expect(events).toEqual(['collect', 'run']);
  });
});
