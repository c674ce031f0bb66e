import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FrameNumber, ReplayGuard, type ReplayGuardSettings } from '../../src/identity/replay-guard.js';
import { type HandClock, handClock } from '../host/hand-clock.js';

const start = 1_000_000;
const freshnessMs = 1_000;

function guard(given: Partial<ReplayGuardSettings> = {}, clock = handClock(start)) {
  const made = new ReplayGuard({ clock, size: 64, each: 3, total: 100, spared: 1, freshnessMs, ...given });
  const take = (sender: string, instance: string, number: number, madeAt = clock.now(), rank = 0, listener = '') =>
    made.take({ sender, instance, listener, number, madeAt, isForThisRun: false }, rank);
  return { clock, guarded: made, take };
}

const one = (number: number, given: Partial<FrameNumber> = {}): FrameNumber => ({
  sender: 'a',
  instance: 'i',
  listener: '',
  number,
  madeAt: start,
  isForThisRun: false,
  ...given,
});

describe('a guard against replays', () => {
  it('takes each number of an instance at most once, in whatever order they come, and each within reach once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 400, size: 'max' }), (numbers) => {
        const { guarded } = guard();
        const taken = new Set<number>();
        let highest = 0;
        for (const number of numbers) {
          const expected = taken.has(number) || highest - number >= 64 ? 'replayed' : 'new';
          const first = taken.size === 0 ? 'new' : expected;
          expect([number, guarded.look(one(number))]).toEqual([number, first]);
          expect([number, guarded.take(one(number), 0)]).toEqual([number, first]);
          if (first !== 'new') continue;
          taken.add(number);
          highest = Math.max(highest, number);
        }
      }),
    );
  });

  it('never begins anew, however far apart the numbers are', () => {
    const { take } = guard();
    expect(take('a', 'i', 5)).toBe('new');
    expect(take('a', 'i', 2 ** 50)).toBe('new');
    expect(take('a', 'i', 5)).toBe('replayed');
    expect(take('a', 'i', 6)).toBe('replayed');
    expect(take('a', 'i', 2 ** 50)).toBe('replayed');
    expect(take('a', 'i', 2 ** 50 - 1)).toBe('new');
  });

  it('remembers nothing of what it was only asked about', () => {
    const { guarded, take } = guard();
    guarded.look(one(2 ** 50));
    expect(guarded.total).toBe(0);
    expect(take('a', 'i', 5)).toBe('new');
  });

  it('takes nothing from before it began, but what can only be for this run, or is later all the same', () => {
    const { guarded, take } = guard({}, handClock(start + 0.9));
    expect(take('a', 'i', 5, start - 1)).toBe('stale');
    expect(take('a', 'i', 6, start)).toBe('new');
    expect(take('a', 'i', 5, start - 1)).toBe('stale');
    // Its clock was set back meanwhile.
    expect(take('a', 'i', 7, start - 1)).toBe('new');
    expect(guarded.take(one(4, { madeAt: start - 1, isForThisRun: true }), 0)).toBe('new');
    expect(guarded.take(one(4, { madeAt: start - 1, isForThisRun: true }), 0)).toBe('replayed');
  });

  it('lets each listener hear a frame once', () => {
    const { take } = guard();
    expect(['x', 'y', 'x', 'y'].map((listener) => take('a', 'i', 1, start, 0, listener))).toEqual([
      'new',
      'new',
      'replayed',
      'replayed',
    ]);
  });
});

