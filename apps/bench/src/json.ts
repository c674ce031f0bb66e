import type { Machine } from './machine.js';
import type { Options } from './options.js';
import type { Outcome } from './outcome.js';

/** The whole of a run as one object on one line. */
export function json(
  machine: Machine,
  { rounds, seconds }: Pick<Options, 'rounds' | 'seconds'>,
  outcomes: readonly Outcome[],
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
  });
}
