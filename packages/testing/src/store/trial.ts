import type { Journal, JournalRecord, Store, StoreMap } from '@happen/core';
import { defaultPatienceMs } from '../contract/suite.js';
import { until, within } from '../contract/wait.js';
import type { StoreDatabase, StoreSubject } from './subject.js';

/** What a clause works with: fresh contents, and stores open on them. */
export class StoreTrial {
  readonly patienceMs: number;
  readonly #subject: StoreSubject;
  readonly #stores: Store[] = [];
  #database: StoreDatabase | undefined;

  constructor(subject: StoreSubject) {
    this.#subject = subject;
    this.patienceMs = subject.patienceMs ?? defaultPatienceMs;
  }

  /** A store on the contents of this trial; each call opens another. */
  async store(): Promise<Store> {
    this.#database ??= await this.#subject.open();
    const store = await this.#database.connect();
    this.#stores.push(store);
    return store;
  }

  async map(): Promise<StoreMap> {
    return (await this.store()).map('map');
  }

  async journal(): Promise<Journal> {
    return (await this.store()).journal('journal');
  }

  until(condition: () => boolean, what: () => string): Promise<void> {
    return until(condition, this.patienceMs, what);
  }

  /** Waits until a write made now has been told to a watcher set now: what was to be told before it has been told by then. */
  async settleMap(map: StoreMap): Promise<void> {
    let told = false;
    const subscription = await map.watch('sentinel', () => void (told = true));
    await map.put('sentinel', new Uint8Array(1));
    await this.until(
      () => told,
      () => 'a watcher to be told of a later change',
    );
    subscription.close();
  }

  /** The same for a journal: appends one record. */
  async settleJournal(journal: Journal): Promise<void> {
    const last = await journal.last();
    let told = false;
    const subscription = await journal.follow(last + 1, () => void (told = true));
    await journal.append(new Uint8Array(1), last);
    await this.until(
      () => told,
      () => 'a follower to be told of a later record',
    );
    subscription.close();
  }

  async close(): Promise<void> {
    try {
      await within(Promise.all(this.#stores.map((store) => store.close())), this.patienceMs, 'every store to close');
    } finally {
      await this.#database?.close();
    }
  }
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Appends records whose only byte is their sequence, up to `last`. */
export async function appendUpTo(journal: Journal, last: number): Promise<void> {
  for (let sequence = await journal.last(); sequence < last; sequence++) {
    await journal.append(Uint8Array.of((sequence + 1) & 0xff), sequence);
  }
}

export const sequences = (records: readonly JournalRecord[]): number[] => records.map(({ sequence }) => sequence);
