import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Deadlines } from '../../src/talk/deadlines.js';
import { handClock } from '../host/hand-clock.js';

describe('deadlines', () => {
  it('expire once their time has come, never before, and within 16 ms', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 40 }),
        (waits, moves) => {
          const clock = handClock();
          const deadlines = new Deadlines(clock);
          const start = clock.now();
          const fired = new Map<number, number>();
          waits.forEach((wait, index) => {
            deadlines.add(
              {
                expire: () => {
                  expect(fired.has(index)).toBe(false);
                  fired.set(index, clock.now() - start);
                },
              },
              start + wait,
            );
          });
          for (const ms of [...moves, 6000]) clock.advance(ms);
          expect(fired.size).toBe(waits.length);
          waits.forEach((wait, index) => {
            expect(fired.get(index)).toBeGreaterThanOrEqual(wait);
            expect(fired.get(index)).toBeLessThanOrEqual(wait + 16);
          });
          expect(clock.waiting).toBe(0);
        },
      ),
    );
  });

  it('need one timer, however many there are', () => {
    const clock = handClock();
    const deadlines = new Deadlines(clock);
    const expire = vi.fn();
    for (let i = 0; i < 10_000; i++) {
      deadlines.add({ expire }, clock.now() + 30_000 - (i % 7000));
      expect(clock.waiting).toBe(1);
    }
    clock.advance(30_016);
    expect(expire).toHaveBeenCalledTimes(10_000);
    expect(clock.waiting).toBe(0);
  });

  it('leave no timer behind when all of them are removed', () => {
    const clock = handClock();
    const deadlines = new Deadlines(clock);
    const entries = Array.from({ length: 5000 }, (_, i) => {
      const entry = { expire: vi.fn() };
      return { entry, bucket: deadlines.add(entry, clock.now() + 100 + (i % 900)) };
    });
    for (const { entry, bucket } of entries) deadlines.remove(entry, bucket);
    expect(clock.waiting).toBe(0);
    clock.advance(2000);
    for (const { entry } of entries) expect(entry.expire).not.toHaveBeenCalled();
  });

  it('that are removed do not expire, while their neighbours do', () => {
    const clock = handClock();
    const deadlines = new Deadlines(clock);
    const [gone, stays, later] = [{ expire: vi.fn() }, { expire: vi.fn() }, { expire: vi.fn() }];
    const bucket = deadlines.add(gone, clock.now() + 50);
    deadlines.add(stays, clock.now() + 50);
    deadlines.add(later, clock.now() + 500);
    deadlines.remove(gone, bucket);
    deadlines.remove(gone, bucket);
    clock.advance(600);
    expect([gone, stays, later].map(({ expire }) => expire.mock.calls.length)).toEqual([0, 1, 1]);
  });

  it('may be set for an earlier time than those that wait, and from within an expiry', () => {
    const clock = handClock();
    const deadlines = new Deadlines(clock);
    const order: string[] = [];
    deadlines.add({ expire: () => void order.push('late') }, clock.now() + 1000);
    deadlines.add(
      {
        expire: () => {
          order.push('early');
          deadlines.add({ expire: () => void order.push('between') }, clock.now() + 100);
        },
      },
      clock.now() + 100,
    );
    clock.advance(2000);
    expect(order).toEqual(['early', 'between', 'late']);
    expect(clock.waiting).toBe(0);
  });

  it('keep their time when a clock that has no monotonic reading is set back', () => {
    const clock = handClock();
    const deadlines = new Deadlines(clock);
    const expire = vi.fn();
    const at = clock.now() + 100;
    deadlines.add({ expire }, at);
    clock.jump(-1000);
    clock.advance(200);
    expect(expire).not.toHaveBeenCalled();
    clock.advance(1000);
    expect(clock.now()).toBeGreaterThanOrEqual(at);
    expect(expire).toHaveBeenCalledTimes(1);
  });
});
