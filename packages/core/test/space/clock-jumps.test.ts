import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../../testing/src/clock/virtual-clock.js';
import { initializeHappen, memoryHub } from '../../src/index.js';
import { KnownKeys } from '../../src/identity/known-keys.js';
import { DelayedDispatches } from '../../src/space/delayed-dispatches.js';
import { Moments } from '../../src/space/moments.js';
import { systemClock } from '../../src/host/system-clock.js';

const hour = 3_600_000;
const jumps = [
  ['back by an hour', -hour],
  ['forward by an hour', hour],
] as const;
const worlds = [
  ['in one space', false],
  ['across two spaces', true],
] as const;
const cases = jumps.flatMap(([how, ms]) => worlds.map(([where, across]) => [how, where, ms, across] as const));

async function world(across: boolean) {
  const clock = virtualClock();
  const hub = memoryHub();
  const config = across ? () => ({ clock, transport: hub.transport() }) : () => ({ clock });
  const here = initializeHappen(config());
  const there = across ? initializeHappen(config()) : here;
  await Promise.all([here.ready(), there.ready()]);
  return { clock, here, there, a: here.createNode('a'), b: there.createNode('b') };
}

/** What has become of a promise by now, and when. */
function watch(promise: PromiseLike<unknown>) {
  const seen: { outcome: unknown } = { outcome: 'pending' };
  void Promise.resolve(promise).then(
    (value) => (seen.outcome = value),
    (error: { code: string }) => (seen.outcome = error.code),
  );
  return seen;
}

