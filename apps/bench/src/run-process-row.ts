import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type ProcessOutcome, processOutcomeOf, type Run } from './process-outcome.js';
import type { ProcessRow } from './process-rows.js';

export interface ProcessRunSettings {
  readonly rounds: number;
  /** Where the programs are. */
  readonly folder?: string;
  /** Told before each round. */
  readonly progress?: (row: ProcessRow, round: number) => void;
}

/** Built code and sources find the same programs; those are never built, and import what is published. */
const programs = fileURLToPath(new URL('../programs/', import.meta.url));

/** How long a program may take. */
const patienceMs = 60_000;

/**
 * Runs the programs of a row in turns, each in a process of its own: A B C, A B C, … They run once before, so that their files
 * are at hand.
 *
 * @throws Error when a program fails
 */
export async function runProcessRow(
  row: ProcessRow,
  { rounds, folder = programs, progress }: ProcessRunSettings,
): Promise<ProcessOutcome> {
  const turns = row.programs.map((program) => ({ program, runs: [] as Run[] }));
  progress?.(row, 0);
  for (const { program } of turns) await runProgram(`${folder}${program.file}`);
  for (let round = 1; round <= rounds; round++) {
    progress?.(row, round);
    for (const { program, runs } of turns) runs.push(await runProgram(`${folder}${program.file}`));
  }
  return processOutcomeOf(row, turns);
}

/** @throws Error when it ends with another exit code than 0, tells nothing, or takes too long */
async function runProgram(file: string): Promise<Run> {
  const begin = performance.now();
  // Neither this process's own options nor those of its environment: a program starts as a user starts his.
  const child = spawn(process.execPath, ['--expose-gc', file], {
    env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: patienceMs,
    killSignal: 'SIGKILL',
  });
  let milliseconds = 0;
  child.once('exit', () => {
    milliseconds = performance.now() - begin;
  });
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...end) => resolve(end));
  });
  if (code !== 0) throw new Error(`${file} ended with ${signal ?? code}`);
  if (told === '') throw new Error(`${file} told nothing`);
  return { ...(JSON.parse(told) as Omit<Run, 'milliseconds'>), milliseconds };
}
