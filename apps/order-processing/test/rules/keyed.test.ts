import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Keyed, keyed } from '../../src/rules/keyed.js';

const entriesOf = <Value>(map: Keyed<Value>) => [...map].sort(([one], [other]) => one - other);

describe('a keyed collection', () => {
  it('is changed into another one and stays what it was', () => {
    const before = keyed([
      [1, 'tea'],
      [2, 'jam'],
    ]);
    const after = before.with(2, 'ham').with(3, 'ale').without(1);
    expect(entriesOf(before)).toEqual([
      [1, 'tea'],
      [2, 'jam'],
    ]);
    expect(entriesOf(after)).toEqual([
      [2, 'ham'],
      [3, 'ale'],
    ]);
    expect([before.size, after.size]).toEqual([2, 2]);
  });

  it('is the same one when nothing changes', () => {
    const tea = keyed([[1, 'tea']]);
    expect(tea.with(1, 'tea')).toBe(tea);
    expect(tea.without(17)).toBe(tea);
    expect(keyed<string>().without(1).size).toBe(0);
  });

  it('tells a value that is undefined from none', () => {
    const map = keyed<undefined>([[0, undefined]]);
    expect([map.has(0), map.has(16), map.size]).toEqual([true, false, 1]);
    expect(map.without(0).has(0)).toBe(false);
  });

  it('takes whole numbers from 0 and nothing else', () => {
    const map = keyed<string>();
    for (const key of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER + 1]) {
      expect(() => map.with(key, 'x')).toThrow(RangeError);
      expect(map.get(key)).toBeUndefined();
      expect(map.without(key)).toBe(map);
    }
  });

  it('does what a Map does, whatever happens in whatever order', () => {
    // Keys that go the same way for long, besides near and far ones.
    const key = fc.oneof(
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 0, max: 500 }).map((far) => far * 16 ** 10),
      fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1, 2 ** 52, 2 ** 32, 2 ** 31),
    );
    const step = fc.record({ key, value: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const plain = new Map<number, number>();
        let map = keyed<number>();
        for (const { key: at, value } of steps) {
          if (value === undefined) plain.delete(at);
          else plain.set(at, value);
          map = value === undefined ? map.without(at) : map.with(at, value);
          expect(map.size).toBe(plain.size);
          expect(map.get(at)).toBe(plain.get(at));
          expect(map.has(at)).toBe(plain.has(at));
        }
        expect(entriesOf(map)).toEqual([...plain].sort(([one], [other]) => one - other));
        expect([...map.values()].sort()).toEqual([...plain.values()].sort());
      }),
    );
  });
});
