import { type Faults, faultSettings, invalid } from './faults.js';
import type { RunSettings } from './run.js';

/** How far `simulate` has come. */
export interface SimulationProgress {
  readonly done: number;
  readonly total: number;
  /** How many have failed so far. */
  readonly failed: number;
}

/** Which worlds `simulate` makes, and for how long. All of it has defaults. */
export interface SimulationOptions {
  /** Which seeds to run: that many from 1 on, that many from one on, or these. @default 100 */
  readonly seeds?: number | { readonly from: number; readonly count: number } | readonly number[];
  /** What goes wrong; what is not named is as by default, and `false` is nothing. */
  readonly faults?: Faults | false;
  /** How long it goes wrong, in milliseconds of virtual time. It ends with the scenario, if that comes first. @default 5_000 */
  readonly chaosMs?: number;
  /** How long the scenario may take after that, virtually, before it counts as hanging. @default 3_600_000 */
  readonly completionMs?: number;
  /**
   * How long the run goes on at least when the scenario has resolved, virtually, so that what is still on its way can do harm.
   * It goes on in any case until no frame is on its way and no node is busy. @default 1_000
   */
  readonly settleMs?: number;
  /** How many timers may run in one run. @default 1_000_000 */
  readonly mostSteps?: number;
  /**
   * Which seeds are run a second time to see that their logs are equal. A seed that fails always is.
   *
   * @default 'first'
   */
  readonly repeat?: 'first' | 'every' | 'none';
  /** Whether a seed that fails is run again with fewer kinds of faults, up to some dozen times. @default true */
  readonly shrink?: boolean;
  /** Goes on after a failure and returns all of them, instead of throwing the first. @default false */
  readonly collect?: boolean;
  /** Ends it: `simulate` rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Called after each seed. */
  readonly onProgress?: (progress: SimulationProgress) => void;
}

/** Options, checked, with the defaults filled in. */
export interface SimulationSettings {
  readonly seeds: readonly number[];
  readonly run: Omit<RunSettings, 'seed'>;
  readonly repeat: 'first' | 'every' | 'none';
  readonly shrink: boolean;
  readonly collect: boolean;
  /** What was given of the options that shape a run, for a replay. */
  readonly given: Pick<SimulationOptions, (typeof shaping)[number]>;
  readonly onProgress: (progress: SimulationProgress) => void;
}

const shaping = ['chaosMs', 'completionMs', 'settleMs', 'mostSteps'] as const;

const known = new Set([...shaping, 'seeds', 'faults', 'repeat', 'shrink', 'collect', 'signal', 'onProgress']);

/** @throws HappenError `HAPPEN_INVALID_OPTION` with `details.path` */
export function simulationSettings(options: SimulationOptions): SimulationSettings {
  for (const name of Object.keys(options)) {
    if (!known.has(name)) throw invalid(name, `one of ${[...known].join(', ')}`, 'unknown');
  }
  const {
    seeds = 100,
    faults,
    signal,
    repeat = 'first',
    shrink = true,
    collect = false,
    onProgress = () => {},
  } = options;
  const { chaosMs = 5_000, completionMs = 3_600_000, settleMs = 1_000, mostSteps = 1_000_000 } = options;
  for (const [path, value] of Object.entries({ chaosMs, completionMs, settleMs })) {
    if (!(Number.isFinite(value) && value >= 0)) throw invalid(path, 'milliseconds, 0 or more', value);
  }
  if (!(Number.isSafeInteger(mostSteps) && mostSteps > 0))
    throw invalid('mostSteps', 'a whole number above 0', mostSteps);
  if (!['first', 'every', 'none'].includes(repeat)) throw invalid('repeat', 'first, every or none', repeat);
  return {
    seeds: seedsOf(seeds),
    run: { faults: faultSettings(faults), chaosMs, completionMs, settleMs, mostSteps, signal },
    repeat,
    shrink,
    collect,
    given: Object.fromEntries(shaping.flatMap((name) => (name in options ? [[name, options[name]]] : []))),
    onProgress,
  };
}

function seedsOf(seeds: Exclude<SimulationOptions['seeds'], undefined>): readonly number[] {
  if (typeof seeds === 'number') return seedsOf({ from: 1, count: seeds });
  if ('count' in seeds) {
    const { from, count } = seeds;
    if (!(Number.isSafeInteger(count) && count > 0)) throw invalid('seeds', 'at least one', count);
    return seedsOf(Array.from({ length: count }, (_, at) => from + at));
  }
  if (seeds.length === 0) throw invalid('seeds', 'at least one', 'none');
  for (const seed of seeds) if (!Number.isSafeInteger(seed)) throw invalid('seeds', 'safe integers', seed);
  return seeds;
}
