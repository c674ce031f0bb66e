import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faults, script, type ScriptedStep, seed } from '../../src/fast-check.js';
import { type FaultSettings, type Scenario, simulate } from '../../src/index.js';
import { faultSettings } from '../../src/simulation/faults.js';
import { racyWarehouse } from '../simulation/warehouse.js';

const nothing = faultSettings(false);

describe('faults', () => {
  it('are what simulate takes', () => {
    fc.assert(
      fc.property(faults(), (drawn) => {
        expect(faultSettings(drawn)).toEqual(drawn);
      }),
      { numRuns: 1_000 },
    );
  });

  it('stay within limits, and leave out what they are told to', () => {
    const limits = { drop: 0.1, delayMs: [0, 10], cuts: false, crashes: false, ties: false } as const;
    fc.assert(
      fc.property(faults(limits), ({ drop, delayMs, cuts, crashes, ties }) => {
        expect(drop || 0).toBeLessThanOrEqual(0.1);
        expect(delayMs === false ? 0 : (delayMs as readonly number[])[1]).toBeLessThanOrEqual(10);
        expect([cuts, crashes, ties]).toEqual([false, false, false]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('shrink to those that matter, as small as they may be', () => {
    const smallest = (fails: (drawn: FaultSettings) => boolean): FaultSettings | undefined =>
      fc.check(
        fc.property(faults(), (drawn) => !fails(drawn)),
        { seed: 1, numRuns: 1_000 },
      ).counterexample?.[0];
    expect(smallest(() => true)).toEqual(nothing);
    expect(smallest(({ drop }) => drop !== false)).toEqual({ ...nothing, drop: 0.003 });
    expect(smallest(({ cuts, skewMs }) => cuts !== false && skewMs !== false)).toEqual({
      ...nothing,
      cuts: { everyMs: 50, forMs: [0, 0] },
      skewMs: 1,
    });
  });
});

describe('scripts', () => {
  it('are made of what they may be made of', () => {
    const parts = {
      senders: ['a', 'b'],
      targets: ['c'],
      events: { add: fc.nat(9), clear: fc.constant({}) },
      maxSteps: 5,
    };
    const steps = fc.sample(script(parts), { numRuns: 500, seed: 1 });
    expect(Math.max(...steps.map(({ length }) => length))).toBe(5);
    const seen = (part: keyof ScriptedStep): unknown[] => [...new Set(steps.flat().map((step) => step[part]))].sort();
    expect([seen('sender'), seen('target'), seen('type')]).toEqual([['a', 'b'], ['c'], ['add', 'clear']]);
    const free = fc.sample(script({ senders: ['a'] }), { numRuns: 100, seed: 1 }).flat();
    expect(new Set(free.map(({ type }) => type)).size).toBeGreaterThan(20);
    expect(free.every(({ target }) => target === undefined)).toBe(true);
  });

  it('shrink to the two steps that race, in a network where nothing else happens', async () => {
    const playing =
      (steps: readonly ScriptedStep[]): Scenario =>
      async ({ space, sleep, always }) => {
        const warehouse = space('warehouse', ({ open, sleep }) => racyWarehouse(open(), sleep, 1));
        const shop = space('shop', ({ open }) => open().createNode('shop'));
        always('stock is never below zero', () => warehouse.current.pieces >= 0);
        for (const { afterMs, target, type, payload } of steps) {
          await sleep(afterMs);
          shop.current.send(target ?? '', { type, payload });
        }
      };
    const parts = { senders: ['shop'], targets: ['warehouse'], events: { take: fc.constant({}) }, maxSteps: 8 };
    const property = fc.asyncProperty(seed(), faults(), script(parts), async (seed, drawn, steps) => {
      await simulate({ seeds: [seed], faults: drawn, repeat: 'none', shrink: false }, playing(steps));
    });
    const { counterexample } = await fc.check(property, { seed: 1, numRuns: 200 });
    const [smallestSeed, smallestFaults, steps] = counterexample ?? [];
    expect([smallestSeed, smallestFaults]).toEqual([0, nothing]);
    expect(steps?.map(({ afterMs, type }) => [afterMs, type])).toEqual([
      [0, 'take'],
      [0, 'take'],
    ]);
  });
});
