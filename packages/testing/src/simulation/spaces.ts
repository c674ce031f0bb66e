import type { SeededRandom } from '../random/seeded-random.js';
import { invalid } from './faults.js';
import { type Ground, Machine } from './machine.js';
import type { Place } from './troubles.js';
import type { SimulatedSpace, SpaceTools } from './world.js';

interface SpacesGround extends Ground {
  /** Told when a `build` fails that was not called by the scenario. */
  readonly failed: (name: string, error: unknown) => void;
}

/** The spaces of a run, in the order in which they were added. */
export class Spaces implements Iterable<Place> {
  readonly #ground: SpacesGround;
  readonly #random: SeededRandom;
  readonly #skewMs: number;
  readonly #places = new Map<string, Place>();
  readonly #machines: Machine[] = [];

  /** @param skewMs by how much their clocks may be wrong at most */
  constructor(ground: SpacesGround, random: SeededRandom, skewMs: number) {
    this.#ground = ground;
    this.#random = random;
    this.#skewMs = skewMs;
  }

  [Symbol.iterator](): Iterator<Place> {
    return this.#places.values();
  }

  /** Leaves nothing behind: neither of the machines that are there, nor of those that have crashed. */
  async discard(): Promise<void> {
    for (const machine of this.#machines) machine.end();
    for (const machine of this.#machines) await machine.discard();
  }

  /** @throws HappenError `HAPPEN_INVALID_OPTION` for a name that is no name, or taken; and whatever `build` throws */
  add<Built>(name: string, build: (tools: SpaceTools) => Built, crashes: boolean): SimulatedSpace<Built> {
    if (typeof name !== 'string' || name === '') throw invalid('space(name)', 'a name', name);
    if (this.#places.has(name)) throw invalid('space(name)', 'a name of its own', `"${name}", which is taken`);
    const random = this.#random.fork();
    const skewMs = Math.round((random.next() * 2 - 1) * this.#skewMs);
    let restarts = 0;
    const start = (): { machine: Machine; current: Built } => {
      const machine = new Machine(this.#ground, name, random.fork(), skewMs, restarts);
      this.#machines.push(machine);
      const current = build(machine.tools);
      if (current instanceof Promise) current.catch((error: unknown) => this.#ground.failed(name, error));
      return { machine, current };
    };
    let life = start();
    const restart = (): void => {
      if (!life.machine.isDead) return;
      restarts++;
      this.#ground.log.write(name, 'starts again');
      try {
        life = start();
      } catch (error) {
        this.#ground.failed(name, error);
      }
    };
    this.#places.set(name, {
      crashes,
      get machine() {
        return life.machine;
      },
      restart,
    });
    return {
      name,
      get current() {
        return life.current;
      },
      get isUp() {
        return !life.machine.isDead;
      },
      get restarts() {
        return restarts;
      },
      crash: () => life.machine.crash(', as the scenario wants it'),
      restart,
    };
  }
}
