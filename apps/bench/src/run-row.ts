import { Contestant } from './contestant.js';
import type { Round } from './measure.js';
import { type Outcome, outcomeOf } from './outcome.js';
import type { Row } from './rows.js';

export interface RunSettings {
  readonly rounds: number;
  /** The length of a round. */
  readonly seconds: number;
  readonly nodeMajor: number;
  /** Told before each round. */
  readonly progress?: (row: Row, round: number) => void;
}

/** Warming up takes as long as this many rounds: optimised code has taken over by then. */
const warmUpRounds = 8;

/**
 * Runs a row: all contenders are set up and warmed up, and then take turns, one at a time: A B C, A B C, …
 *
 * @throws Error when a contender fails; the others are stopped
 */
export async function runRow(row: Row, { rounds, seconds, nodeMajor, progress }: RunSettings): Promise<Outcome> {
  const contestants = await startAll(row);
  try {
    const turns = contestants.map((contestant) => ({
      contestant,
      contender: contestant.contender,
      rounds: [] as Round[],
    }));
    progress?.(row, 0);
    for (const { contestant } of turns) await contestant.round(seconds * warmUpRounds);
    for (let round = 1; round <= rounds; round++) {
      progress?.(row, round);
      for (const turn of turns) turn.rounds.push(await turn.contestant.round(seconds));
    }
    return outcomeOf(row, turns, nodeMajor);
  } finally {
    await Promise.all(contestants.map((contestant) => contestant.stop()));
  }
}

async function startAll(row: Row): Promise<Contestant[]> {
  const attempts = await Promise.allSettled(row.contenders.map((contender) => Contestant.start(row, contender)));
  const started = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
  const failed = attempts.find((attempt) => attempt.status === 'rejected');
  if (failed === undefined) return started;
  await Promise.all(started.map((contestant) => contestant.stop()));
  throw failed.reason;
}
