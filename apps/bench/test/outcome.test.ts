import { describe, expect, it } from 'vitest';
import type { Round } from '../src/measure.js';
import { type Outcome, outcomeOf, type Standing } from '../src/outcome.js';
import type { Contender, Row } from '../src/rows.js';

const setting = { tracking: 'automatic', environment: 'production' } as const;
const ours: Contender = { name: 'ours', library: 'happen', setting, goal: (major) => (major >= 24 ? 1 : 0.6) };
const theirs: Contender = { name: 'theirs', library: 'moleculer', setting };
const row: Row = { name: 'request', title: '', contenders: [ours, theirs], reference: 'theirs', absent: [] };

const received = (count: number, milliseconds = 1000, cpuMilliseconds = milliseconds): Round => ({
  milliseconds,
  cpuMilliseconds,
  sent: count,
  received: count,
  wrong: 0,
});
const rounds = (...counts: number[]) => counts.map((count) => received(count));

function standing(outcome: Outcome, name: string): Standing {
  const found = outcome.standings.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

function judged(mine: readonly Round[], other: readonly Round[], nodeMajor = 20): Outcome {
  const all = [
    { contender: ours, rounds: mine },
    { contender: theirs, rounds: other },
  ];
  return outcomeOf(row, all, nodeMajor);
}

describe('the outcome of a row', () => {
  it('is the median of the rounds, with the bounds of their middle half', () => {
    const { rate } = standing(judged(rounds(10, 50, 20, 40, 30), rounds(1, 1, 1, 1, 1)), 'ours');
    expect(rate).toEqual({ lowerQuartile: 20, median: 30, upperQuartile: 40 });
  });

  it('lies between two rounds when their number is even', () => {
    expect(standing(judged(rounds(10, 20), rounds(1, 1)), 'ours').rate.median).toBe(15);
  });

  it('is per second, however long a round took', () => {
    expect(standing(judged([received(50, 250)], rounds(1)), 'ours').rate.median).toBe(200);
  });

  it('compares rounds that lie side by side, so that a slow minute strikes both', () => {
    expect(standing(judged(rounds(20, 2, 20), rounds(10, 1, 10)), 'ours').ratio).toBe(2);
  });

  it('says the processor time of each, and compares it too, whatever time others took', () => {
    const mine = [received(10, 1000, 200), received(10, 9000, 300), received(10, 1000, 400)];
    const other = [received(10, 1000, 100), received(10, 9000, 150), received(10, 1000, 100)];
    expect(standing(judged(mine, other), 'ours')).toMatchObject({ cpuMicroseconds: 30_000, cpuRatio: 0.5 });
  });

  it('gives the reference no ratio to itself', () => {
    const reference = standing(judged(rounds(1), rounds(1)), 'theirs');
    expect(reference.ratio).toBeUndefined();
    expect(reference.cpuRatio).toBeUndefined();
  });

  it('holds the ratio against the goal of this version of Node', () => {
    const goalOn = (major: number) => standing(judged(rounds(80), rounds(100), major), 'ours').goal;
    expect(goalOn(20)).toEqual({ atLeast: 0.6, reached: true });
    expect(goalOn(24)).toEqual({ atLeast: 1, reached: false });
  });

  it.each([
    ['something was lost', { sent: 2, received: 1, wrong: 0 }, false],
    ['something came twice', { sent: 1, received: 2, wrong: 0 }, false],
    ['something was wrong', { sent: 2, received: 2, wrong: 1 }, false],
    ['nothing was done', { sent: 0, received: 0, wrong: 0 }, false],
    ['all was well', { sent: 2, received: 2, wrong: 0 }, true],
  ])('is sound or not: %s', (_what, counts, sound) => {
    expect(standing(judged([{ milliseconds: 1000, cpuMilliseconds: 1000, ...counts }], rounds(1)), 'ours').sound).toBe(
      sound,
    );
  });
});
