import type { FaultKind, FaultSettings } from './faults.js';
import type { SimulationOptions } from './options.js';

/**
 * What failed: the scenario threw; a `build` did, after a crash; a timer's callback did; an `always` or an `atEnd` does not
 * hold; a space could not be closed; nothing is left to do, or the time is over, and something still waits (`hang`); the run
 * depends on more than the seed (`real`).
 */
export type FailureKind = 'scenario' | 'build' | 'timer' | 'invariant' | 'check' | 'close' | 'hang' | 'real';

/** How one run failed. */
export interface Failure {
  readonly kind: FailureKind;
  /** What it concerns, in words. */
  readonly what: string;
  /** What was thrown. */
  readonly error: unknown;
  /** With `hang`: what waits, and where. */
  readonly waiting: readonly string[];
  /** Milliseconds of virtual time since the start. */
  readonly atMs: number;
  readonly step: number;
}

/** What is known of a seed that fails. */
export interface SimulationFailure extends Failure {
  readonly seed: number;
  /** The faults with which it still fails, and without any of which it does not. */
  readonly faults: FaultSettings;
  /** The kinds of fault it needs; none with `real`, where nobody can tell. */
  readonly needs: readonly FaultKind[];
  /** Everything that happened in the run with these faults. */
  readonly log: readonly string[];
  /** Real timers, randomness, clocks and input or output that the run was seen to use. */
  readonly real: readonly string[];
  /** The options of `simulate` that replay it. */
  readonly replay: Pick<SimulationOptions, 'seeds' | 'faults' | 'chaosMs' | 'completionMs' | 'settleMs' | 'mostSteps'>;
}

const linesShown = 40;

/** Thrown by `simulate` at the first seed that fails. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
  readonly failure: SimulationFailure;

  constructor(failure: SimulationFailure, runs: number) {
    super(report(failure, runs), { cause: failure.error });
    this.failure = failure;
  }
}

function report(failure: SimulationFailure, runs: number): string {
  const { kind, seed, what, error, needs, log, real, replay, waiting, atMs } = failure;
  const parts = [
    `Seed ${seed} fails (run ${runs}): ${what}: ${messageOf(error)}`,
    `It happens after ${atMs.toFixed(0)} ms of virtual time${kind === 'real' ? '' : `, and needs ${whichOf(needs)}`}.`,
  ];
  if (waiting.length > 0) parts.push(list('What waits:', waiting));
  if (real.length > 0) {
    parts.push(
      list(
        'The run used what the simulation has no hold of; inject it (`clock`, `sleep` and `random` of `build`):',
        real,
      ),
    );
  }
  parts.push(`To replay it, give simulate these options:\n  ${JSON.stringify(replay)}`);
  const shown = log.slice(-linesShown);
  const title = shown.length < log.length ? `The last ${shown.length} of ${log.length} events` : 'What happened';
  parts.push(list(`${title} (failure.log has all):`, shown));
  return parts.join('\n\n');
}

function whichOf(needs: readonly FaultKind[]): string {
  return needs.length === 0 ? 'none of the faults' : `of the faults ${needs.join(', ')}`;
}

function list(title: string, lines: readonly string[]): string {
  return [title, ...lines.map((line) => `  ${line}`)].join('\n');
}

/** What a thrown value says. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'Error' ? error.message : `${error.name}: ${error.message}`;
}
