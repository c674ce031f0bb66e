import type { Clock, MemoryHub } from '@happen/core';
import type { SeededRandom } from '../random/seeded-random.js';
import type { EventLog } from './event-log.js';
import { bounds, type FaultSettings, type Spells } from './faults.js';
import type { Machine } from './machine.js';

/** What can get into trouble. */
export interface Place {
  /** Whether it may crash. */
  readonly crashes: boolean;
  readonly machine: Machine;
  restart(): void;
}

/** What troubles work on. */
export interface Troubled {
  /** Of the troubles themselves: it runs whatever has crashed. */
  readonly clock: Clock;
  readonly hub: MemoryHub;
  readonly log: EventLog;
  /** Those there are at present. */
  readonly places: () => Iterable<Place>;
}

/** A source of its own for each kind. */
export type TroubleDraws = Readonly<Record<'cuts' | 'disconnects' | 'crashes', SeededRandom>>;

/** Begins a spell, and returns what ends it; `undefined` when there is nothing to trouble at present. */
type Begin = (random: SeededRandom) => (() => void) | undefined;

/**
 * Has cuts, lost connections and crashes come and go.
 *
 * @returns what stops them, and ends the spells that are on
 */
export function startTroubles(on: Troubled, faults: FaultSettings, draws: TroubleDraws): () => void {
  const begins = { cuts: cutting(on), disconnects: disconnecting(on), crashes: crashing(on) };
  const stops = (['cuts', 'disconnects', 'crashes'] as const).flatMap((kind) => {
    const when = faults[kind];
    return when === false ? [] : [comesAndGoes(on.clock, draws[kind], when, begins[kind])];
  });
  return () => {
    for (const stop of stops) stop();
  };
}

function cutting({ hub, log, places }: Troubled): Begin {
  return (random) => {
    const [one, ...others] = random.shuffle(alive(places()));
    if (one === undefined || others.length === 0) return undefined;
    const some = [one, ...others.splice(0, random.integer(0, others.length - 1))];
    const transports = (side: readonly Place[]) => side.map(({ machine }) => machine.transport);
    const names = (side: readonly Place[]) => side.map(({ machine }) => machine.name).join(', ');
    // What only one side loses is harder to see for both.
    const direction = random.chance(0.25) ? 'one-way' : 'both-ways';
    for (const from of transports(some)) for (const to of transports(others)) hub.cut(from, to, direction);
    const way = direction === 'one-way' ? 'from' : 'between';
    log.write('network', `is cut ${way} ${names(some)} ${direction === 'one-way' ? 'to' : 'and'} ${names(others)}`);
    return () => {
      hub.heal();
      log.write('network', 'is whole again');
    };
  };
}

function disconnecting({ hub, places }: Troubled): Begin {
  return (random) => {
    const candidates = alive(places());
    if (candidates.length === 0) return undefined;
    const { machine } = random.pick(candidates);
    hub.disconnect(machine.transport, 'the simulation took the connection away');
    return () => {
      if (!machine.isDead) hub.reconnect(machine.transport);
    };
  };
}

function crashing({ places }: Troubled): Begin {
  return (random) => {
    const candidates = alive(places()).filter(({ crashes }) => crashes);
    if (candidates.length === 0) return undefined;
    const place = random.pick(candidates);
    const { machine } = place;
    if (random.chance(0.5)) machine.crash('');
    else machine.crashBeforeNextFrame();
    return () => {
      machine.spare();
      place.restart();
    };
  };
}

function alive(places: Iterable<Place>): Place[] {
  return [...places].filter(({ machine }) => !machine.isDead);
}

/** Begins after a while that is drawn around the mean, ends after as long as is drawn, and so on. */
function comesAndGoes(clock: Clock, random: SeededRandom, { everyMs, forMs }: Spells, begin: Begin): () => void {
  const [least, most] = bounds(forMs);
  let end: (() => void) | undefined;
  let stopped = false;
  const after = (delayMs: number, run: () => void): void => {
    clock.setTimer(
      delayMs,
      () => {
        if (!stopped) run();
      },
      true,
    );
  };
  const wait = (): void => {
    after(random.next() * 2 * everyMs, () => {
      // Whatever `begin` draws, the moments stay the same.
      end = begin(random.fork());
      after(least + random.next() * (most - least), () => {
        end?.();
        end = undefined;
        wait();
      });
    });
  };
  wait();
  return () => {
    if (stopped) return;
    stopped = true;
    end?.();
  };
}
