import type { Machine } from './machine.js';
import type { Options } from './options.js';
import type { Outcome } from './outcome.js';
import type { ProcessOutcome } from './process-outcome.js';

/** The whole of a run as one object on one line. */
export function json(
  machine: Machine,
  { rounds, seconds }: Pick<Options, 'rounds' | 'seconds'>,
  outcomes: readonly Outcome[],
  processOutcomes: readonly ProcessOutcome[],
): string {
  return JSON.stringify({
    ...machine,
    rounds,
    seconds,
    rows: outcomes.map(({ row: { name, title, reference, absent }, standings }) => ({
      name,
      title,
      reference,
      contenders: standings,
      absent,
    })),
    processRows: processOutcomes.map(({ row: { name, title, figure, reference, absent }, standings }) => ({
      name,
      title,
      figure,
      reference,
      contenders: standings,
      absent,
    })),
  });
}