describe('a sender with many instances', () => {
  it('makes room among its own, from the one not heard from for longest', () => {
    const { guarded, take } = guard();
    for (const [index, instance] of ['i', 'j', 'k'].entries()) take('a', instance, 1, start + index);
    // Heard again: `j` is now the one not heard from for longest.
    take('a', 'i', 2, start + 10);
    expect(take('a', 'l', 1, start + 20)).toBe('new');
    expect(guarded.total).toBe(3);
    expect(take('a', 'j', 1, start + 1)).toBe('stale');
    expect(take('a', 'm', 1, start + 1)).toBe('stale');
    expect(take('a', 'i', 2, start + 10)).toBe('replayed');
    expect(take('a', 'j', 2, start + 2)).toBe('new');
  });

  it('refuses frames of nobody else by dating its own ahead, and takes no more room than it may', () => {
    const { guarded, take } = guard({ each: 1024, total: 32_768 });
    expect(take('honest', 'h', 1)).toBe('new');
    for (let number = 0; number < 40_000; number++) take('evil', `e${number}`, 1, start + freshnessMs);
    expect(guarded.total).toBe(1025);
    expect(take('honest', 'h', 1)).toBe('replayed');
    expect(take('honest', 'h', 2)).toBe('new');
    expect(take('honest', 'restarted', 1)).toBe('new');
    expect(take('late', 'l', 1)).toBe('new');
    expect(take('evil', 'e-late', 1)).toBe('stale');
  });

  it('keeps two hundred of them apart, and those of its broadcasts at each listener', () => {
    const { take } = guard({ each: 8192, total: 65_536 });
    for (const expected of ['new', 'replayed'])
      for (let number = 0; number < 200; number++)
        for (let listener = 0; listener < 40; listener++)
          expect(take('a', `i${number}`, 7, start, 0, `l${listener}`)).toBe(expected);
  });

  it('is not refused at another listener for what was forgotten at one', () => {
    const { take } = guard({ each: 2 });
    const heard = () => ['x', 'y', 'z'].map((listener) => take('a', 'i', 1, start, 0, listener));
    expect(heard()).toEqual(['new', 'new', 'new']);
    expect(heard()).not.toContain('new');
  });

  it('fills no memory with the names of listeners either', () => {
    const { guarded, take } = guard({ each: 2 });
    for (let listener = 0; listener < 5000; listener++) take('a', 'i', 1, start, 0, `l${listener}`);
    expect(guarded.total).toBe(2);
    // What is told of each listener has become one for all of them.
    expect(take('a', 'i', 1, start, 0, 'never heard')).toBe('stale');
    expect(take('a', 'i', 2, start + 1, 0, 'l0')).toBe('new');
  });
});

describe('many senders', () => {
  it('that come later push out nobody who was there before, and each keeps what is spared', () => {
    const { guarded, take } = guard({ each: 50, total: 100, spared: 1 });
    for (let number = 0; number < 40; number++) take('known', `k${number}`, 1, start, 1);
    for (let number = 0; number < 60; number++)
      for (let instance = 0; instance < 3; instance++)
        expect(take(`s${number}`, `s${instance}`, 1, start + freshnessMs + instance, number + 2)).toBe('new');
    expect(guarded.total).toBe(100);
    for (let number = 0; number < 40; number++) {
      expect(take('known', `k${number}`, 1, start, 1)).toBe('replayed');
      expect(take('known', `k${number}`, 2, start, 1)).toBe('new');
    }
  });

  it('give way to one that is pinned or was known before, for as many instances as it has', () => {
    const { guarded, take } = guard({ each: 50, total: 100, spared: 1 });
    for (let number = 0; number < 20; number++)
      for (let instance = 0; instance < 50; instance++)
        take(`s${number}`, `s${instance}`, 1, start + freshnessMs, number + 2);
    for (let number = 0; number < 40; number++) expect(take('known', `k${number}`, 1, start, 1)).toBe('new');
    for (let number = 0; number < 40; number++) expect(take('known', `k${number}`, 1, start, 1)).toBe('replayed');
    expect(guarded.total).toBe(100);
  });

  it('of one rank share what there is', () => {
    const { guarded, take } = guard({ each: 90, total: 100, spared: 1 });
    for (let number = 0; number < 90; number++) take('greedy', `g${number}`, 1, start + freshnessMs);
    for (let number = 0; number < 45; number++) expect(take('modest', `m${number}`, 1)).toBe('new');
    for (let number = 0; number < 45; number++) expect(take('modest', `m${number}`, 1)).toBe('replayed');
    expect(guarded.total).toBe(100);
  });

  it('that have fallen silent make room, once what they sent is too old in any case', () => {
    const { clock, guarded, take } = guard({ total: 10 });
    for (let number = 0; number < 10; number++) expect(take(`s${number}`, 'i', 1)).toBe('new');
    clock.advance(freshnessMs);
    expect(take('late', 'i', 1)).toBe('stale');
    clock.advance(freshnessMs);
    expect(take('late', 'i', 1)).toBe('new');
    expect(guarded.total).toBe(1);
    // And if this clock is set back, so that they are not too old any more:
    expect(take('s0', 'i', 1, start)).toBe('stale');
    expect(take('s0', 'i', 2, start + 1)).toBe('new');
  });
});

type Step =
  | { readonly act: 'pass'; readonly ms: number }
  | { readonly act: 'set'; readonly ms: number }
  | { readonly act: 'restart' }
  | { readonly act: 'honest'; readonly instance: number; readonly listener: number }
  | { readonly act: 'newInstance'; readonly instance: number }
  | {
      readonly act: 'hostile';
      readonly sender: number;
      readonly instance: number;
      readonly number: number;
      readonly ahead: number;
      readonly listener: number;
    }
  | { readonly act: 'replay'; readonly index: number };

