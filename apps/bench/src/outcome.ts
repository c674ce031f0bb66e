import type { Round } from './measure.js';
import type { Contender, Row } from './rows.js';
import { type Spread, spreadOf } from './statistics.js';

/** What a contender came to in a row. */
export interface Standing {
  readonly name: string;
  /** Received each second: over all rounds, and round by round. */
  readonly rate: Spread;
  readonly rates: readonly number[];
  /** Microseconds of processor time for each received: the median over the rounds. */
  readonly cpuMicroseconds: number;
  readonly sent: number;
  readonly received: number;
  readonly wrong: number;
  /** Whether everything sent was received, at least one thing was, and nothing came out wrong. */
  readonly sound: boolean;
  /** The median over the rounds of its rate by the reference's rate in the same round; absent at the reference itself. */
  readonly ratio?: number;
  /** The same of processor time: how often this contender would fit into the reference's. */
  readonly cpuRatio?: number;
  readonly goal?: { readonly atLeast: number; readonly reached: boolean };
}

export interface Outcome {
  readonly row: Row;
  readonly standings: readonly Standing[];
}

/** A contender with its rounds. */
export interface Rounds {
  readonly contender: Contender;
  readonly rounds: readonly Round[];
}

/** Judges a row. Every contender has as many rounds as the others, and the n-th ones belong together. */
export function outcomeOf(row: Row, all: readonly Rounds[], nodeMajor: number): Outcome {
  const reference = all.find(({ contender }) => contender.name === row.reference)?.rounds;
  const standings = all.map(({ contender, rounds }): Standing => {
    const rates = rounds.map(rateOf);
    const total = { sent: sum(rounds, 'sent'), received: sum(rounds, 'received'), wrong: sum(rounds, 'wrong') };
    const compared = reference === undefined || contender.name === row.reference ? undefined : reference;
    const ratio = compared && medianOf(rates.map((rate, turn) => rate / rateOf(compared[turn] as Round)));
    const cpuRatio = compared && medianOf(rounds.map((round, turn) => cpuOf(compared[turn] as Round) / cpuOf(round)));
    const atLeast = contender.goal?.(nodeMajor);
    return {
      name: contender.name,
      rate: spreadOf(rates),
      rates,
      cpuMicroseconds: medianOf(rounds.map(cpuOf)),
      ...total,
      sound: total.received > 0 && total.received === total.sent && total.wrong === 0,
      ...(ratio === undefined ? undefined : { ratio }),
      ...(cpuRatio === undefined ? undefined : { cpuRatio }),
      ...(ratio === undefined || atLeast === undefined ? undefined : { goal: { atLeast, reached: ratio >= atLeast } }),
    };
  });
  return { row, standings };
}

function rateOf({ received, milliseconds }: Round): number {
  return received / (milliseconds / 1000);
}

function cpuOf({ received, cpuMilliseconds }: Round): number {
  return (cpuMilliseconds * 1000) / received;
}

function medianOf(figures: readonly number[]): number {
  return spreadOf(figures).median;
}

function sum(rounds: readonly Round[], what: 'sent' | 'received' | 'wrong'): number {
  return rounds.reduce((total, round) => total + round[what], 0);
}
