import type { Round } from './measure.js';
import type { Contender, Row } from './rows.js';
import { type Spread, spreadOf } from './statistics.js';

/** What a contender came to in a row. */
export interface Standing {
  readonly name: string;
  /** Received each second: over all rounds, and round by round. */
  readonly rate: Spread;
  readonly rates: readonly number[];
  readonly sent: number;
  readonly received: number;
  readonly wrong: number;
  /** Whether everything sent was received, at least one thing was, and nothing came out wrong. */
  readonly sound: boolean;
  /** The median over the rounds of its rate by the reference's rate in the same round; absent at the reference itself. */
  readonly ratio?: number;
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
  const reference = all.find(({ contender }) => contender.name === row.reference)?.rounds.map(rateOf);
  const standings = all.map(({ contender, rounds }): Standing => {
    const rates = rounds.map(rateOf);
    const total = { sent: sum(rounds, 'sent'), received: sum(rounds, 'received'), wrong: sum(rounds, 'wrong') };
    const ratio =
      reference === undefined || contender.name === row.reference
        ? undefined
        : spreadOf(rates.map((rate, round) => rate / (reference[round] as number))).median;
    const atLeast = contender.goal?.(nodeMajor);
    return {
      name: contender.name,
      rate: spreadOf(rates),
      rates,
      ...total,
      sound: total.received > 0 && total.received === total.sent && total.wrong === 0,
      ...(ratio === undefined ? undefined : { ratio }),
      ...(ratio === undefined || atLeast === undefined ? undefined : { goal: { atLeast, reached: ratio >= atLeast } }),
    };
  });
  return { row, standings };
}

function rateOf({ received, milliseconds }: Round): number {
  return received / (milliseconds / 1000);
}

function sum(rounds: readonly Round[], what: 'sent' | 'received' | 'wrong'): number {
  return rounds.reduce((total, round) => total + round[what], 0);
}