const few = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ act: fc.constant('pass' as const), ms: fc.nat(400) }),
  fc.record({ act: fc.constant('honest' as const), instance: few, listener: fc.nat(1) }),
  fc.record({ act: fc.constant('newInstance' as const), instance: few }),
  fc.record({
    act: fc.constant('hostile' as const),
    sender: few,
    instance: fc.nat(6),
    number: fc.nat(90),
    ahead: fc.integer({ min: -freshnessMs, max: freshnessMs }),
    listener: fc.nat(1),
  }),
  { weight: 2, arbitrary: fc.record({ act: fc.constant('replay' as const), index: fc.nat(1_000) }) },
);
const anyStep = fc.oneof(
  { weight: 20, arbitrary: step },
  fc.record({ act: fc.constant('set' as const), ms: fc.integer({ min: -3_000, max: 3_000 }) }),
  fc.record({ act: fc.constant('restart' as const) }),
);

const small = { size: 32, each: 6, total: 9, spared: 1 };
/** Who was known last has the highest rank. */
const honestRank = 1;

/** Goes through the steps with a guard, and with a list of all that was taken. */
function walk(steps: readonly Step[], clock: HandClock, told: (step: Step, novelty: string) => void): void {
  let { guarded } = guard(small, clock);
  let run = 0;
  const taken = new Set<string>();
  const sent: { frame: FrameNumber; rank: number }[] = [];
  const instances = [0, 1, 2];
  let made = 2;
  let number = 0;
  const offer = (frame: FrameNumber, rank: number): string => {
    // As the verifier does before.
    if (Math.abs(clock.now() - frame.madeAt) > freshnessMs) return 'too old';
    const looked = guarded.look(frame);
    const novelty = guarded.take(frame, rank);
    if (looked !== 'new') expect(novelty).toBe(looked);
    if (novelty === 'new') {
      // Another time makes it another frame: a signer that uses its numbers again has signed both. One whose times contradict
      // its numbers gives what it takes to have its own frames taken again, after a restart.
      const name = JSON.stringify([frame, rank === honestRank ? 0 : run]);
      expect(taken).not.toContain(name);
      taken.add(name);
    }
    expect(guarded.total).toBeLessThanOrEqual(small.total);
    return novelty;
  };
  const send = (frame: FrameNumber, rank: number): string => {
    sent.push({ frame, rank });
    return offer(frame, rank);
  };
  for (const each of steps) {
    switch (each.act) {
      case 'pass':
        clock.advance(each.ms);
        break;
      case 'set':
        clock.jump(each.ms);
        break;
      case 'restart':
        // What was dated ahead of the restart is the one thing that a new run can't know.
        for (const { frame } of sent) if (frame.madeAt >= clock.now()) clock.advance(frame.madeAt + 1 - clock.now());
        ({ guarded } = guard(small, clock));
        run++;
        break;
      case 'newInstance':
        instances[each.instance] = ++made;
        break;
      case 'honest': {
        clock.advance(1);
        const instance = `h${instances[each.instance]}`;
        const frame = one(++number, { sender: 'honest', instance, listener: `l${each.listener}`, madeAt: clock.now() });
        told(each, send(frame, honestRank));
        break;
      }
      case 'hostile': {
        const { sender, instance, listener } = each;
        const frame = one(each.number, {
          sender: `s${sender}`,
          instance: `e${instance}`,
          listener: `l${listener}`,
          madeAt: clock.now() + each.ahead,
        });
        told(each, send(frame, honestRank + 1 + sender));
        break;
      }
      default: {
        const recorded = sent[each.index % Math.max(1, sent.length)];
        if (recorded !== undefined) offer(recorded.frame, recorded.rank);
      }
    }
  }
}

describe('whatever comes in whatever order', () => {
  it('no frame is taken twice, also when the clock is set and the receiver starts anew', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 150, size: 'max' }), (steps) =>
        walk(steps, handClock(start), () => {}),
      ),
      { numRuns: 400 },
    );
  });

  it('a sender that was known before the others is never refused, whatever those do', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) =>
        walk(steps, handClock(start), ({ act }, novelty) => {
          if (act === 'honest') expect(novelty).toBe('new');
        }),
      ),
      { numRuns: 400 },
    );
  });
});
