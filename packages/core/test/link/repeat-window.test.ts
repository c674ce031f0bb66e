import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RepeatWindow } from '../../src/link/repeat-window.js';

/** The rule, said with a set: a number is new unless it was seen or is older than the latest `size`. */
class Model {
  readonly #seen = new Map<string, Set<number>>();
  constructor(readonly size: number) {}

  seen(sender: string, number: number): boolean {
    const known = this.#seen.get(sender) ?? new Set<number>();
    this.#seen.set(sender, known);
    const highest = Math.max(...known, number);
    if (known.has(number) || highest - number >= this.size) return true;
    known.add(number);
    return false;
  }
}

describe('a repeat window', () => {
  it('tells repetitions just as the rule says, whatever the order of arrival', () => {
    const arrival = fc.tuple(
      fc.constantFrom('a', 'b'),
      fc.oneof(fc.integer({ min: -40, max: 5 }), fc.integer({ min: -100, max: 100 })),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(32, 64),
        fc.integer({ min: 200, max: 10_000 }),
        fc.array(arrival, { maxLength: 150 }),
        (size, base, arrivals) => {
          const window = new RepeatWindow({ size, senders: 1024, oldIsRepeated: true });
          const model = new Model(size);
          let moving = base;
          for (const [sender, step] of arrivals) {
            const number = Math.max(1, moving + step);
            expect(window.seen(sender, number)).toBe(model.seen(sender, number));
            moving = Math.max(moving, number) + (step > 0 ? step : 0);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('takes each number of a long run once', () => {
    const window = new RepeatWindow({ size: 4096, senders: 1024, oldIsRepeated: true });
    for (let number = 1; number <= 20_000; number++) {
      expect(window.seen('a', number)).toBe(false);
      expect(window.seen('a', number)).toBe(true);
    }
    expect(window.seen('a', 20_000 - 4095)).toBe(true);
    expect(window.seen('a', 20_000 - 4096)).toBe(true);
  });

  it('takes numbers as large as a frame may carry', () => {
    const window = new RepeatWindow({ size: 4096, senders: 1024, oldIsRepeated: true });
    const largest = Number.MAX_SAFE_INTEGER;
    for (const number of [largest - 5, largest, largest - 4]) expect(window.seen('a', number)).toBe(false);
    for (const number of [largest - 5, largest, largest - 4]) expect(window.seen('a', number)).toBe(true);
  });

  it('does not let one number far ahead, which somebody may have forged, make all later ones old', () => {
    const window = new RepeatWindow({ size: 4096, senders: 1024, oldIsRepeated: true });
    expect(window.seen('a', 1)).toBe(false);
    expect(window.seen('a', Number.MAX_SAFE_INTEGER)).toBe(false);
    for (const number of [2, 3]) expect(window.seen('a', number)).toBe(false);
    for (const number of [2, 3]) expect(window.seen('a', number)).toBe(true);
  });

  it('follows a sender that has sent ever so many frames to others meanwhile', () => {
    const window = new RepeatWindow({ size: 4096, senders: 1024, oldIsRepeated: true });
    for (const number of [1, 2 ** 24 + 2, 2 ** 40]) expect(window.seen('a', number)).toBe(false);
    expect(window.seen('a', 2 ** 40)).toBe(true);
  });

  it('takes what is older than it remembers for new where it is told to', () => {
    const window = new RepeatWindow({ size: 32, senders: 4, oldIsRepeated: false });
    for (const number of [100, 50]) expect(window.seen('a', number)).toBe(false);
    expect(window.seen('a', 100)).toBe(true);
    expect(window.seen('a', 50)).toBe(false);
  });

  it('starts anywhere, since a receiver may join late', () => {
    const window = new RepeatWindow({ size: 4096, senders: 1024, oldIsRepeated: true });
    expect(window.seen('a', 5000)).toBe(false);
    expect(window.seen('a', 4999)).toBe(false);
    expect(window.seen('a', 5000)).toBe(true);
  });

  it('remembers 1024 senders, so that invented names take no more room', () => {
    const window = new RepeatWindow({ size: 4096, senders: 1024, oldIsRepeated: true });
    expect(window.seen('first', 1)).toBe(false);
    for (let i = 0; i < 1023; i++) window.seen(`s${i}`, 1);
    expect(window.seen('first', 1)).toBe(true);
    window.seen('one too many', 1);
    expect(window.seen('first', 1)).toBe(false);
  });
});
