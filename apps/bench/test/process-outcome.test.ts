import { describe, expect, it } from 'vitest';
import { processOutcomeOf, type Run } from '../src/process-outcome.js';
import type { ProcessRow } from '../src/process-rows.js';
import { processTable } from '../src/process-table.js';

const ours = { name: 'ours', file: 'ours.mjs' };
const theirs = { name: 'theirs', file: 'theirs.mjs' };
const timed: ProcessRow = {
  name: 'start-up',
  title: '',
  figure: 'milliseconds',
  programs: [ours, theirs],
  reference: 'theirs',
  absent: [{ name: 'mitt', why: 'starts nothing' }],
};
const sized: ProcessRow = { ...timed, name: 'memory-per-node', figure: 'bytes', absent: [] };

const took = (milliseconds: number, cpuMilliseconds = milliseconds): Run => ({
  milliseconds,
  cpuMilliseconds,
  sound: true,
});
const holds = (bytes: number): Run => ({ ...took(50), bytes });

function judged(row: ProcessRow, mine: readonly Run[], other: readonly Run[]) {
  return processOutcomeOf(row, [
    { program: ours, runs: mine },
    { program: theirs, runs: other },
  ]);
}

describe('the outcome of a row on processes', () => {
  it('is the median of the runs, compared turn by turn, so that a slow minute strikes both', () => {
    const { standings } = judged(
      timed,
      [took(20, 10), took(200, 10), took(20, 10)],
      [took(40, 40), took(400, 40), took(41, 40)],
    );
    expect(standings[0]).toMatchObject({ figure: { median: 20 }, ratio: 0.5, cpuMilliseconds: 10, cpuRatio: 0.25 });
    expect(standings[1]?.ratio).toBeUndefined();
  });

  it('is what the program measured, where the row asks for bytes, and says nothing of time', () => {
    const { standings } = judged(sized, [holds(100), holds(300), holds(200)], [holds(400), holds(400), holds(400)]);
    expect(standings[0]).toMatchObject({ figures: [100, 300, 200], figure: { median: 200 }, ratio: 0.5 });
    expect(standings[0]).not.toHaveProperty('cpuMilliseconds');
  });

  it.each([
    ['a run came out wrong', [holds(1), { ...holds(1), sound: false }], false],
    ['a run measured nothing', [holds(1), took(1)], false],
    ['the memory shrank', [holds(1), holds(-4)], false],
    ['all was well', [holds(1), holds(2)], true],
  ])('is sound or not: %s', (_what, mine, sound) => {
    expect(judged(sized, mine, [holds(1), holds(1)]).standings[0]?.sound).toBe(sound);
  });
});

describe('the table of rows on processes', () => {
  it('lines up, with units, ratios, and why somebody is absent', () => {
    const outcomes = [
      judged(timed, [took(48.21, 60)], [took(96.42, 120)]),
      judged(sized, [holds(3059.4)], [{ ...holds(4337), sound: false }]),
    ];
    expect(processTable(outcomes)).toBe(
      [
        '| row             | contender |  median |        middle half | ratio (less is better) | CPU ms | by CPU |                |',
        '| --------------- | --------- | ------: | -----------------: | ---------------------: | -----: | -----: | -------------- |',
        '| start-up        | ours      | 48.2 ms | 48.2 ms to 48.2 ms |          0.50 × theirs |   60.0 |   0.50 |                |',
        '| start-up        | theirs    | 96.4 ms | 96.4 ms to 96.4 ms |                      1 |    120 |      1 |                |',
        '| start-up        | mitt      |       – |                  – |                      – |      – |      – | starts nothing |',
        '| memory-per-node | ours      | 3,059 B | 3,059 B to 3,059 B |          0.71 × theirs |      – |      – |                |',
        '| memory-per-node | theirs    | 4,337 B | 4,337 B to 4,337 B |                      1 |      – |      – | NOT SOUND      |',
      ].join('\n'),
    );
  });
});
