/**
 * One run of a scenario from a seed: chaos until `chaosMs`, then calm until all is done.
 *
 * 1. Nothing happens outside a step. A step runs one timer of the schedule and then everything that follows from it without
 *    the time moving; then the invariants are looked at.
 * 2. Whatever is drawn is drawn from a source forked for its purpose, in a fixed order, before anything of the user runs. So a
 *    fault that is switched off changes no draw of another.
 * 3. The first failure ends the run.
 */
import { type Clock, type MemoryHub, memoryHub } from '@happen/core';
import { nextTurn } from '../clock/next-turn.js';
import { type SeededRandom, seededRandom } from '../random/seeded-random.js';
import { EventLog } from './event-log.js';
import { type Failure, type FailureKind, messageOf } from './failure.js';
import type { FaultSettings } from './faults.js';
import { somethingRealHappens } from './real-wait.js';
import { Schedule } from './schedule.js';
import { Spaces } from './spaces.js';
import { startTroubles } from './troubles.js';
import type { Scenario, Simulation } from './world.js';

export interface RunSettings {
  readonly seed: number;
  readonly faults: FaultSettings;
  readonly chaosMs: number;
  readonly completionMs: number;
  readonly settleMs: number;
  readonly mostSteps: number;
  readonly signal: AbortSignal | undefined;
}

/** How a run ended. */
export interface RunResult {
  readonly seed: number;
  readonly failure: Failure | undefined;
  readonly log: readonly string[];
  readonly steps: number;
  readonly virtualMs: number;
}

interface Check {
  readonly name: string;
  readonly check: () => unknown;
}

/** @throws the reason of `settings.signal` when it is aborted */
export async function runOnce(settings: RunSettings, scenario: Scenario): Promise<RunResult> {
  const run = new Run(settings);
  await run.play(scenario);
  return run.result();
}

class Run {
  readonly #settings: RunSettings;
  readonly #schedule: Schedule;
  readonly #log: EventLog;
  readonly #hub: MemoryHub;
  readonly #spaces: Spaces;
  readonly #framesOnTheirWay: () => number;
  readonly #invariants: Check[] = [];
  readonly #finalChecks: Check[] = [];
  /** The scenario's. */
  readonly #random: SeededRandom;
  readonly #clock: Clock;
  readonly #calm = resolvable();
  readonly #stopTroubles: () => void;
  #isCalm = false;
  #failure: Failure | undefined;
  #steps = 0;

