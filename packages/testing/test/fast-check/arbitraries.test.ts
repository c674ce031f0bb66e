import { initializeHappen, memoryHub } from '@happen/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unusualNames } from '../../src/contract/unusual-names.js';
import { eventType, nodeId, pattern, payload } from '../../src/fast-check.js';

const many = { numRuns: 2_000 };

function kindOf(value: unknown): string {
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  const { name = 'Object' } = (value as { constructor?: { name?: string } }).constructor ?? {};
  return value instanceof Error ? 'Error' : name;
}

function depthOf(value: unknown): number {
  const inner = value instanceof Map ? [...value.entries()].flat() : value instanceof Set ? [...value] : undefined;
  if (value === null || typeof value !== 'object' || value instanceof Error || ArrayBuffer.isView(value)) return 0;
  const members: unknown[] = inner ?? Object.values(value);
  return members.length === 0 ? 0 : 1 + Math.max(...members.map(depthOf));
}

describe('payloads', () => {
  it('are of every kind a wire has a place for', () => {
    const kinds = new Set(fc.sample(payload(), { numRuns: 5_000, seed: 1 }).map(kindOf));
    const typedArrays = ['Uint8', 'Int8', 'Uint8Clamped', 'Int16', 'Uint16', 'Int32', 'Uint32', 'Float32', 'Float64'];
    const expected = [
      ...['null', 'boolean', 'number', 'string', 'bigint', 'Date', 'Array', 'Object', 'Map', 'Set', 'Error'],
      ...[...typedArrays, 'BigInt64', 'BigUint64'].map((kind) => `${kind}Array`),
    ];
    expect([...kinds].sort()).toEqual(expected.sort());
  });

  it('nest no deeper than asked for', () => {
    const deepest = (maxDepth: number): number =>
      Math.max(...fc.sample(payload({ maxDepth }), { numRuns: 2_000, seed: 2 }).map(depthOf));
    expect([deepest(0), deepest(1), deepest(3)]).toEqual([0, 1, 3]);
  });

  it('arrive in another space, of the kind they were sent as', async () => {
    const hub = memoryHub();
    const here = initializeHappen({ transport: hub.transport() });
    const there = initializeHappen({ transport: hub.transport() });
    await Promise.all([here.ready(), there.ready()]);
    let arrived: unknown;
    there.createNode('there').on('take', (event) => {
      arrived = event.payload;
    });
    const sender = here.createNode('here');
    await fc.assert(
      fc.asyncProperty(payload(), async (sent) => {
        await sender.send('there', { type: 'take', payload: sent }).return();
        expect(kindOf(arrived)).toBe(kindOf(sent));
      }),
      { numRuns: 300 },
    );
    await Promise.all([here.close(), there.close()]);
  });

  it('shrink to the smallest that still fails', () => {
    const withLongText = (value: unknown): boolean => typeof value === 'string' && value.length > 3;
    const { counterexample } = fc.check(
      fc.property(payload(), (value) => !withLongText(value)),
      { ...many, seed: 3 },
    );
    expect(counterexample?.[0]).toHaveLength(4);
  });
});

describe('names', () => {
  it('of events can be emitted, and meet patterns that can be listened to', async () => {
    const happen = initializeHappen();
    const node = happen.createNode('node');
    let met = 0;
    await fc.assert(
      fc.asyncProperty(eventType(), pattern(), async (type, listened) => {
        const stop = node.on(listened, () => void met++);
        await node.broadcast({ type, payload: {} }).sent();
        stop();
      }),
      many,
    );
    expect(met).toBeGreaterThan(50);
    await happen.close();
  });

  it('of nodes can be given, usual and unusual ones', async () => {
    const happen = initializeHappen();
    const seen = new Set<string>();
    fc.assert(
      fc.property(nodeId(), (id) => {
        if (!seen.has(id)) happen.createNode(id);
        seen.add(id);
      }),
      many,
    );
    expect(unusualNames.filter((name) => !seen.has(name))).toEqual([]);
    expect(seen.size).toBeGreaterThan(300);
    await happen.close();
  });

  it('shrink to plain ones', () => {
    const smallest = (names: fc.Arbitrary<string>): unknown =>
      fc.check(
        fc.property(names, () => false),
        { seed: 5 },
      ).counterexample?.[0];
    expect([smallest(eventType()), smallest(pattern()), smallest(nodeId())]).toEqual(['order', 'order', 'a']);
  });
});
