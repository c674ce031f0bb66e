import { parseArgs } from 'node:util';
import { type ProcessRow, processRows } from './process-rows.js';
import { type Row, rows } from './rows.js';

export interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly rows: readonly Row[];
  readonly processRows: readonly ProcessRow[];
  readonly json: boolean;
  readonly help: boolean;
}

/** Something on the command line that cannot be followed. */
export class UsageError extends Error {}

export const defaults = { rounds: 40, seconds: 0.1 } as const;

/** @throws UsageError naming the option */
export function parseOptions(commandLine: readonly string[]): Options {
  const { rounds, seconds, only, json = false, help = false } = valuesOf(commandLine);
  return {
    rounds: rounds === undefined ? defaults.rounds : numberOf('--rounds', rounds, 1, 10_000, Number.isInteger),
    seconds: seconds === undefined ? defaults.seconds : numberOf('--seconds', seconds, 0.001, 600, Number.isFinite),
    ...(only === undefined ? { rows, processRows } : chosen(only)),
    json,
    help,
  };
}

function valuesOf(commandLine: readonly string[]) {
  try {
    return parseArgs({
      args: [...commandLine],
      options: {
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        only: { type: 'string', multiple: true },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function numberOf(option: string, text: string, least: number, most: number, fits: (value: number) => boolean): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (fits(value) && value >= least && value <= most) return value;
  const kind = fits === Number.isInteger ? 'a whole number' : 'a number';
  throw new UsageError(`${option}: expected ${kind} from ${least} to ${most}, found "${text}".`);
}

/** The rows named, in the order in which they always run. */
function chosen(names: readonly string[]): Pick<Options, 'rows' | 'processRows'> {
  const all = [...rows, ...processRows].map(({ name }) => name as string);
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`--only: there is no row "${unknown}". There are ${all.join(', ')}.`);
  }
  return {
    rows: rows.filter(({ name }) => names.includes(name)),
    processRows: processRows.filter(({ name }) => names.includes(name)),
  };
}
