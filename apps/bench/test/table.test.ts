import { describe, expect, it } from 'vitest';
import type { Standing } from '../src/outcome.js';
import type { Row } from '../src/rows.js';
import { table } from '../src/table.js';

const row: Row = {
  name: 'request',
  title: '',
  contenders: [],
  reference: 'theirs',
  absent: [{ name: 'mitt', why: 'has no answers' }],
};

function standing(name: string, rate: number, more: Partial<Standing> = {}): Standing {
  const spread = { median: rate, lowerQuartile: rate * 0.9, upperQuartile: rate * 1.1 };
  return {
    name,
    rate: spread,
    rates: [rate],
    cpuMicroseconds: 1.234,
    sent: 5,
    received: 5,
    wrong: 0,
    sound: true,
    ...more,
  };
}

describe('the table', () => {
  it('lines up, says the ratio and the goal, and why somebody is absent', () => {
    const goal = { atLeast: 0.6, reached: true };
    const standings = [
      standing('ours', 1_234_567, { ratio: 0.7512, cpuRatio: 0.8, goal }),
      standing('theirs', 1_643_000),
    ];
    expect(table([{ row, standings }])).toBe(
      [
        '| row     | contender | received/s |      middle half |         ratio | CPU µs | by CPU | goal           |',
        '| ------- | --------- | ---------: | ---------------: | ------------: | -----: | -----: | -------------- |',
        '| request | ours      |     1.23 M | 1.11 M to 1.36 M | 0.75 × theirs |  1.234 |   0.80 | ≥ 0.6: reached |',
        '| request | theirs    |     1.64 M | 1.48 M to 1.81 M |             1 |  1.234 |      1 |                |',
        '| request | mitt      |          – |                – |             – |      – |      – | has no answers |',
      ].join('\n'),
    );
  });

  it('says so when a goal was missed, or when something was lost', () => {
    const goal = { atLeast: 3, reached: false };
    const text = table([{ row, standings: [standing('ours', 10, { ratio: 2, goal, received: 4, sound: false })] }]);
    expect(text).toContain('≥ 3: not reached; NOT SOUND: 5 sent, 4 received, 0 wrong');
  });

  it.each([
    [7.128, '7.13'],
    [95.44, '95.4'],
    [999.6, '1.00 k'],
    [48_620, '48.6 k'],
    [999_600, '1.00 M'],
    [50_700_000, '50.7 M'],
    [123_456_789, '123 M'],
  ])('writes %d as %s', (rate, text) => {
    expect(table([{ row, standings: [standing('ours', rate)] }])).toMatch(new RegExp(`\\| ours +\\| +${text} \\|`));
  });
});
