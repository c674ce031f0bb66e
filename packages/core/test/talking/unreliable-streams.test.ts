import { describe, expect, it } from 'vitest';
import type { EventStream } from '../../src/index.js';
import { pair } from './hub-pair.js';
import { codeOf, gate, upTo } from './observing.js';
import { turn } from './worlds.js';

type AnyStream = EventStream<any, any>;

/** Takes what comes until the end, or until it breaks off. */
async function taken(stream: AsyncIterable<unknown>): Promise<{ items: unknown[]; code?: string }> {
  const items: unknown[] = [];
  try {
    for await (const item of stream) items.push(item);
    return { items };
  } catch (error) {
    return { items, code: (error as { code: string }).code };
  }
}

describe('a stream over a hub that delays, reorders and repeats', () => {
  it.each([1, 2, 3, 4, 5])('brings all items in order and once, with seed %d', async (seed) => {
    await using world = await pair({ seed, delayMs: [0, 20], reorder: 0.4, duplicate: 0.4 });
    const { a, b, clock, spaces } = world;
    b.on('count', async function* ({ payload }) {
      for (let i = 0; i < payload; i++) {
        if (i % 50 === 0) await new Promise<void>((resolve) => void clock.setTimer(1, resolve));
        yield i;
      }
      return 'counted';
    });
    const asked = a.send(b, { type: 'count', payload: 2_000 });
    const stream = (await world.settled(asked)) as AnyStream;
    const { items, code } = await world.settled(taken(stream));
    expect(code).toBeUndefined();
    expect(items).toEqual(upTo(2_000));
    expect(await stream.result).toBe('counted');
    await clock.advance(100);
    expect(spaces[1].metrics().streams.open).toBe(0);
    expect(spaces[0].metrics().link?.malformed).toBe(0);
    expect(spaces[1].metrics().link?.malformed).toBe(0);
  });

  it('brings what was thrown after the items before it', async () => {
    await using world = await pair({ seed: 3, delayMs: [0, 20], reorder: 0.5, duplicate: 0.3 });
    const { a, b } = world;
    b.on('breaks', async function* () {
      for (let i = 0; i < 300; i++) {
        if (i % 10 === 0) await turn();
        yield i;
      }
      throw new Error('after 300');
    });
    expect(await world.settled(taken(a.send(b, { type: 'breaks' })))).toEqual({
      items: upTo(300),
      code: 'HAPPEN_HANDLER_FAILED',
    });
  });
});

describe('a stream over a hub that loses frames', () => {
  it('is whole, or ends with a timeout: never with a gap, and never not at all', async () => {
    let [whole, broken] = [0, 0];
    for (const seed of upTo(30)) {
      await using world = await pair({ seed: seed + 1, delayMs: [0, 3], drop: 0.03 });
      const { a, b, spaces, clock } = world;
      b.on('count', async function* ({ payload }) {
        for (let i = 0; i < payload; i++) {
          if (i % 20 === 0) await turn();
          yield i;
        }
        return payload;
      });
      const { items, code } = await world.settled(taken(a.send(b, { type: 'count', payload: 500 }, { timeout: 500 })));
      expect(items).toEqual(upTo(items.length));
      if (code === undefined) {
        whole++;
        expect(items).toHaveLength(500);
      } else {
        broken++;
        expect(code).toBe('HAPPEN_TIMEOUT');
      }
      // The producer finds out by itself, should nobody be able to tell him.
      await clock.advance(2_000);
      expect(spaces.map((space) => space.metrics().streams.open)).toEqual([0, 0]);
    }
    expect(whole).toBeGreaterThan(0);
    expect(broken).toBeGreaterThan(0);
  });

  it('makes good a grant that was lost with the next one', async () => {
    await using world = await pair();
    const { a, b, hub, transports, clock } = world;
    b.on('endless', function* () {
      for (let i = 0; ; i++) yield i;
    });
    const stream: AnyStream = await world.settled(a.send(b, { type: 'endless' }, { timeout: 1_000 }));
    for (const i of upTo(100)) expect((await stream.next()).value).toBe(i);
    hub.cut(transports[0], transports[1]);
    // Here a grant is made, and lost.
    for (const i of upTo(60)) expect((await stream.next()).value).toBe(100 + i);
    hub.heal();
    await clock.advance(300);
    for (const i of upTo(1_000)) expect((await world.settled(stream.next())).value).toBe(160 + i);
    await stream.return();
    await clock.advance(10);
  });
});

