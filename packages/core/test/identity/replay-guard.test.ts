import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplayGuard } from '../../src/identity/replay-guard.js';

const guard = (given: Partial<ConstructorParameters<typeof ReplayGuard>[0]> = {}) =>
  new ReplayGuard({ size: 64, senders: 3, since: 1_000, ...given });

describe('a guard against replays', () => {
  it('takes each number of a sender at most once, in whatever order they come, and each within reach once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 400 }), (numbers) => {
        const guarded = guard();
        const taken = new Set<number>();
        let highest = 0;
        for (const number of numbers) {
          const expected = taken.has(number) || highest - number >= 64 ? 'replayed' : 'new';
          const first = taken.size === 0 ? 'new' : expected;
          expect([number, guarded.look('a', number, 2_000)]).toEqual([number, first]);
          expect([number, guarded.take('a', number, 2_000)]).toEqual([number, first]);
          if (first !== 'new') continue;
          taken.add(number);
          highest = Math.max(highest, number);
        }
      }),
    );
  });

  it('never begins anew, however far apart the numbers are', () => {
    const guarded = guard();
    expect(guarded.take('a', 5, 2_000)).toBe('new');
    expect(guarded.take('a', 2 ** 50, 2_000)).toBe('new');
    expect(guarded.take('a', 5, 2_000)).toBe('replayed');
    expect(guarded.take('a', 6, 2_000)).toBe('replayed');
    expect(guarded.take('a', 2 ** 50, 2_000)).toBe('replayed');
    expect(guarded.take('a', 2 ** 50 - 1, 2_000)).toBe('new');
  });

  it('remembers nothing of what it was only asked about', () => {
    const guarded = guard();
    guarded.look('a', 2 ** 50, 2_000);
    expect(guarded.take('a', 5, 2_000)).toBe('new');
  });

  it('takes nothing from before it began', () => {
    const guarded = guard({ since: 1_000.9 });
    expect(guarded.take('a', 1, 999)).toBe('stale');
    expect(guarded.take('a', 1, 1_000)).toBe('new');
    // Of whom it remembers, it knows better.
    expect(guarded.take('a', 2, 999)).toBe('new');
  });

  it('takes nothing that a sender forgotten for another may have sent before', () => {
    const guarded = guard();
    for (const [index, sender] of ['a', 'b', 'c'].entries()) guarded.take(sender, 1, 2_000 + index);
    // Heard again: `b` is now the one not heard from for longest.
    guarded.take('a', 2, 2_010);
    expect(guarded.take('d', 1, 2_020)).toBe('new');
    expect(guarded.take('b', 1, 2_001)).toBe('stale');
    expect(guarded.take('e', 1, 2_001)).toBe('stale');
    expect(guarded.take('a', 2, 2_010)).toBe('replayed');
    expect(guarded.take('b', 2, 2_002)).toBe('new');
  });
});