describe('a clock that is set', () => {
  it.each(cases)('%s, %s: leaves requests the time they were given', async (_how, _where, ms, across) => {
    const { clock, a, b } = await world(across);
    const signals: AbortSignal[] = [];
    b.on('slow', (_event, context) => {
      signals.push(context.signal);
      return new Promise(() => {});
    });
    const short = watch(a.send('b', { type: 'slow' }, { timeout: 1_000 }).return());
    const long = watch(a.send('b', { type: 'slow' }, { timeout: 5_000 }).return());
    await clock.advance(500);
    clock.jump(ms);
    const later = watch(a.send('b', { type: 'slow' }, { timeout: 1_000 }).return());
    await clock.advance(499);
    expect([short.outcome, long.outcome]).toEqual(['pending', 'pending']);
    await clock.advance(17);
    expect([short.outcome, long.outcome]).toEqual(['HAPPEN_TIMEOUT', 'pending']);
    await clock.advance(483);
    expect(later.outcome).toBe('pending');
    await clock.advance(18);
    expect(later.outcome).toBe('HAPPEN_TIMEOUT');
    await clock.advance(3_482);
    expect(long.outcome).toBe('pending');
    await clock.advance(17);
    expect(long.outcome).toBe('HAPPEN_TIMEOUT');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
  });

  it.each(cases)('%s, %s: leaves a request that a handler sends what is left', async (_how, _where, ms, across) => {
    const { clock, a, b } = await world(across);
    b.on('slow', () => new Promise(() => {}));
    let inner = watch(Promise.resolve());
    a.on('outer', async () => {
      await new Promise<void>((resolve) => clock.setTimer(400, resolve));
      inner = watch(a.send('b', { type: 'slow' }).return());
      return new Promise(() => {});
    });
    void a.send('a', { type: 'outer' }, { timeout: 1_000 }).catch(() => {});
    await clock.advance(300);
    clock.jump(ms);
    await clock.advance(699);
    expect(inner.outcome).toBe('pending');
    await clock.advance(33);
    expect(inner.outcome).toMatch(/TIMEOUT|CANCELLED/);
  });

  it.each(cases)(
    '%s, %s: cuts off no stream that is consumed slowly, nor lets an idle one stand',
    async (_, __, ms, across) => {
      const { clock, a, b } = await world(across);
      let left = 0;
      b.on('count', async function* () {
        try {
          for (let number = 0; ; number++) yield number;
        } finally {
          left++;
        }
      });
      const stream = a.send('b', { type: 'count' }, { timeout: 1_000 })[Symbol.asyncIterator]();
      for (let number = 0; number < 12; number++) {
        expect(await stream.next()).toEqual({ done: false, value: number });
        await clock.advance(400);
        if (number % 4 === 1) clock.jump(ms);
        await clock.advance(400);
      }
      expect(left).toBe(0);
      clock.jump(ms);
      await clock.advance(3_100);
      expect(left).toBe(1);
      await expect(stream.next()).rejects.toMatchObject({ code: 'HAPPEN_TIMEOUT' });
    },
  );

  it.each(cases)('%s, %s: sends what was delayed after its while', async (_how, _where, ms, across) => {
    const { clock, a, b } = await world(across);
    const heard: number[] = [];
    b.on('late', (_event, context) => void heard.push(context.receivedAt));
    a.send('b', { type: 'late' }, { delay: 1_000 });
    a.broadcast({ type: 'late' }, { delay: 2_000 });
    await clock.advance(500);
    clock.jump(ms);
    await clock.advance(499);
    expect(heard).toEqual([]);
    await clock.advance(1);
    expect(heard).toEqual([clock.now()]);
    await clock.advance(1_000);
    expect(heard).toHaveLength(2);
  });

  it('back: sends at a time only when the clock says so', async () => {
    const { clock, a, b } = await world(false);
    let heard = 0;
    b.on('late', () => void heard++);
    a.send('b', { type: 'late' }, { at: clock.now() + 600_000 });
    await clock.advance(300_000);
    clock.jump(-hour);
    await clock.advance(hour + 299_999);
    expect(heard).toBe(0);
    await clock.advance(1);
    expect(heard).toBe(1);
    expect(clock.pending()).toEqual([]);
  });

  it('forward: sends at a time within a minute once the clock says so', async () => {
    const { clock, a, b } = await world(false);
    let heard = 0;
    b.on('late', () => void heard++);
    a.send('b', { type: 'late' }, { at: clock.now() + 2 * hour });
    await clock.advance(30_000);
    clock.jump(hour);
    await clock.advance(60_000);
    expect(heard).toBe(0);
    clock.jump(hour);
    await clock.advance(60_000);
    expect(heard).toBe(1);
  });

  it('while something waits for its time: is called off as ever', () => {
    const clock = virtualClock();
    const delayed = new DelayedDispatches(clock);
    const told: string[] = [];
    const forget = delayed.add(
      { atMs: clock.now() + hour },
      () => told.push('ran'),
      () => told.push('called off'),
    );
    clock.advanceSync(90_000);
    forget();
    expect(clock.pending()).toEqual([]);
    delayed.add(
      { atMs: clock.now() + hour },
      () => told.push('ran'),
      () => told.push('called off'),
    );
    clock.advanceSync(90_000);
    delayed.callOff(new Error('closed') as never);
    expect(clock.pending()).toEqual([]);
    expect(told).toEqual(['called off']);
  });

  it.each(jumps)('%s: leaves close the time it was given', async (_how, ms) => {
    const clock = virtualClock();
    const transport = memoryHub().transport();
    transport.stop = () => new Promise(() => {});
    const space = initializeHappen({ clock, transport });
    await space.ready();
    const node = space.createNode('a');
    node.on('slow', () => new Promise(() => {}));
    node.send('a', { type: 'slow' });
    await clock.advance(1);
    const closed = watch(space.close({ timeout: 5_000 }).then(({ unfinished }) => unfinished.length));
    await clock.advance(2_500);
    clock.jump(ms);
    await clock.advance(2_499);
    clock.jump(ms);
    expect(closed.outcome).toBe('pending');
    // Five seconds for the flows, one for the transport.
    await clock.advance(1_001);
    expect(closed.outcome).toBe(1);
  });

  it('forward: lets nobody push out keys that were bound on first use', () => {
    const clock = virtualClock();
    const keys = new KnownKeys({
      clock,
      keys: undefined,
      trustOnFirstUse: true,
      localKeyPair: () => undefined,
      lookUpFailed() {},
    });
    const key = new Uint8Array(32).fill(9);
    const comes = (id: string): void => void keys.used(id, keys.find(id, key) as never);
    for (let number = 0; number < 10_000; number++) comes(`n${number}`);
    clock.jump(2 * hour);
    expect(() => comes('stranger')).toThrow('unknown-sender');
  });

  it.each(jumps)('%s: makes no event that came twice a new one', async (_how, ms) => {
    const { clock, a, b } = await world(false);
    let heard = 0;
    b.on('once', () => void heard++);
    a.send('b', { type: 'once' }, { dedupeKey: 'k' });
    await clock.advance(1);
    clock.jump(ms);
    a.send('b', { type: 'once' }, { dedupeKey: 'k' }).catch(() => {});
    await clock.advance(1);
    expect(heard).toBe(1);
    await clock.advance(120_000);
    a.send('b', { type: 'once' }, { dedupeKey: 'k' });
    await clock.advance(1);
    expect(heard).toBe(2);
  });
});

describe('moments', () => {
  it('read the runtime’s clock once for each millisecond, and any other each time', () => {
    let readings = 0;
    const counting = { ...systemClock, monotonic: () => ++readings };
    const moments = new Moments(counting, systemClock);
    expect([5, 5, 5, 6, 6, 4, 5].map((nowMs) => moments.at(nowMs))).toEqual([1, 1, 1, 2, 2, 3, 4]);
    const exact = new Moments(counting, counting);
    expect([5, 5].map((nowMs) => exact.at(nowMs))).toEqual([5, 6]);
  });
});