  constructor(settings: RunSettings) {
    this.#settings = settings;
    const { faults, seed, chaosMs } = settings;
    const all = seededRandom(seed);
    const ties = all.fork();
    const hubSeed = all.integer(0, 0xffff_ffff);
    this.#random = all.fork();
    const spaces = all.fork();
    const draws = { cuts: all.fork(), disconnects: all.fork(), crashes: all.fork() };

    const schedule = new Schedule(faults.ties ? ties : undefined);
    this.#schedule = schedule;
    this.#log = new EventLog(() => schedule.elapsedMs);
    this.#clock = schedule.clockOf({ name: 'the scenario', silenced: false });
    const frames = schedule.clockOfEach('a frame on its way');
    this.#framesOnTheirWay = frames.waiting;
    this.#hub = memoryHub({
      seed: hubSeed,
      delayMs: faults.delayMs || 0,
      reorder: faults.reorder || 0,
      duplicate: faults.duplicate || 0,
      drop: faults.drop || 0,
      clock: frames.clock,
    });
    this.#spaces = new Spaces(
      { schedule, log: this.#log, network: this.#hub, failed: (name, error) => this.#fail('build', name, error) },
      spaces,
      faults.skewMs || 0,
    );
    const backstage = schedule.clockOf({ name: 'the faults', silenced: false });
    backstage.setTimer(chaosMs, () => this.#becomeCalm(), true);
    const troubled = { clock: backstage, hub: this.#hub, log: this.#log, places: () => this.#spaces };
    this.#stopTroubles = startTroubles(troubled, faults, draws);
  }

  result(): RunResult {
    return {
      seed: this.#settings.seed,
      failure: this.#failure,
      log: this.#log.lines,
      steps: this.#steps,
      virtualMs: this.#schedule.elapsedMs,
    };
  }

  async play(scenario: Scenario): Promise<void> {
    try {
      await this.#play(scenario);
    } finally {
      this.#log.close();
      await this.#spaces.discard();
    }
  }

  async #play(scenario: Scenario): Promise<void> {
    await this.#complete('scenario', 'the scenario', () => scenario(this.#world()));
    if (this.#failure !== undefined) return;
    this.#becomeCalm();
    this.#log.write('simulation', 'the scenario is over');
    const quietAt = this.#schedule.elapsedMs + this.#settings.settleMs;
    this.#clock.setTimer(this.#settings.settleMs, () => {});
    await this.#drive('all to be quiet', () => this.#schedule.elapsedMs >= quietAt && this.#isQuiet());
    for (const { name, check } of this.#finalChecks) {
      if (this.#failure !== undefined) return;
      await this.#complete('check', `the check "${name}"`, async () => holds(await check()));
    }
    for (const { machine } of this.#spaces) {
      if (this.#failure !== undefined) return;
      const { space } = machine;
      if (machine.isDead || space === undefined) continue;
      await this.#complete('close', `space "${machine.name}" to close`, () => space.close());
    }
  }

  #world(): Simulation {
    const { seed } = this.#settings;
    return Object.freeze({
      seed,
      random: this.#random,
      clock: this.#clock,
      sleep: (ms) => new Promise<void>((resolve) => void this.#clock.setTimer(ms, resolve)),
      calm: this.#calm.promise,
      space: (name, build, options = {}) => this.#spaces.add(name, build, options.crashes ?? false),
      always: (name, check) => void this.#invariants.push({ name, check }),
      atEnd: (name, check) => void this.#finalChecks.push({ name, check }),
      note: (text) => this.#log.write('scenario', text),
    } satisfies Simulation);
  }

  #becomeCalm(): void {
    if (this.#isCalm) return;
    this.#isCalm = true;
    this.#stopTroubles();
    this.#hub.calm();
    this.#log.write('simulation', 'nothing goes wrong from here on');
    this.#calm.resolve();
  }

  /** Has something done, and drives until it is. */
  async #complete(kind: FailureKind, what: string, start: () => unknown): Promise<void> {
    let done = false;
    const ended = (): void => {
      done = true;
    };
    const failed = (error: unknown): void => {
      this.#fail(kind, what, error);
      done = true;
    };
    void Promise.resolve().then(start).then(ended, failed);
    await this.#drive(what, () => done);
  }

  async #drive(what: string, isDone: () => boolean): Promise<void> {
    const { chaosMs, completionMs, mostSteps, signal } = this.#settings;
    for (;;) {
      await nextTurn();
      this.#checkInvariants();
      if (this.#failure !== undefined || isDone()) return;
      if (this.#steps % 256 === 0) signal?.throwIfAborted();
      if (++this.#steps > mostSteps) return this.#hangs(what, `after ${mostSteps} steps`);
      try {
        if (this.#schedule.runNext(chaosMs + completionMs)) continue;
      } catch (error) {
        return this.#fail('timer', 'what a timer was set for', error);
      }
      if (this.#schedule.waiting().length > 0) {
        return this.#hangs(what, `${completionMs} ms after all had become calm`);
      }
      const lines = this.#log.lines.length;
      const moves = () => isDone() || this.#schedule.waiting().length > 0 || this.#log.lines.length > lines;
      if (!(await somethingRealHappens(moves))) return this.#hangs(what, 'and nothing is left to do');
      const message = `Nothing was left to do in the simulation, and then it went on by itself: ${what} depends on something real.`;
      return this.#fail('real', what, new Error(message));
    }
  }

  #checkInvariants(): void {
    if (this.#failure !== undefined) return;
    for (const { name, check } of this.#invariants) {
      try {
        holds(check());
      } catch (error) {
        return this.#fail('invariant', `the invariant "${name}"`, error);
      }
    }
  }

  #isQuiet(): boolean {
    return this.#framesOnTheirWay() === 0 && [...this.#spaces].every(({ machine }) => machine.busyNodes().length === 0);
  }

  #hangs(what: string, when: string): void {
    const machines = [...this.#spaces].flatMap(({ machine }) => {
      if (machine.isDead) return [`${machine.name} has crashed and did not come back`];
      return [...machine.busyNodes(), ...machine.waiting().slice(0, 10)];
    });
    const timers = this.#schedule.waiting().slice(0, 10);
    const waiting = [...machines, ...timers.map(({ owner, inMs }) => `${owner}: a timer, in ${inMs.toFixed(0)} ms`)];
    this.#fail('hang', what, new Error(`It waited for ${what}, ${when}.`), waiting);
  }

  #fail(kind: FailureKind, what: string, error: unknown, waiting: readonly string[] = []): void {
    if (this.#failure !== undefined) return;
    this.#failure = { kind, what, error, waiting, atMs: this.#schedule.elapsedMs, step: this.#steps };
    this.#log.write('simulation', `fails: ${what}: ${messageOf(error)}`);
  }
}

function holds(answer: unknown): void {
  if (answer === false) throw new Error('It does not hold.');
}

function resolvable(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((resolved) => {
    resolve = resolved;
  });
  return { promise, resolve };
}
