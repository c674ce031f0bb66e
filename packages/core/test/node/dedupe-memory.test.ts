import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { initializeHappen } from '../../src/index.js';
import { DedupeMemory } from '../../src/node/dedupe-memory.js';
import { handClock } from '../host/hand-clock.js';

describe('the memory of names', () => {
  it('knows a name for two minutes after it was first seen', () => {
    const memory = new DedupeMemory();
    expect(memory.seen('a', 0)).toBe(false);
    expect(memory.seen('a', 119_999)).toBe(true);
    expect(memory.seen('a', 120_000)).toBe(false);
    expect(memory.seen('a', 239_999)).toBe(true);
  });

  it('knows the latest 10 000 names, however often they are asked for', () => {
    const memory = new DedupeMemory();
    const names = Array.from({ length: 10_001 }, (_, i) => `n${i}`);
    for (const name of names.slice(0, 10_000)) expect(memory.seen(name, 0)).toBe(false);
    for (const name of names.slice(0, 10_000)) expect(memory.seen(name, 0)).toBe(true);
    expect(memory.seen('n10000', 0)).toBe(false);
    expect(memory.seen('n1', 0)).toBe(true);
    expect(memory.seen('n0', 0)).toBe(false);
  });

  it('tells just what the rule says, whatever the times and names', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 90_000 })), { maxLength: 50 }),
        (asked) => {
          const memory = new DedupeMemory();
          const firstSeen = new Map<string, number>();
          let now = 0;
          for (const [name, later] of asked) {
            now += later;
            const at = firstSeen.get(name);
            const known = at !== undefined && now - at < 120_000;
            if (!known) firstSeen.set(name, now);
            expect(memory.seen(name, now)).toBe(known);
          }
        },
      ),
    );
  });

  it('forgets on demand', () => {
    const memory = new DedupeMemory();
    memory.seen('a', 0);
    memory.forget('a');
    expect(memory.seen('a', 0)).toBe(false);
  });
});

describe('an event with a dedupeKey', () => {
  const once = { dedupeKey: 'order-1' };
  const repetition = { code: 'HAPPEN_DUPLICATE_EVENT', details: { node: 'till', dedupeKey: 'order-1' } };

  it('is handled once from one sender within two minutes', async () => {
    const clock = handClock();
    const { createNode } = initializeHappen({ clock });
    const [a, b, till] = [createNode('a'), createNode('b'), createNode('till')];
    const handler = vi.fn(() => 'paid');
    till.on('pay', handler);
    expect(await a.send(till, { type: 'pay' }, once)).toBe('paid');
    await expect(a.send(till, { type: 'pay' }, once).return()).rejects.toMatchObject(repetition);
    expect(await b.send(till, { type: 'pay' }, once)).toBe('paid');
    expect(await a.send(till, { type: 'pay' }, { dedupeKey: 'order-2' })).toBe('paid');
    expect(await a.send(till, { type: 'pay' })).toBe('paid');
    clock.advance(120_000);
    expect(await a.send(till, { type: 'pay' }, once)).toBe('paid');
    expect(handler).toHaveBeenCalledTimes(5);
  });

  it('that was refused for want of room is no repetition when it is sent again', async () => {
    const { createNode } = initializeHappen({ concurrency: { default: { maxConcurrent: 1, queueLimit: 1 } } });
    const [a, till] = [createNode('a'), createNode('till')];
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    till.on('pay', () => gate.then(() => 'paid'));
    const waiting = [a.send(till, { type: 'pay' }).return(), a.send(till, { type: 'pay' }).return()];
    await expect(a.send(till, { type: 'pay' }, once).return()).rejects.toMatchObject({
      code: 'HAPPEN_QUEUE_FULL',
      transient: true,
    });
    open();
    await Promise.all(waiting);
    expect(await a.send(till, { type: 'pay' }, once)).toBe('paid');
    await expect(a.send(till, { type: 'pay' }, once).return()).rejects.toMatchObject(repetition);
  });

  it('that was given up before it ran is no repetition when it is sent again', async () => {
    const { createNode } = initializeHappen({ concurrency: { default: { maxConcurrent: 1 } } });
    const [a, till] = [createNode('a'), createNode('till')];
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    till.on('pay', () => gate.then(() => 'paid'));
    const first = a.send(till, { type: 'pay' }).return();
    const abort = new AbortController();
    const given = a.send(till, { type: 'pay' }, { ...once, signal: abort.signal }).return();
    setTimeout(() => abort.abort(), 0);
    await expect(given).rejects.toMatchObject({ code: 'HAPPEN_CANCELLED' });
    open();
    await first;
    expect(await a.send(till, { type: 'pay' }, once)).toBe('paid');
  });
});
