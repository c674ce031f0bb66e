import { firstDifference } from './event-log.js';
import { type SimulationFailure, SimulationError } from './failure.js';
import { activeKinds, withoutKind } from './faults.js';
import { type SimulationOptions, type SimulationSettings, simulationSettings } from './options.js';
import { type Sightings, watched } from './real-world.js';
import { type RunResult, type RunSettings, runOnce } from './run.js';
import type { Scenario } from './world.js';

/** What `simulate` has done. */
export interface SimulationReport {
  /** How many seeds were run. */
  readonly runs: number;
  /** How many timers ran in all. */
  readonly steps: number;
  /** How much virtual time passed in all, in milliseconds. */
  readonly virtualMs: number;
  /** The seeds that failed, with `collect`; otherwise none, since the first is thrown. */
  readonly failures: readonly SimulationFailure[];
}

/**
 * Runs a scenario in many worlds, each made from a seed: machines of its own on a network that delays, reorders, repeats and
 * loses, is cut and loses connections, while machines crash. After `chaosMs` nothing goes wrong any more, and the scenario has
 * to come to an end. No real time passes, and a seed always gives the same run, as long as what runs takes its time and its
 * chance from the simulation.
 *
 * A seed that fails is run again with ever fewer kinds of faults, so that what is thrown names those it needs.
 *
 * @throws SimulationError for the first seed that fails
 * @throws HappenError `HAPPEN_INVALID_OPTION`
 *
 * @example
 * await simulate({ seeds: 400 }, async ({ space, sleep, atEnd }) => {
 *   const shop = space('shop', ({ open }) => wireShop(open()));
 *   const warehouse = space('warehouse', ({ open }) => wireWarehouse(open()), { crashes: true });
 *   atEnd('nothing is left reserved', () => warehouse.current.reserved === 0);
 *   await shop.current.order('tea');
 * });
 */
export async function simulate(options: SimulationOptions, scenario: Scenario): Promise<SimulationReport> {
  const settings = simulationSettings(options);
  const { seeds, run, repeat, collect, onProgress } = settings;
  const failures: SimulationFailure[] = [];
  let [runs, steps, virtualMs] = [0, 0, 0];
  for (const seed of seeds) {
    run.signal?.throwIfAborted();
    const result = await runOnce({ ...run, seed }, scenario);
    runs++;
    steps += result.steps;
    virtualMs += result.virtualMs;
    const isRepeated = repeat === 'every' || (repeat === 'first' && runs === 1);
    if (result.failure !== undefined || isRepeated) {
      const failure = await lookCloser(result, settings, scenario);
      if (failure !== undefined) {
        if (!collect) throw new SimulationError(failure, runs);
        failures.push(failure);
      }
    }
    onProgress({ done: runs, total: seeds.length, failed: failures.length });
  }
  return { runs, steps, virtualMs, failures };
}

/** Runs a seed once more, watched: to see that it repeats, and if it fails, what of. */
async function lookCloser(
  first: RunResult,
  { run, given, shrink }: SimulationSettings,
  scenario: Scenario,
): Promise<SimulationFailure | undefined> {
  const again = await watched(() => runOnce({ ...run, seed: first.seed }, scenario));
  const real = [...again.sightings.awaited, ...again.sightings.read];
  const describe = (result: RunResult, faults: RunSettings['faults']): SimulationFailure | undefined => {
    const { failure, seed, log } = result;
    if (failure === undefined) return undefined;
    const needs = failure.kind === 'real' ? [] : activeKinds(faults);
    const replay = { seeds: [seed], faults: activeKinds(faults).length === 0 ? (false as const) : faults, ...given };
    return { ...failure, seed, faults, needs, log, real, replay };
  };
  const unsteady = whatIsReal(first, again, again.sightings);
  if (unsteady !== undefined) return describe({ ...again, failure: unsteady }, run.faults);
  if (first.failure === undefined) return undefined;
  if (!shrink) return describe(first, run.faults);
  const { result, faults } = await withFewerFaults(first, { ...run, seed: first.seed }, scenario);
  return describe(result, faults);
}

/** What shows that a run follows from more than its seed. */
function whatIsReal(first: RunResult, again: RunResult, { awaited }: Sightings): RunResult['failure'] {
  const at = { kind: 'real', what: 'the run', waiting: [], atMs: again.virtualMs, step: again.steps } as const;
  const difference = firstDifference(first.log, again.log);
  if (difference !== undefined) {
    const { at: line, one = 'nothing more', other = 'nothing more' } = difference;
    const message = `Two runs of seed ${first.seed} differ, so something in it depends on more than the seed. Event ${line + 1} was, first:\n  ${one}\nand then:\n  ${other}`;
    return { ...at, error: new Error(message) };
  }
  if (awaited.length === 0 || first.failure?.kind === 'real') return undefined;
  const message =
    'It waits for something real, which comes at a moment that no seed decides, while virtual time leaps ahead.';
  return { ...at, error: new Error(message) };
}

/** Leaves out one kind of fault after the other for as long as the run still fails of the same. */
async function withFewerFaults(
  failing: RunResult,
  settings: RunSettings,
  scenario: Scenario,
): Promise<{ readonly result: RunResult; readonly faults: RunSettings['faults'] }> {
  let result = failing;
  let { faults } = settings;
  for (let tried = Number.POSITIVE_INFINITY; activeKinds(faults).length < tried; ) {
    tried = activeKinds(faults).length;
    for (const kind of activeKinds(faults)) {
      const fewer = withoutKind(faults, kind);
      const attempt = await runOnce({ ...settings, faults: fewer }, scenario);
      const { failure } = attempt;
      if (failure?.kind !== failing.failure?.kind || failure?.what !== failing.failure?.what) continue;
      result = attempt;
      faults = fewer;
    }
  }
  return { result, faults };
}
