import fc from 'fast-check';
import type { Faults, FaultSettings, Spells } from '../simulation/faults.js';
import { eventType } from './names.js';
import { payload } from './payload.js';

/** Seeds for `simulate`. They shrink towards 0. */
export function seed(): fc.Arbitrary<number> {
  return fc.maxSafeNat();
}

/**
 * What goes wrong in a simulation: any of the faults, rare or frequent, or not at all. Faults shrink away one by one, and what is
 * left becomes rarer; `{ ... }` with everything `false` is the smallest.
 *
 * @param limits the most of each that may be drawn; a kind that is `false` here never is
 */
export function faults(limits: Faults = {}): fc.Arbitrary<FaultSettings> {
  const orNone = <Value>(limit: unknown, some: fc.Arbitrary<Value>): fc.Arbitrary<Value | false> =>
    limit === false ? fc.constant<false>(false) : fc.option(some, { nil: false as const, freq: 3 });
  const chance = (limit: number | false | undefined): fc.Arbitrary<number | false> =>
    orNone(
      limit,
      fc.integer({ min: 1, max: 100 }).map((parts) => ((limit || 0.3) * parts) / 100),
    );
  const milliseconds = (most: number): fc.Arbitrary<readonly [number, number]> =>
    fc.tuple(fc.nat(most), fc.nat(most)).map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const);
  const spells = (limit: Spells | false | undefined): fc.Arbitrary<Spells | false> =>
    orNone(limit, fc.record({ everyMs: fc.integer({ min: 50, max: 2_000 }), forMs: milliseconds(500) }));
  const longest = Array.isArray(limits.delayMs) ? Number(limits.delayMs[1]) : Number(limits.delayMs ?? 50);
  return fc.record({
    delayMs: orNone(limits.delayMs, milliseconds(longest)),
    reorder: chance(limits.reorder),
    duplicate: chance(limits.duplicate),
    drop: chance(limits.drop),
    cuts: spells(limits.cuts),
    disconnects: spells(limits.disconnects),
    crashes: spells(limits.crashes),
    skewMs: orNone(limits.skewMs, fc.integer({ min: 1, max: limits.skewMs || 100 })),
    ties: limits.ties === false ? fc.constant(false) : fc.boolean(),
  });
}

/** One thing done in a scenario. */
export interface ScriptedStep {
  /** How long after the step before, in milliseconds. */
  readonly afterMs: number;
  readonly sender: string;
  /** The addressed node; `undefined` for a broadcast. */
  readonly target: string | undefined;
  readonly type: string;
  readonly payload: unknown;
}

/** What a script may be made of. */
export interface ScriptParts {
  /** The ids of the nodes that send. At least one. */
  readonly senders: readonly string[];
  /** The ids of the nodes they send to. @default none, so that everything is broadcast */
  readonly targets?: readonly string[];
  /** What is sent, by type. @default any payload under any type */
  readonly events?: Readonly<Record<string, fc.Arbitrary<unknown>>>;
  /** @default 20 */
  readonly maxSteps?: number;
  /** The longest time between two steps, in milliseconds. @default 200 */
  readonly maxPauseMs?: number;
}

/**
 * Whole scenarios, as lists of what is sent, by whom, when. They shrink to fewer steps, sooner after each other, with smaller
 * payloads. A scenario plays one by waiting `afterMs` and sending, step by step.
 */
export function script(parts: ScriptParts): fc.Arbitrary<ScriptedStep[]> {
  const { senders, targets = [], events, maxSteps = 20, maxPauseMs = 200 } = parts;
  const target = targets.length === 0 ? fc.constant(undefined) : fc.constantFrom(...targets);
  const some =
    events === undefined
      ? fc.record({ type: eventType(), payload: payload() })
      : fc.oneof(...Object.entries(events).map(([type, of]) => fc.record({ type: fc.constant(type), payload: of })));
  return fc.array(
    fc
      .record({ afterMs: fc.nat(maxPauseMs), sender: fc.constantFrom(...senders), target, some })
      .map(({ some: event, ...step }) => ({ ...step, ...event })),
    { maxLength: maxSteps },
  );
}
