import type { Clock, initializeHappen } from '@happen/core';
import type { SeededRandom } from '../random/seeded-random.js';

/** What a space is built with. */
export interface SpaceTools {
  /**
   * `initializeHappen` for the simulated machine: takes the same config and gives the same space, but the clock, the random
   * bytes and the transport are the simulation's. To be called once by each `build`.
   *
   * @throws HappenError `HAPPEN_INVALID_OPTION` when the config brings one of the three, or when it is called again
   */
  readonly open: typeof initializeHappen;
  /** The machine's clock, skew included. It ends with the machine: after a crash none of its timers runs. */
  readonly clock: Clock;
  /** Waits, by that clock. */
  sleep(ms: number): Promise<void>;
  /** A source of chance of its own. */
  readonly random: SeededRandom;
  /** How many times the space was built before. */
  readonly restarts: number;
}

/** A space in a simulation, across its crashes. */
export interface SimulatedSpace<Built> {
  readonly name: string;
  /** What `build` returned last. */
  readonly current: Built;
  /** Whether it is there; not while it is down after a crash. */
  readonly isUp: boolean;
  readonly restarts: number;
  /** Ends it without a word to itself: no timer of it runs any more, no frame leaves or reaches it. Its memory is lost. */
  crash(): void;
  /** Builds it anew. Without effect while it is up. */
  restart(): void;
}

/** What a scenario has in its hands: the world of one run. */
export interface Simulation {
  /** Everything in the run follows from it. */
  readonly seed: number;
  /** Chance for the scenario. What spaces draw, and what faults draw, is drawn elsewhere. */
  readonly random: SeededRandom;
  /** The true time, virtual. It moves only while nothing else can happen. */
  readonly clock: Clock;
  /** Waits in virtual time, milliseconds. */
  sleep(ms: number): Promise<void>;
  /** Resolves when the faults are over: after `chaosMs`. */
  readonly calm: Promise<void>;
  /**
   * Adds a space: a machine of its own. `build` is called at once, and again after each crash; it should be the code that
   * wires the space in production.
   *
   * @param options.crashes whether `faults.crashes` applies to it. @default false
   */
  space<Built>(
    name: string,
    build: (tools: SpaceTools) => Built,
    options?: { readonly crashes?: boolean },
  ): SimulatedSpace<Built>;
  /** Demands something at every step, that is, whenever nothing more can happen without the time moving: `check` throws, or returns `false`. */
  always(name: string, check: () => unknown): void;
  /** Demands something when the scenario has resolved and all is quiet. `check` may send, and return a promise. */
  atEnd(name: string, check: () => unknown): void;
  /** Writes a line into the event log. */
  note(text: string): void;
}

/** What is done in a run. It should come to an end once nothing goes wrong any more. */
export type Scenario = (simulation: Simulation) => unknown;