describe('a stream of which one side is gone', () => {
  it('ends its generator when its consumer is not heard of any more', async () => {
    await using world = await pair();
    const { a, b, hub, transports, clock, spaces } = world;
    const cleaned = gate<number>();
    b.on('endless', async function* () {
      try {
        for (;;) yield 1;
      } finally {
        cleaned.open(clock.now());
      }
    });
    const stream: AnyStream = await world.settled(a.send(b, { type: 'endless' }, { timeout: 1_000 }));
    await world.settled(stream.next());
    const cutAt = clock.now();
    hub.cut(transports[0], transports[1]);
    const endedAt = await world.settled(cleaned.passed);
    expect(endedAt - cutAt).toBeGreaterThanOrEqual(1_000);
    expect(endedAt - cutAt).toBeLessThan(1_600);
    expect(spaces[1].metrics().streams.open).toBe(0);
    expect(
      await world.settled(
        codeOf(
          (async () => {
            for (;;) await stream.next();
          })(),
        ),
      ),
    ).toBe('HAPPEN_TIMEOUT');
  });

  it('ends its consumer when its producer is not heard of any more', async () => {
    await using world = await pair();
    const { a, b, hub, transports, clock } = world;
    b.on('slow', async function* () {
      for (;;) {
        yield 1;
        await new Promise<void>((resolve) => void clock.setTimer(100, resolve));
      }
    });
    const stream: AnyStream = await world.settled(a.send(b, { type: 'slow' }, { timeout: 1_000 }));
    await world.settled(stream.next());
    await world.settled(stream.next());
    hub.cut(transports[0], transports[1]);
    const cutAt = clock.now();
    expect(await world.settled(codeOf(stream.next()))).toBe('HAPPEN_TIMEOUT');
    expect(clock.now() - cutAt).toBeLessThan(1_100);
    await clock.advance(10_000);
  });

  it('goes on for a consumer that takes its items as slowly as its timeout allows', async () => {
    await using world = await pair({ delayMs: [5, 20] });
    const { a, b, clock } = world;
    b.on('endless', function* () {
      for (let i = 0; ; i++) yield i;
    });
    const stream: AnyStream = await world.settled(a.send(b, { type: 'endless' }, { timeout: 1_000 }));
    for (const i of upTo(600)) {
      expect((await world.settled(stream.next())).value).toBe(i);
      await clock.advance(i < 50 ? 950 : 1);
    }
    await stream.return();
    await clock.advance(100);
  });

  it('ends at once where the consumer’s space has closed, or the producer’s', async () => {
    for (const closing of [0, 1] as const) {
      await using world = await pair();
      const { a, b, clock, spaces } = world;
      const cleaned = gate();
      b.on('endless', async function* () {
        try {
          for (;;) yield 1;
        } finally {
          cleaned.open();
        }
      });
      const stream: AnyStream = await world.settled(a.send(b, { type: 'endless' }));
      await world.settled(stream.next());
      const began = clock.now();
      void spaces[closing].close({ timeout: 100 });
      await world.settled(cleaned.passed);
      expect(
        await world.settled(
          codeOf(
            (async () => {
              for (;;) if ((await stream.next()).done === true) break;
            })(),
          ),
        ),
      ).toBe('HAPPEN_CLOSED');
      expect(await codeOf(stream.result)).toBe('HAPPEN_CLOSED');
      expect(clock.now() - began).toBeLessThan(500);
    }
  });
});
