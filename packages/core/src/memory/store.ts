import { HappenError } from '../errors/happen-error.js';
import type { Journal, JournalRecord, MapChange, MapEntry, Store, StoreMap, Subscription } from '../ports/store.js';
import { copied, JournalData } from './journal-data.js';
import { MapData } from './map-data.js';
import { checkPosition, checkStorageName } from './storage-name.js';

/** What a store in memory may be given. */
export interface MemoryStoreOptions {
  /**
   * Another store in memory, whose contents this one shares: what one writes, the other reads, as two processes on one
   * database do. Closing one leaves the other open, so a restart is a new store that shares with a closed one.
   */
  readonly sharing?: Store;
}

/**
 * A store in memory: complete, and gone with the process.
 *
 * @throws HappenError `HAPPEN_INVALID_OPTION` when `sharing` is no store in memory
 *
 * @example
 * const before = memoryStore();
 * await before.journal('orders').append(bytes, 0);
 * await before.close();
 * const after = memoryStore({ sharing: before });
 * await after.journal('orders').last(); // 1
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const { sharing } = options;
  if (sharing === undefined) return new MemoryStore({ maps: new Map(), journals: new Map() });
  if (sharing instanceof MemoryStore) return sharing.another();
  throw new HappenError('HAPPEN_INVALID_OPTION', 'memoryStore: `sharing` must be a store made by memoryStore.', {
    details: { path: 'sharing' },
  });
}

interface Contents {
  readonly maps: Map<string, MapData>;
  readonly journals: Map<string, JournalData>;
}

class MemoryStore implements Store {
  readonly name = 'memory';
  readonly #contents: Contents;
  /** What to end when the store is closed. */
  readonly #subscriptions = new Set<Subscription>();
  #closed = false;

  constructor(contents: Contents) {
    this.#contents = contents;
  }

  another(): Store {
    return new MemoryStore(this.#contents);
  }

  map(name: string): StoreMap {
    this.requireOpen();
    checkStorageName('The name of a map', name);
    const { maps } = this.#contents;
    const data = maps.get(name) ?? new MapData();
    maps.set(name, data);
    return new MemoryMap(this, data);
  }

  journal(name: string): Journal {
    this.requireOpen();
    checkStorageName('The name of a journal', name);
    const { journals } = this.#contents;
    const data = journals.get(name) ?? new JournalData();
    journals.set(name, data);
    return new MemoryJournal(this, data);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const subscription of [...this.#subscriptions]) subscription.close();
  }

  requireOpen(): void {
    if (this.#closed) throw new HappenError('HAPPEN_CLOSED', 'The store has been closed.');
  }

  subscribed(end: () => void): Subscription {
    const subscription: Subscription = {
      close: () => {
        if (this.#subscriptions.delete(subscription)) end();
      },
    };
    this.#subscriptions.add(subscription);
    return subscription;
  }

  async *each<Item>(items: readonly Item[]): AsyncGenerator<Item, void> {
    for (const item of items) {
      this.requireOpen();
      yield item;
    }
    this.requireOpen();
  }
}

class MemoryMap implements StoreMap {
  readonly #store: MemoryStore;
  readonly #data: MapData;

  constructor(store: MemoryStore, data: MapData) {
    this.#store = store;
    this.#data = data;
  }

  async get(key: string): Promise<MapEntry | undefined> {
    this.#check(key);
    const entry = this.#data.get(key);
    return entry && { ...entry, value: entry.value.slice() };
  }

  async put(key: string, value: Uint8Array, expected?: number): Promise<number> {
    this.#check(key, expected);
    // Not `slice`, which shares the memory when the value is a Node Buffer.
    return this.#data.put(key, new Uint8Array(value), expected);
  }

  async delete(key: string, expected?: number): Promise<boolean> {
    this.#check(key, expected);
    return this.#data.delete(key, expected);
  }

  async *keys(prefix = ''): AsyncGenerator<string, void> {
    this.#store.requireOpen();
    yield* this.#store.each(this.#data.keys(prefix));
  }

  async watch(key: string | undefined, changed: (change: MapChange) => void): Promise<Subscription> {
    this.#store.requireOpen();
    if (key !== undefined) checkStorageName('A key', key);
    return this.#store.subscribed(this.#data.watch(key, changed));
  }

  #check(key: string, expected = 0): void {
    this.#store.requireOpen();
    checkStorageName('A key', key);
    checkPosition('`expected`', expected);
  }
}

class MemoryJournal implements Journal {
  readonly #store: MemoryStore;
  readonly #data: JournalData;

  constructor(store: MemoryStore, data: JournalData) {
    this.#store = store;
    this.#data = data;
  }

  async append(value: Uint8Array, expectedSequence: number): Promise<number> {
    this.#check('`expectedSequence`', expectedSequence);
    return this.#data.append(new Uint8Array(value), expectedSequence);
  }

  async last(): Promise<number> {
    this.#store.requireOpen();
    return this.#data.last;
  }

  read(fromSequence: number): AsyncIterable<JournalRecord> {
    // Taken here and not when the first record is asked for: what is appended later does not belong to it.
    const records = this.#data.read(fromSequence);
    return this.#copies(fromSequence, records);
  }

  async follow(fromSequence: number, appended: (record: JournalRecord) => void): Promise<Subscription> {
    this.#check('`fromSequence`', fromSequence);
    return this.#store.subscribed(this.#data.follow(fromSequence, appended));
  }

  async trim(firstKept: number): Promise<void> {
    this.#check('`firstKept`', firstKept);
    this.#data.trim(firstKept);
  }

  async *#copies(fromSequence: number, records: readonly JournalRecord[]): AsyncGenerator<JournalRecord, void> {
    this.#check('`fromSequence`', fromSequence);
    for await (const record of this.#store.each(records)) yield copied(record);
  }

  #check(what: string, position: number): void {
    this.#store.requireOpen();
    checkPosition(what, position);
  }
}
