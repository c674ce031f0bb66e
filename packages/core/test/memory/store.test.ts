import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../src/memory/store.js';
import type { MapChange, Store } from '../../src/ports/store.js';
import { bytes, turn } from './hub-spaces.js';

const invalid = { code: 'HAPPEN_INVALID_OPTION' };

describe('a store in memory', () => {
  it('shares its contents with another, which outlives it', async () => {
    const before = memoryStore();
    await before.map('m').put('k', bytes(1));
    await before.journal('j').append(bytes(2), 0);
    await before.close();
    const after = memoryStore({ sharing: before });
    expect((await after.map('m').get('k'))?.value).toEqual(bytes(1));
    expect(await after.journal('j').last()).toBe(1);
  });

  it('shares nothing unasked, nor with a store of another kind', async () => {
    await memoryStore().map('m').put('k', bytes(1));
    expect(await memoryStore().map('m').get('k')).toBeUndefined();
    expect(() => memoryStore({ sharing: { ...memoryStore() } as Store })).toThrow(expect.objectContaining(invalid));
  });

  it('refuses keys and names that other stores could not hold', async () => {
    const store = memoryStore();
    const map = store.map('m');
    for (const key of ['', 'x'.repeat(1_025), '€'.repeat(342), '\ud800', 'a\udc00b']) {
      await expect(map.put(key, bytes(1))).rejects.toMatchObject(invalid);
      await expect(map.get(key)).rejects.toMatchObject(invalid);
      await expect(map.watch(key, () => {})).rejects.toMatchObject(invalid);
      expect(() => store.map(key)).toThrow(expect.objectContaining(invalid));
      expect(() => store.journal(key)).toThrow(expect.objectContaining(invalid));
    }
    expect(await map.put('€'.repeat(341), bytes(1))).toBe(1);
    expect(await map.put('😀'.repeat(256), bytes(1))).toBe(2);
  });

  it('refuses positions that are none', async () => {
    const store = memoryStore();
    for (const position of [-1, 0.5, Number.NaN]) {
      await expect(store.map('m').put('k', bytes(), position)).rejects.toMatchObject(invalid);
      await expect(store.journal('j').append(bytes(), position)).rejects.toMatchObject(invalid);
      await expect(store.journal('j').trim(position)).rejects.toMatchObject(invalid);
      await expect(store.journal('j').follow(position, () => {})).rejects.toMatchObject(invalid);
      const records = store.journal('j').read(position)[Symbol.asyncIterator]();
      await expect(records.next()).rejects.toMatchObject(invalid);
    }
  });

  it('keeps the memory of a pooled buffer out', async () => {
    const map = memoryStore().map('m');
    const pooled = Buffer.from([1, 2, 3]);
    await map.put('k', pooled);
    pooled.fill(0);
    expect((await map.get('k'))?.value).toEqual(bytes(1, 2, 3));
  });

  it('tells watchers after the write, and goes on after one that throws', async () => {
    const map = memoryStore().map('m');
    const seen: MapChange[] = [];
    await map.watch(undefined, () => {
      throw new Error('in the watcher');
    });
    await map.watch(undefined, (change) => void seen.push(change));
    const written = map.put('k', bytes(1));
    expect(seen).toEqual([]);
    await written;
    await turn();
    await map.delete('k');
    await turn();
    expect(seen).toEqual([
      { kind: 'put', key: 'k', value: bytes(1), revision: 1 },
      { kind: 'delete', key: 'k', revision: 2 },
    ]);
  });

  it('lets a reader finish who began before a trim', async () => {
    const journal = memoryStore().journal('j');
    for (let sequence = 0; sequence < 3; sequence++) await journal.append(bytes(sequence), sequence);
    const records = journal.read(1);
    await journal.trim(4);
    const found: number[] = [];
    for await (const { sequence } of records) found.push(sequence);
    expect(found).toEqual([1, 2, 3]);
  });

  it('trims 50 000 records one by one in the time that it takes to append them, however many are kept', async () => {
    const journal = memoryStore().journal('j');
    const kept = 50_000;
    for (let sequence = 0; sequence < kept; sequence++) await journal.append(bytes(0), sequence);
    const startedAt = performance.now();
    for (let sequence = kept; sequence < 2 * kept; sequence++) await journal.append(bytes(1), sequence);
    const appending = performance.now() - startedAt;
    for (let sequence = 2; sequence <= kept; sequence++) await journal.trim(sequence);
    const trimming = performance.now() - startedAt - appending;
    expect(trimming).toBeLessThan(5 * appending + 100);
    const found: number[] = [];
    for await (const { sequence } of journal.read(kept - 5)) found.push(sequence);
    expect([found[0], found.at(-1), found.length]).toEqual([kept, 2 * kept, kept + 1]);
    await journal.trim(kept - 1);
    expect(await journal.last()).toBe(2 * kept);
  });

  it('appends and trims 100 000 records without growing slower', async () => {
    const journal = memoryStore().journal('j');
    for (let sequence = 0; sequence < 100_000; sequence++) {
      await journal.append(bytes(sequence & 0xff), sequence);
      if (sequence % 1_000 === 0) await journal.trim(sequence);
    }
    expect(await journal.last()).toBe(100_000);
    const kept: number[] = [];
    for await (const { sequence } of journal.read(0)) kept.push(sequence);
    expect([kept[0], kept.at(-1), kept.length]).toEqual([99_000, 100_000, 1_001]);
  });
});
