import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { HappenError } from '../../src/errors/happen-error.js';
import type { Delivery } from '../../src/flow/delivery.js';
import { type ConcurrencySettings, Inbox } from '../../src/node/inbox.js';
import { delivery } from '../flow/deliveries.js';

const roomy: ConcurrencySettings = {
  maxConcurrent: 2,
  queueLimit: 100,
  queueStrategy: 'fifo',
  backpressureThreshold: 1,
};

/** An inbox whose deliveries run until they are released. */
function inboxOf(settings: Partial<ConcurrencySettings>) {
  const begun: Delivery[] = [];
  const owner = {
    id: 'worker',
    begin: (one: Delivery) => void begun.push(one),
    pressure: vi.fn(),
    fellBehind: vi.fn(),
    caughtUp: vi.fn(),
    idle: vi.fn(),
    dropped: vi.fn(),
  };
  return { inbox: new Inbox(owner, { ...roomy, ...settings }), begun, owner };
}

describe('an inbox', () => {
  it('runs up to maxConcurrent at once and lets the rest wait', () => {
    const { inbox, begun } = inboxOf({ maxConcurrent: 3 });
    const all = Array.from({ length: 5 }, () => delivery());
    for (const one of all) expect(inbox.submit(one)).toBeUndefined();
    expect(begun).toEqual(all.slice(0, 3));
    expect([inbox.running, inbox.waiting]).toEqual([3, 2]);
    inbox.release(all[1] as Delivery);
    expect(begun).toEqual(all.slice(0, 4));
    expect([inbox.running, inbox.waiting]).toEqual([3, 1]);
  });

  it('refuses what exceeds queueLimit with a coded error that names the node, and takes more once there is room', () => {
    const { inbox } = inboxOf({ maxConcurrent: 1, queueLimit: 2 });
    const first = delivery();
    inbox.submit(first);
    inbox.submit(delivery({ key: 'k' }));
    inbox.submit(delivery({ key: 'k' }));
    const refusal = inbox.submit(delivery());
    expect(refusal).toMatchObject({ code: 'HAPPEN_QUEUE_FULL', details: { node: 'worker', limit: 2 } });
    expect(refusal?.message).toContain('"worker"');
    inbox.release(first);
    expect(inbox.submit(delivery())).toBeUndefined();
  });

  it.each(['fifo', 'priority'] as const)(
    'gives the room of what nobody waits for any more to what comes, in its order and its lanes, %s',
    (queueStrategy) => {
      const { inbox, begun, owner } = inboxOf({ maxConcurrent: 1, queueLimit: 6, queueStrategy });
      const gone = new HappenError('HAPPEN_TIMEOUT', 'over');
      const named = (key?: string) => delivery(key === undefined ? {} : { key });
      const running = named();
      const [front, second, third, fourth] = [named('k'), named('k'), named('k'), named('k')];
      const [one, other] = [named(), named()];
      for (const each of [running, front, one, second, other, third, fourth]) inbox.submit(each);
      expect(inbox.submit(named())?.code).toBe('HAPPEN_QUEUE_FULL');
      for (const each of [front, third, other]) each.cancel(gone);
      const [late, lateInLane] = [named(), named('k')];
      expect(inbox.submit(late)).toBeUndefined();
      expect([inbox.waiting, owner.dropped.mock.calls.flat()]).toEqual([
        4,
        expect.arrayContaining([front, third, other]),
      ]);
      expect([front.ended, third.ended, other.ended]).toEqual([true, true, true]);
      expect(inbox.submit(lateInLane)).toBeUndefined();
      expect(inbox.submit(named('z'))).toBeUndefined();
      expect(inbox.submit(named())?.code).toBe('HAPPEN_QUEUE_FULL');
      const inOrder = [running, one, second, fourth, late, lateInLane];
      for (const each of inOrder) inbox.release(each);
      expect(begun.slice(0, 6)).toEqual(inOrder);
      inbox.release(begun[6] as Delivery);
      expect([inbox.running, inbox.waiting, owner.dropped.mock.calls.length]).toEqual([0, 0, 3]);
    },
  );

  it('looks at what waits only once so many have been given up that it is worth it', () => {
    const { inbox } = inboxOf({ maxConcurrent: 1, queueLimit: 160 });
    inbox.submit(delivery());
    const waiting = Array.from({ length: 160 }, () => delivery());
    for (const each of waiting) inbox.submit(each);
    const refused = (): boolean => inbox.submit(delivery()) !== undefined;
    for (const each of waiting.slice(0, 9)) each.cancel(new HappenError('HAPPEN_TIMEOUT', 'over'));
    expect([refused(), inbox.waiting]).toEqual([true, 160]);
    waiting[9]?.cancel(new HappenError('HAPPEN_TIMEOUT', 'over'));
    expect([refused(), inbox.waiting]).toEqual([false, 151]);
  });

  it('runs events of one key one at a time while other keys go on', () => {
    const { inbox, begun } = inboxOf({ maxConcurrent: 10 });
    const [a1, a2, b1] = [delivery({ key: 'a' }), delivery({ key: 'a' }), delivery({ key: 'b' })];
    for (const one of [a1, a2, b1]) inbox.submit(one);
    expect(begun).toEqual([a1, b1]);
    inbox.release(a1);
    expect(begun).toEqual([a1, b1, a2]);
  });

  it('keeps the order of a key when some of its events wait for a slot and others for the key', () => {
    const { inbox, begun } = inboxOf({ maxConcurrent: 1 });
    const [first, k1, k2, k3] = [delivery(), delivery({ key: 'k' }), delivery({ key: 'k' }), delivery({ key: 'k' })];
    for (const one of [first, k1, k2]) inbox.submit(one);
    inbox.release(first);
    inbox.submit(k3);
    for (const one of [k1, k2, k3]) inbox.release(one);
    expect(begun).toEqual([first, k1, k2, k3]);
  });

  it('does not let a busy key overtake what arrived before', () => {
    const { inbox, begun } = inboxOf({ maxConcurrent: 1 });
    const [k1, other, k2] = [delivery({ key: 'k' }), delivery(), delivery({ key: 'k' })];
    for (const one of [k1, other, k2]) inbox.submit(one);
    for (const one of [k1, other, k2]) inbox.release(one);
    expect(begun).toEqual([k1, other, k2]);
  });

  it('tells that it falls behind at 101, 501 and 1001 waiting, and once that it is over, at half of the first', () => {
    const { inbox, begun, owner } = inboxOf({ maxConcurrent: 1, queueLimit: 2000 });
    const submit = (count: number): void => {
      for (let i = 0; i < count; i++) inbox.submit(i % 2 === 0 ? delivery() : delivery({ key: 'k' }));
    };
    const releaseUntil = (waiting: number): void => {
      while (inbox.waiting > waiting) inbox.release(begun.at(-1) as Delivery);
    };
    for (const round of [1, 2]) {
      submit(101 - inbox.running - inbox.waiting + 1);
      expect(owner.fellBehind.mock.calls.at(-1)).toEqual(['minor', 101]);
      releaseUntil(51);
      submit(449);
      expect(owner.fellBehind).toHaveBeenCalledTimes(3 * round - 2);
      submit(1);
      expect(owner.fellBehind.mock.calls.at(-1)).toEqual(['moderate', 501]);
      submit(600);
      expect(owner.fellBehind.mock.calls.at(-1)).toEqual(['severe', 1001]);
      releaseUntil(51);
      expect(owner.caughtUp).toHaveBeenCalledTimes(round - 1);
      releaseUntil(50);
      releaseUntil(0);
      expect(owner.caughtUp).toHaveBeenCalledTimes(round);
      expect(owner.fellBehind).toHaveBeenCalledTimes(3 * round);
    }
  });

  it('has fallen behind at its threshold where that is lower, and is over when what waits is taken out', () => {
    const { inbox, owner } = inboxOf({ maxConcurrent: 1, queueLimit: 10, backpressureThreshold: 0.5 });
    for (let i = 0; i < 5; i++) inbox.submit(delivery());
    expect(owner.fellBehind).not.toHaveBeenCalled();
    inbox.submit(delivery());
    expect(owner.fellBehind.mock.calls).toEqual([['minor', 5]]);
    expect([...inbox.takeWaiting()]).toHaveLength(5);
    expect(owner.caughtUp).toHaveBeenCalledTimes(1);
  });

  it('takes higher priorities first where that is the strategy, and looks at arrival only where it is not', () => {
    for (const [queueStrategy, expected] of [
      ['priority', [0, 3, 2, 4, 1]],
      ['fifo', [0, 1, 2, 3, 4]],
    ] as const) {
      const { inbox, begun } = inboxOf({ maxConcurrent: 1, queueStrategy });
      const all = [0, -10, 0, 10, 0].map((priority) => delivery({ priority }));
      for (const one of all) inbox.submit(one);
      for (let next = 0; next < all.length; next++) inbox.release(begun[next] as Delivery);
      expect(begun.map((one) => all.indexOf(one))).toEqual(expected);
    }
  });

  it('tells once of each crossing of the threshold, upwards and back', () => {
    const { inbox, begun, owner } = inboxOf({ maxConcurrent: 1, queueLimit: 10, backpressureThreshold: 0.3 });
    for (let i = 0; i < 6; i++) inbox.submit(delivery());
    expect(owner.pressure.mock.calls).toEqual([[true, 3]]);
    for (let i = 0; i < 4; i++) inbox.release(begun[i] as Delivery);
    expect(owner.pressure.mock.calls).toEqual([
      [true, 3],
      [false, 2],
    ]);
    for (let i = 0; i < 3; i++) inbox.submit(delivery());
    expect(owner.pressure).toHaveBeenCalledTimes(3);
  });

  it('tells when the last one is gone, and not before', () => {
    const { inbox, begun, owner } = inboxOf({ maxConcurrent: 1 });
    inbox.submit(delivery());
    inbox.submit(delivery());
    inbox.release(begun[0] as Delivery);
    expect(owner.idle).not.toHaveBeenCalled();
    inbox.release(begun[1] as Delivery);
    expect(owner.idle).toHaveBeenCalledTimes(1);
  });

  it('gives up a waiting event whose asker no longer waits, without running it, and frees its key', () => {
    const { inbox, begun, owner } = inboxOf({ maxConcurrent: 1 });
    const rejected = vi.fn();
    const [running, dropped, behind] = [delivery(), delivery({ key: 'k', rejected }), delivery({ key: 'k' })];
    for (const one of [running, dropped, behind]) inbox.submit(one);
    const reason = new HappenError('HAPPEN_TIMEOUT', 'too late');
    dropped.cancel(reason);
    inbox.release(running);
    expect(rejected).toHaveBeenCalledExactlyOnceWith(reason);
    expect(owner.dropped).toHaveBeenCalledExactlyOnceWith(dropped);
    expect(begun).toEqual([running, behind]);
  });

  it('starts thousands of synchronous deliveries without growing the stack', () => {
    const begun: Delivery[] = [];
    const owner = {
      id: 'worker',
      begin(one: Delivery) {
        begun.push(one);
        if (one !== begun[0]) inbox.release(one);
      },
      pressure: () => {},
      fellBehind: () => {},
      caughtUp: () => {},
      idle: () => {},
      dropped: () => {},
    };
    const inbox: Inbox = new Inbox(owner, { ...roomy, maxConcurrent: 1, queueLimit: 100_000 });
    const all = Array.from({ length: 50_000 }, (_, i) => delivery(i % 2 === 0 ? {} : { key: 'k' }));
    for (const one of all) inbox.submit(one);
    inbox.release(all[0] as Delivery);
    expect(begun).toEqual(all);
  });

  it('gives out all that waits when it is emptied', () => {
    const { inbox, begun } = inboxOf({ maxConcurrent: 1 });
    const all = [
      delivery({ key: 'k' }),
      delivery(),
      delivery({ key: 'k' }),
      delivery({ key: 'q' }),
      delivery({ key: 'q' }),
    ];
    for (const one of all) inbox.submit(one);
    expect(new Set(inbox.takeWaiting())).toEqual(new Set(all.slice(1)));
    expect(inbox.waiting).toBe(0);
    inbox.release(begun[0] as Delivery);
    const later = delivery({ key: 'q' });
    inbox.submit(later);
    expect(begun).toEqual([all[0], later]);
  });
});

