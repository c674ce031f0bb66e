import { describe, expect, it } from 'vitest';
import { type HappenEvent, initializeHappen, memoryHub } from '../../src/index.js';
import { LatestNames } from '../../src/causality/latest-names.js';
import { collected, heldMegabytes } from '../hardening/garbage.js';
import { until, upTo } from '../talking/observing.js';

describe('Causal memory', () => {
  it('keeps no payload, no context of the sender\u2019s own and no result alive', async () => {
    const { createNode, causality } = initializeHappen();
    const [a, b] = [createNode('a'), createNode('b')];
    b.on('t', ({ payload }) => ({ got: payload.n }));
    const refs = await Promise.all(
      upTo(50).map(async (n) => {
        const [payload, note] = [{ n }, { of: 'the sender' }];
        const result = (await a.send(b, { type: 't', payload, context: { note } })) as object;
        return [new WeakRef(payload), new WeakRef(note), new WeakRef(result)];
      }),
    );
    expect(causality.events().events).toHaveLength(50);
    await collected();
    expect(refs.flat().filter((ref) => ref.deref() !== undefined)).toEqual([]);
    expect(causality.events().events).toHaveLength(50);
  });

  it('keeps no payload of what came from elsewhere either', async () => {
    const hub = memoryHub();
    const [here, there] = upTo(2).map(() => initializeHappen({ transport: hub.transport() }));
    await Promise.all([here?.ready(), there?.ready()]);
    const refs: WeakRef<object>[] = [];
    there?.createNode('b').on('t', ({ payload }) => {
      refs.push(new WeakRef(payload as object));
      return null;
    });
    const a = here?.createNode('a');
    await a?.send('b', { type: 't', payload: { n: 1 } });
    await a?.send('b', { type: 't', payload: { n: 2 } });
    expect(there?.causality.events().events).toHaveLength(2);
    await collected();
    expect(refs.map((ref) => ref.deref())).toEqual([undefined, undefined]);
  });

  it.each([1, 2, 7, 1_000])('of size %i holds the latest, in their order', async (memory) => {
    const { createNode, causality } = initializeHappen({ causality: { memory } });
    const node = createNode('n');
    const sent: string[] = [];
    node.on('t', (event) => void sent.push(event.context.causal.id));
    for (const n of upTo(2_500)) {
      await node.send({ type: 't', payload: n });
      if (n % 500 === 1) expect(causality.events().events.map(({ id }) => id)).toEqual(sent.slice(-memory));
    }
    expect(causality.events().events.map(({ id }) => id)).toEqual(sent.slice(-memory));
    expect(causality.events().complete).toBe(false);
  });

  it('holds the last 64 causes of an event that has more, and counts the others', async () => {
    const { createNode, causality } = initializeHappen({ causality: { memory: 2_000 } });
    const [a, b] = [createNode('a'), createNode('b')];
    const ids: string[] = [];
    b.on('reading', (events) => {
      for (const { context } of events as unknown as HappenEvent[]) ids.push(context.causal.id);
      return b.send(a, { type: 'mean' });
    });
    a.on('mean', (event) => event.context.causal.causes?.length);
    expect(
      await a.send(
        b,
        upTo(500).map(() => ({ type: 'reading' })),
      ),
    ).toBe(500);
    const mean = causality.events().events.at(-1);
    expect(mean?.causes).toEqual(ids.slice(-64));
    expect(mean?.omittedCauses).toBe(436);
    expect(causality.trace(mean?.id as string)?.causes).toHaveLength(64);
  });

  it('gives up its place for nobody who repeats a broadcast', () => {
    const names = new LatestNames(3);
    expect(['a', 'a', 'b', 'a'].map((name) => names.seen(name))).toEqual([false, true, false, true]);
    for (const name of ['c', 'd', 'e']) expect(names.seen(name)).toBe(false);
    expect(['c', 'd', 'e'].map((name) => names.seen(name))).toEqual([true, true, true]);
    for (const n of upTo(100)) names.seen(`x${n}`);
    expect(names.seen('a')).toBe(false);
  });

  it('takes in events of ids that repeat, as a user\u2019s own may, and holds the first', async () => {
    const { createNode, causality } = initializeHappen({ ids: () => 'same' });
    const node = createNode('n');
    node.on('**', () => null);
    await node.send({ type: 'one' });
    await node.send({ type: 'two' });
    expect(causality.events().events.map(({ type }) => type)).toEqual(['one']);
  });

  it.each([-1, 1.5, 1_000_001, '10', null, Number.NaN])('refuses the size %s', (memory) => {
    expect(() => initializeHappen({ causality: { memory: memory as number } })).toThrow(
      expect.objectContaining({ code: 'HAPPEN_INVALID_CONFIG', message: expect.stringContaining('causality.memory') }),
    );
  });

  it('takes up no more than 200 bytes for each event', async () => {
    const memory = 100_000;
    const { createNode, causality } = initializeHappen({ causality: { memory } });
    const [a, b] = [createNode('a'), createNode('b')];
    let heard = 0;
    b.on('t', () => void heard++);
    const send = async (count: number): Promise<void> => {
      const end = heard + count;
      for (let n = 0; n < count; n++) {
        a.send(b, { type: 't', payload: { n } });
        if (n % 1_000 === 0) await until('so many are heard', () => heard >= end - count + n);
      }
      await until('all are heard', () => heard === end);
    };
    await send(100);
    const before = await heldMegabytes();
    await send(2 * memory);
    const bytes = (((await heldMegabytes()) - before) * 1e6) / memory;
    expect(bytes).toBeLessThan(200);
    expect(causality.events().events).toHaveLength(memory);
  });
});
