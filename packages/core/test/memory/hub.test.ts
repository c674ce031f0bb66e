import { describe, expect, it } from 'vitest';
import { memoryHub, type MemoryHubOptions, type Transport } from '../../src/index.js';
import { bytes, handClock, started, toAll, toInstance, toNode, turn } from './hub-spaces.js';

async function pair(options: MemoryHubOptions = {}) {
  const clock = handClock();
  const hub = memoryHub(options);
  const a = await started(hub.transport(), clock);
  const b = await started(hub.transport(), clock);
  return { clock, hub, a, b };
}

/** Frames of one number each, as that number. */
function numbers(transport: Transport, id: string): number[] {
  const found: number[] = [];
  transport.attach(toNode(id), (frame) => void found.push(new DataView(frame.buffer, frame.byteOffset).getUint32(0)));
  return found;
}

function numbered(number: number): Uint8Array {
  const frame = new Uint8Array(4);
  new DataView(frame.buffer).setUint32(0, number);
  return frame;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('a hub in memory', () => {
  it('moves frames to a node in order and counts them', async () => {
    const { hub, a, b } = await pair();
    const found = numbers(b.transport, 'n');
    for (const number of upTo(1000)) void a.transport.publish(toNode('n'), numbered(number));
    expect(found).toEqual([]);
    await turn();
    expect(found).toEqual(upTo(1000));
    expect(hub.counts()).toEqual({
      published: 1000,
      delivered: 1000,
      dropped: 0,
      duplicated: 0,
      reordered: 0,
      undeliverable: 0,
    });
  });

  it('says what it can', () => {
    expect(memoryHub().transport().supports).toEqual({
      ordered: true,
      loss: 'none',
      duplicates: 'none',
      unreachable: true,
      maxFrameBytes: 1_048_576,
    });
    expect(memoryHub({ reorder: 0.1, drop: 0.1, duplicate: 0.1, maxFrameBytes: 9 }).transport().supports).toEqual({
      ordered: false,
      loss: 'possible',
      duplicates: 'possible',
      unreachable: true,
      maxFrameBytes: 9,
    });
    expect(memoryHub({ delayMs: [1, 50] }).transport().supports.ordered).toBe(true);
  });

  it('copies a frame whose memory comes from a pool', async () => {
    const { a, b } = await pair();
    const found: Uint8Array[] = [];
    b.transport.attach(toNode('n'), (frame) => void found.push(frame));
    const pooled = Buffer.from([1, 2, 3]);
    void a.transport.publish(toNode('n'), pooled);
    pooled[0] = 9;
    await turn();
    expect(found).toEqual([bytes(1, 2, 3)]);
    expect(found[0]?.buffer.byteLength).toBe(3);
  });

  it('gives each group of a broadcast memory of its own', async () => {
    const { hub, a, b } = await pair();
    const c = await started(hub.transport());
    const found: Uint8Array[] = [];
    for (const [{ transport }, group] of [
      [b, 'g'],
      [b, 'h'],
      [c, 'i'],
    ] as const) {
      transport.listen(group, ['**'], (frame) => {
        found.push(frame.slice());
        frame.fill(0);
      });
    }
    void a.transport.publish(toAll('x'), bytes(7));
    await turn();
    expect(found).toEqual([bytes(7), bytes(7), bytes(7)]);
  });

  it('lets the instances of one node take turns, without the publisher', async () => {
    const { hub, a, b } = await pair();
    const c = await started(hub.transport());
    const found = { a: 0, b: 0, c: 0 };
    a.transport.attach(toNode('n'), () => void found.a++);
    b.transport.attach(toNode('n'), () => void found.b++);
    c.transport.attach(toNode('n'), () => void found.c++);
    for (let count = 0; count < 10; count++) void a.transport.publish(toNode('n'), bytes(count));
    await turn();
    expect(found).toEqual({ a: 0, b: 5, c: 5 });
  });

  it('gives back the very array that nobody took', async () => {
    const { hub, a } = await pair();
    const frame = bytes(1);
    void a.transport.publish(toNode('nobody'), frame);
    void a.transport.publish(toInstance('nobody'), frame);
    void a.transport.publish(toAll('nobody'), frame);
    expect(a.told.undeliverable).toEqual([]);
    await turn();
    expect(a.told.undeliverable.map(({ to }) => to)).toEqual([toNode('nobody'), toInstance('nobody')]);
    expect(a.told.undeliverable.every((told) => told.frame === frame)).toBe(true);
    expect(hub.counts().undeliverable).toBe(2);
  });

  it('goes on after a receiver that throws', async () => {
    const { a, b } = await pair();
    const found: number[] = [];
    b.transport.attach(toNode('n'), ([first]) => {
      if (first === 1) throw new Error('against the contract');
      found.push(first ?? -1);
    });
    for (const number of [0, 1, 2]) void a.transport.publish(toNode('n'), bytes(number));
    await turn();
    expect(found).toEqual([0, 2]);
    expect(b.told.errors).toHaveLength(1);
  });

  it('lets the event loop turn while two ends answer each other without end', async () => {
    const hub = memoryHub();
    const clock = {
      now: () => performance.now(),
      setTimer(delayMs: number, callback: () => void) {
        const timer = setTimeout(callback, delayMs);
        return { clear: () => clearTimeout(timer) };
      },
    };
    const a = await started(hub.transport(), clock);
    const b = await started(hub.transport(), clock);
    let going = true;
    a.transport.attach(toNode('a'), (frame) => void (going && a.transport.publish(toNode('b'), frame)));
    b.transport.attach(toNode('b'), (frame) => void b.transport.publish(toNode('a'), frame));
    void a.transport.publish(toNode('b'), bytes(1));
    await turn();
    await turn();
    going = false;
    expect(hub.counts().published).toBeGreaterThan(100);
  });

  it('lets the event loop turn where the clock stands still', async () => {
    const { clock, hub, a, b } = await pair();
    a.transport.attach(toNode('a'), (frame) => void a.transport.publish(toNode('b'), frame));
    b.transport.attach(toNode('b'), (frame) => void b.transport.publish(toNode('a'), frame));
    void a.transport.publish(toNode('b'), bytes(1));
    await turn();
    const before = hub.counts().published;
    await turn();
    expect(hub.counts().published).toBe(before);
    clock.advance(0);
    expect(hub.counts().published).toBeGreaterThan(before);
  });

  it('takes a burst larger than one turn allows, in order', async () => {
    const { clock, a, b } = await pair();
    const found = numbers(b.transport, 'n');
    for (const number of upTo(120_000)) void a.transport.publish(toNode('n'), numbered(number));
    for (let turns = 0; turns < 5; turns++) {
      await turn();
      clock.advance(0);
    }
    await turn();
    expect(found).toEqual(upTo(120_000));
  });

  it('tells the connection at start, once at stop, and takes nothing outside', async () => {
    const transport = memoryHub().transport();
    expect(() => transport.attach(toNode('n'), () => {})).toThrow(expect.objectContaining({ code: 'HAPPEN_CLOSED' }));
    await expect(transport.publish(toNode('n'), bytes())).rejects.toMatchObject({ code: 'HAPPEN_CLOSED' });
    const { told, host } = await started(transport);
    await transport.stop();
    await transport.stop();
    expect(told.status).toEqual(['connected', 'closed']);
    expect(() => transport.listen('g', ['x'], () => {})).toThrow(expect.objectContaining({ code: 'HAPPEN_CLOSED' }));
    await expect(transport.start(host)).rejects.toMatchObject({ code: 'HAPPEN_CLOSED' });
  });

  it('refuses options that make no sense, naming each', () => {
    const wrong: [string, object][] = [
      ['seed', { seed: 1.5 }],
      ['delayMs', { delayMs: -1 }],
      ['delayMs', { delayMs: [5, 1] }],
      ['delayMs', { delayMs: [1] }],
      ['delayMs', { delayMs: Number.NaN }],
      ['drop', { drop: 1.1 }],
      ['reorder', { reorder: -0.1 }],
      ['duplicate', { duplicate: 'often' }],
      ['maxFrameBytes', { maxFrameBytes: 0 }],
      ['dorp', { dorp: 0.1 }],
    ];
    for (const [path, options] of wrong) {
      const refusal = { code: 'HAPPEN_INVALID_OPTION', details: expect.objectContaining({ path }) };
      expect(() => memoryHub(options)).toThrow(expect.objectContaining(refusal));
    }
  });
});

describe('a hub with faults', () => {
  it('delays each frame within the bounds and keeps the order', async () => {
    const { clock, a, b } = await pair({ delayMs: [10, 100] });
    const found = numbers(b.transport, 'n');
    for (const number of upTo(200)) void a.transport.publish(toNode('n'), numbered(number));
    await turn();
    clock.advance(9);
    expect(found).toEqual([]);
    clock.advance(91);
    expect(found).toEqual(upTo(200));
    expect(clock.waiting).toBeLessThanOrEqual(1);
  });

  it('keeps the order when the machine runs timers late and out of order', async () => {
    const waiting: (() => void)[] = [];
    const late = {
      now: () => 0,
      setTimer(_delayMs: number, callback: () => void) {
        waiting.push(callback);
        return { clear() {} };
      },
    };
    const hub = memoryHub({ delayMs: [1, 20], clock: late });
    const a = await started(hub.transport());
    const b = await started(hub.transport());
    const found = numbers(b.transport, 'n');
    for (const number of upTo(50)) void a.transport.publish(toNode('n'), numbered(number));
    await turn();
    for (const callback of waiting.reverse()) callback();
    expect(found).toEqual(upTo(50));
  });

  it('reorders, and counts what came late', async () => {
    const { clock, hub, a, b } = await pair({ reorder: 0.2, seed: 3 });
    const found = numbers(b.transport, 'n');
    for (const number of upTo(500)) void a.transport.publish(toNode('n'), numbered(number));
    await turn();
    clock.advance(11);
    expect(found).not.toEqual(upTo(500));
    expect([...found].sort((x, y) => x - y)).toEqual(upTo(500));
    let highest = -1;
    let late = 0;
    for (const number of found) {
      if (number < highest) late++;
      highest = Math.max(highest, number);
    }
    expect(hub.counts().reordered).toBe(late);
    expect(late).toBeGreaterThan(50);
  });

  it('duplicates, the first copies still in order', async () => {
    const { clock, hub, a, b } = await pair({ duplicate: 0.2 });
    const found = numbers(b.transport, 'n');
    for (const number of upTo(500)) void a.transport.publish(toNode('n'), numbered(number));
    await turn();
    clock.advance(11);
    expect([...new Set(found)]).toEqual(upTo(500));
    expect(found.length - 500).toBe(hub.counts().duplicated);
    expect(hub.counts().duplicated).toBeGreaterThan(50);
    expect(hub.counts().delivered).toBe(found.length);
  });

  it('drops, the rest still in order', async () => {
    const { hub, a, b } = await pair({ drop: 0.2 });
    const found = numbers(b.transport, 'n');
    for (const number of upTo(500)) void a.transport.publish(toNode('n'), numbered(number));
    await turn();
    expect(found).toEqual([...found].sort((x, y) => x - y));
    expect(hub.counts().dropped).toBe(500 - found.length);
    expect(hub.counts().dropped).toBeGreaterThan(50);
  });

  it('repeats a run from its seed, and runs otherwise from another', async () => {
    const run = async (seed: number) => {
      const { clock, hub, a, b } = await pair({ seed, delayMs: [0, 30], reorder: 0.1, duplicate: 0.1, drop: 0.1 });
      const seen: string[] = [];
      b.transport.attach(toNode('n'), ([number]) => void seen.push(`${clock.now()} ${number}`));
      for (const number of upTo(200)) void a.transport.publish(toNode('n'), bytes(number));
      await turn();
      clock.advance(100);
      return { seen, counts: hub.counts() };
    };
    expect(await run(42)).toEqual(await run(42));
    expect((await run(42)).seen).not.toEqual((await run(43)).seen);
  });

  it('hands a delayed frame to another member when its receiver went meanwhile', async () => {
    const { clock, hub, a, b } = await pair({ delayMs: 10 });
    const c = await started(hub.transport(), clock);
    const found: string[] = [];
    const first = b.transport.attach(toNode('n'), () => void found.push('node at b'));
    const listening = b.transport.listen('g', ['x'], () => void found.push('group at b'));
    void a.transport.publish(toNode('n'), bytes(1));
    void a.transport.publish(toAll('x'), bytes(1));
    await turn();
    first.close();
    listening.close();
    c.transport.attach(toNode('n'), () => void found.push('node at c'));
    c.transport.listen('g', ['x'], () => void found.push('group at c'));
    clock.advance(10);
    expect(found).toEqual(['node at c', 'group at c']);
  });

  it('tells of a delayed frame whose only receiver went meanwhile', async () => {
    const { clock, a, b } = await pair({ delayMs: 10 });
    const only = b.transport.attach(toNode('n'), () => {});
    void a.transport.publish(toNode('n'), bytes(1));
    await turn();
    only.close();
    clock.advance(10);
    expect(a.told.undeliverable).toHaveLength(1);
  });
});

describe('a hub that is cut', () => {
  it('loses what crosses the cut, tells nobody, and works again when healed', async () => {
    const { hub, a, b } = await pair();
    const c = await started(hub.transport());
    const found: number[] = [];
    b.transport.attach(toNode('n'), ([number]) => void found.push(number ?? -1));
    b.transport.listen('g', ['x'], ([number]) => void found.push(number ?? -1));
    hub.partition([a.transport], [b.transport]);
    void a.transport.publish(toNode('n'), bytes(1));
    void a.transport.publish(toAll('x'), bytes(2));
    void c.transport.publish(toNode('n'), bytes(3));
    await turn();
    expect(found).toEqual([3]);
    expect(a.told).toMatchObject({ status: ['connected'], undeliverable: [] });
    expect(hub.counts()).toMatchObject({ dropped: 2, undeliverable: 0 });
    hub.heal();
    void a.transport.publish(toNode('n'), bytes(4));
    await turn();
    expect(found).toEqual([3, 4]);
  });

  it('cuts both directions, frames on their way included', async () => {
    const { clock, hub, a, b } = await pair({ delayMs: 10 });
    const found = numbers(b.transport, 'n');
    const back = numbers(a.transport, 'm');
    void a.transport.publish(toNode('n'), numbered(1));
    await turn();
    hub.cut(b.transport, a.transport);
    void b.transport.publish(toNode('m'), numbered(2));
    await turn();
    clock.advance(20);
    expect([found, back]).toEqual([[], []]);
    expect(hub.counts().dropped).toBe(2);
  });

  it('cuts one direction only where that is asked for', async () => {
    const { clock, hub, a, b } = await pair({ delayMs: 10 });
    const there = numbers(b.transport, 'n');
    const back = numbers(a.transport, 'm');
    void a.transport.publish(toNode('n'), numbered(1));
    await turn();
    hub.cut(a.transport, b.transport, 'one-way');
    void b.transport.publish(toNode('m'), numbered(2));
    await turn();
    clock.advance(20);
    expect([there, back]).toEqual([[], [2]]);
    expect(hub.counts().dropped).toBe(1);
    expect(() => hub.cut(a.transport, b.transport, 'sideways' as 'one-way')).toThrow(
      expect.objectContaining({ code: 'HAPPEN_INVALID_OPTION', details: { path: 'direction' } }),
    );
  });

  it('sends to the members on this side of the cut', async () => {
    const { hub, a, b } = await pair();
    const c = await started(hub.transport());
    hub.cut(a.transport, b.transport);
    const far = numbers(b.transport, 'n');
    const near = numbers(c.transport, 'n');
    for (const number of upTo(5)) void a.transport.publish(toNode('n'), numbered(number));
    await turn();
    expect([far, near]).toEqual([[], upTo(5)]);
  });

  it('loses, repeats and reorders nothing once it is calm, while delays and draws go on', async () => {
    const { clock, hub, a, b } = await pair({ delayMs: [5, 10], drop: 0.5, duplicate: 0.5, reorder: 0.5 });
    const c = await started(hub.transport());
    const found = numbers(b.transport, 'n');
    hub.cut(a.transport, c.transport);
    hub.cut(a.transport, b.transport);
    hub.calm();
    for (const number of upTo(100)) void a.transport.publish(toNode('n'), numbered(number));
    await turn();
    clock.advance(4);
    expect(found).toEqual([]);
    clock.advance(20);
    expect(found).toEqual(upTo(100));
    expect(hub.counts()).toMatchObject({ dropped: 0, duplicated: 0, reordered: 0 });
    expect(a.transport.supports).toMatchObject({ loss: 'possible', duplicates: 'possible', ordered: false });
  });

  it('refuses a transport that is not its own', () => {
    const hub = memoryHub();
    const stranger = memoryHub().transport();
    const ours = expect.objectContaining({ code: 'HAPPEN_INVALID_OPTION' });
    expect(() => hub.cut(hub.transport(), stranger)).toThrow(ours);
    expect(() => hub.disconnect(stranger)).toThrow(ours);
    expect(() => hub.reconnect({ ...stranger })).toThrow(ours);
  });
});

describe('an end that is disconnected', () => {
  it('tells its host, refuses to publish, and is out of reach until it is back', async () => {
    const { hub, a, b } = await pair();
    const found = numbers(b.transport, 'n');
    hub.disconnect(b.transport, 'cable pulled');
    hub.disconnect(b.transport);
    await expect(b.transport.publish(toNode('m'), bytes(1))).rejects.toMatchObject({
      code: 'HAPPEN_DISCONNECTED',
      transient: true,
    });
    void a.transport.publish(toNode('n'), numbered(1));
    await turn();
    expect(a.told.undeliverable).toHaveLength(1);
    hub.reconnect(b.transport);
    hub.reconnect(b.transport);
    void a.transport.publish(toNode('n'), numbered(2));
    await turn();
    expect(found).toEqual([2]);
    expect(b.told.status).toEqual(['connected', 'disconnected', 'reconnected']);
    expect(b.told.reasons[1]).toBe('cable pulled');
  });

  it('delivers what had left before', async () => {
    const { clock, hub, a, b } = await pair({ delayMs: 5 });
    const found = numbers(b.transport, 'n');
    void a.transport.publish(toNode('n'), numbered(1));
    await turn();
    hub.disconnect(a.transport);
    clock.advance(5);
    expect(found).toEqual([1]);
  });
});