interface Item {
  readonly order: number;
  readonly key: string | undefined;
  readonly priority: number;
}

/** What an inbox should do, written without any thought of speed: each choice looks at everything that waits. */
class Model {
  readonly running: Item[] = [];
  waiting: Item[] = [];
  readonly begun: number[] = [];
  constructor(readonly settings: ConcurrencySettings) {}

  submit(item: Item): 'taken' | 'refused' {
    const { maxConcurrent, queueLimit } = this.settings;
    const startsNow = this.running.length < maxConcurrent && this.#mayStart(item);
    if (!startsNow && this.waiting.length >= queueLimit) return 'refused';
    this.waiting.push(item);
    this.#fill();
    return 'taken';
  }

  release(order: number): void {
    const index = this.running.findIndex((item) => item.order === order);
    this.running.splice(index, 1);
    this.#fill();
  }

  /** Nothing of its key runs, and nothing of its key waits before it. */
  #mayStart(item: Item): boolean {
    const { key } = item;
    if (key === undefined) return true;
    return (
      !this.running.some((one) => one.key === key) &&
      !this.waiting.some((one) => one.key === key && one.order < item.order)
    );
  }

  #fill(): void {
    while (this.running.length < this.settings.maxConcurrent) {
      const next = this.waiting
        .filter((item) => this.#mayStart(item))
        .sort(
          (a, b) => (this.settings.queueStrategy === 'priority' ? b.priority - a.priority : 0) || a.order - b.order,
        )[0];
      if (next === undefined) return;
      this.waiting = this.waiting.filter((item) => item !== next);
      this.running.push(next);
      this.begun.push(next.order);
    }
  }
}

