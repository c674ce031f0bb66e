import type { ProcessRow, Program } from './process-rows.js';
import { type Spread, spreadOf } from './statistics.js';

/** What one process came to. */
export interface Run {
  /** From its start to its end. */
  readonly milliseconds: number;
  /** The processor time of all of it, starting up included. */
  readonly cpuMilliseconds: number;
  /** What it measured within, where it did. */
  readonly bytes?: number;
  /** Whether what it did came out as it had to. */
  readonly sound: boolean;
}

/** What a program came to in a row. */
export interface ProcessStanding {
  readonly name: string;
  /** Bytes or milliseconds, as the row says: over all runs, and run by run. Less is better. */
  readonly figure: Spread;
  readonly figures: readonly number[];
  /** Processor time, the median over the runs; absent where a row is not about time. */
  readonly cpuMilliseconds?: number;
  /** The median over the runs of its figure by the reference's in the same turn; absent at the reference itself. */
  readonly ratio?: number;
  /** The same of processor time. */
  readonly cpuRatio?: number;
  /** Whether every run came out as it had to. */
  readonly sound: boolean;
}

export interface ProcessOutcome {
  readonly row: ProcessRow;
  readonly standings: readonly ProcessStanding[];
}

/** Judges a row, by runs of which all programs had the same number, taken in turns. */
export function processOutcomeOf(
  row: ProcessRow,
  turns: readonly { readonly program: Program; readonly runs: readonly Run[] }[],
): ProcessOutcome {
  const timed = row.figure === 'milliseconds';
  const figureOf = (run: Run): number => (timed ? run.milliseconds : (run.bytes ?? Number.NaN));
  const reference = turns.find(({ program }) => program.name === row.reference)?.runs;
  const standings = turns.map(({ program: { name }, runs }): ProcessStanding => {
    const figures = runs.map(figureOf);
    const compared = name === row.reference ? undefined : reference;
    const by = (of: (run: Run) => number): number | undefined =>
      compared && spreadOf(runs.map((run, turn) => of(run) / of(compared[turn] as Run))).median;
    const ratio = by(figureOf);
    const cpuRatio = timed ? by(({ cpuMilliseconds }) => cpuMilliseconds) : undefined;
    return {
      name,
      figure: spreadOf(figures),
      figures,
      ...(timed ? { cpuMilliseconds: spreadOf(runs.map((run) => run.cpuMilliseconds)).median } : undefined),
      ...(ratio === undefined ? undefined : { ratio }),
      ...(cpuRatio === undefined ? undefined : { cpuRatio }),
      sound: runs.every(({ sound }) => sound) && figures.every((figure) => figure > 0),
    };
  });
  return { row, standings };
}
