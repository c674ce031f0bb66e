import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hop } from '../../src/event/event.js';
import { extendChain, type HopChain, type Path, pathOf, repeatingHops } from '../../src/event/path.js';

function hop(index: number): Hop {
  return [`n${index}`, `n${index + 1}`];
}

/** A chain of so many hops; before each of `crossings` it is written out, as on a wire, and goes on from there. */
function chainOf(length: number, crossings: readonly number[] = []): Path {
  let chain: HopChain | undefined;
  let imported: Path | undefined;
  for (let index = 0; index < length; index++) {
    if (crossings.includes(index)) {
      imported = chain === undefined ? imported : JSON.parse(JSON.stringify(pathOf(chain)));
      chain = undefined;
    }
    const [from, to] = hop(index);
    chain = extendChain(chain, chain === undefined ? imported : undefined, from, to);
  }
  return pathOf(chain);
}

/** What the rule says: all of up to 64 hops; of more, the first 8 and the last 55. */
function expected(length: number): Path {
  const hops = Array.from({ length }, (_, index) => hop(index));
  if (length <= 64) return { hops, omitted: 0 };
  return { hops: [...hops.slice(0, 8), ...hops.slice(-55)], omitted: length - 63 };
}

describe('a causal path', () => {
  it('holds every hop of a chain of up to 64', () => {
    for (const length of [0, 1, 2, 63, 64]) expect(chainOf(length)).toEqual(expected(length));
  });

  it('keeps the first 8 and the last 55 hops of a longer one, and counts the rest', () => {
    for (const length of [65, 66, 100, 1000]) {
      const path = chainOf(length);
      expect(path.hops).toHaveLength(63);
      expect(path).toEqual(expected(length));
    }
  });

  it('is the same wherever the chain crossed between processes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.array(fc.nat(300), { maxLength: 20 }), (length, crossings) => {
        expect(chainOf(length, crossings)).toEqual(expected(length));
      }),
    );
  });

  it('can not be changed', () => {
    const { hops } = chainOf(3);
    expect(Object.isFrozen(hops)).toBe(true);
    expect(hops.every((one) => Object.isFrozen(one))).toBe(true);
  });
});

describe('the hops named for a loop', () => {
  const along = (nodes: string): Hop[] => [...nodes].slice(1).map((to, i) => [nodes[i] as string, to]);

  it('go once around it', () => {
    expect(repeatingHops(along('xyababab'))).toBe('b → a → b');
    expect(repeatingHops(along('xaaaa'))).toBe('a → a');
    expect(repeatingHops(along('abacabacab'))).toBe('b → a → c → a → b');
  });

  it('are the last 16 where nothing repeats', () => {
    const hops = Array.from({ length: 60 }, (_, index) => hop(index));
    expect(repeatingHops(hops)).toBe(Array.from({ length: 17 }, (_, i) => `n${44 + i}`).join(' → '));
    expect(repeatingHops(hops.slice(0, 2))).toBe('n0 → n1 → n2');
    expect(repeatingHops([])).toBe('');
  });
});