type Action =
  | { readonly submit: { readonly key: string | undefined; readonly priority: number } }
  | { readonly release: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      submit: fc.record({ key: fc.constantFrom(undefined, 'a', 'b', 'c'), priority: fc.integer({ min: -1, max: 1 }) }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ release: fc.nat(9) }) },
);

describe('an inbox under any sequence of arrivals and ends', () => {
  it('starts, lets wait and refuses just what the model does', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom('fifo' as const, 'priority' as const),
        fc.array(action, { maxLength: 60 }),
        (maxConcurrent, queueLimit, queueStrategy, actions) => {
          const settings: ConcurrencySettings = { maxConcurrent, queueLimit, queueStrategy, backpressureThreshold: 1 };
          const model = new Model(settings);
          const { inbox, begun } = inboxOf(settings);
          const submitted: Delivery[] = [];
          const orderOf = (one: Delivery): number => submitted.indexOf(one);
          const release = (order: number): void => {
            model.release(order);
            inbox.release(submitted[order] as Delivery);
          };
          const compare = (): void => {
            expect(begun.map(orderOf)).toEqual(model.begun);
            expect([inbox.running, inbox.waiting]).toEqual([model.running.length, model.waiting.length]);
          };
          for (const step of actions) {
            if ('submit' in step) {
              const one = delivery(step.submit);
              const order = submitted.push(one) - 1;
              const outcome = inbox.submit(one) === undefined ? 'taken' : 'refused';
              expect(outcome).toBe(model.submit({ order, ...step.submit }));
            } else if (model.running.length > 0) {
              release((model.running[step.release % model.running.length] as Item).order);
            }
            compare();
          }
          while (model.running.length > 0) {
            release((model.running[0] as Item).order);
            compare();
          }
          expect(inbox.waiting).toBe(0);
        },
      ),
      { numRuns: 500 },
    );
  });
});
