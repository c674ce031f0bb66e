import type { Journal, Store, StoreMap } from '@happen/core';
import { checkEqual, checkRejects, checkThrows } from '../../contract/check.js';
import type { StoreDuty, StoreDuties } from '../clause.js';
import { all, appendUpTo } from '../trial.js';

interface Opened {
  readonly store: Store;
  readonly map: StoreMap;
  readonly journal: Journal;
}

/** Every operation; `map` and `journal` were made before the store was closed. */
const operations: Readonly<Record<string, (opened: Opened) => Promise<void>>> = {
  map: async ({ store }) => checkThrows(() => store.map('other'), 'HAPPEN_CLOSED', '`map`'),
  journal: async ({ store }) => checkThrows(() => store.journal('other'), 'HAPPEN_CLOSED', '`journal`'),
  get: rejecting(({ map }) => map.get('key')),
  put: rejecting(({ map }) => map.put('key', Uint8Array.of(2))),
  delete: rejecting(({ map }) => map.delete('key')),
  keys: rejecting(({ map }) => all(map.keys())),
  watch: rejecting(({ map }) => map.watch(undefined, () => {})),
  append: rejecting(({ journal }) => journal.append(Uint8Array.of(2), 1)),
  last: rejecting(({ journal }) => journal.last()),
  read: rejecting(({ journal }) => all(journal.read(1))),
  follow: rejecting(({ journal }) => journal.follow(1, () => {})),
  trim: rejecting(({ journal }) => journal.trim(1)),
};

/** Closing a store, and what is refused afterwards. */
export const closingClauses: StoreDuties = {
  ...forEachOperation('when closed', async (opened, operation) => {
    await opened.store.close();
    await operation(opened);
  }),

  ...forEachOperation('while closing', async (opened, operation) => {
    const closed = opened.store.close();
    await operation(opened);
    await closed;
  }),

  'can be closed twice, also at the same time': async (trial) => {
    const store = await trial.store();
    await Promise.all([store.close(), store.close()]);
    await store.close();
  },

  'fails a listing and a reading that are under way when it closes': async (trial) => {
    const { store, map, journal } = await opened(trial);
    await map.put('other', Uint8Array.of(2));
    await appendUpTo(journal, 2);
    const keys = map.keys()[Symbol.asyncIterator]();
    const records = journal.read(1)[Symbol.asyncIterator]();
    checkEqual([(await keys.next()).done, (await records.next()).done], [false, false], 'whether they had ended');
    await store.close();
    await checkRejects(() => keys.next(), 'HAPPEN_CLOSED', 'the next key');
    await checkRejects(() => records.next(), 'HAPPEN_CLOSED', 'the next record');
  },

  'tells watchers and followers nothing once it is closed': async (trial) => {
    const { store, map, journal } = await opened(trial);
    const other = await trial.store();
    let told = 0;
    const watching = await map.watch(undefined, () => void told++);
    const following = await journal.follow(1, () => void told++);
    await trial.until(
      () => told === 2,
      () => `a value and a record; ${told} came`,
    );
    const closed = store.close();
    await other.map('map').put('key', Uint8Array.of(2));
    await appendUpTo(other.journal('journal'), 2);
    await closed;
    await trial.settleMap(other.map('map'));
    await trial.settleJournal(other.journal('journal'));
    checkEqual(told, 2, 'what was told');
    watching.close();
    following.close();
  },

  'leaves other stores open when it closes': async (trial) => {
    const { store } = await opened(trial);
    const other = await trial.store();
    await store.close();
    await other.map('map').put('key', Uint8Array.of(2));
    checkEqual((await other.map('map').get('key'))?.value, Uint8Array.of(2), 'the value');
    checkEqual(await other.journal('journal').append(Uint8Array.of(2), 1), 2, 'the sequence of a new record');
  },

  'keeps what was written for the next store': async (trial) => {
    const { store, map, journal } = await opened(trial);
    await map.put('gone', Uint8Array.of(1));
    await map.delete('gone');
    const revision = await map.put('key', Uint8Array.of(2));
    await appendUpTo(journal, 5);
    await journal.trim(4);
    await store.close();
    const next = await trial.store();
    checkEqual(await next.map('map').get('key'), { key: 'key', value: Uint8Array.of(2), revision }, 'the value');
    checkEqual(await all(next.map('map').keys()), ['key'], 'the keys');
    checkEqual(await next.journal('journal').last(), 5, 'the last sequence');
    checkEqual((await all(next.journal('journal').read(0))).length, 2, 'how many records were kept');
  },
};

function rejecting(call: (opened: Opened) => Promise<unknown>): (opened: Opened) => Promise<void> {
  return async (opened) => void (await checkRejects(() => call(opened), 'HAPPEN_CLOSED', 'the call'));
}

async function opened(trial: Parameters<StoreDuty>[0]): Promise<Opened> {
  const store = await trial.store();
  const [map, journal] = [store.map('map'), store.journal('journal')];
  await map.put('key', Uint8Array.of(1));
  await journal.append(Uint8Array.of(1), 0);
  return { store, map, journal };
}

function forEachOperation(
  when: string,
  clause: (opened: Opened, operation: (opened: Opened) => Promise<void>) => Promise<void>,
): StoreDuties {
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]): [string, StoreDuty] => [
      `${name} fails with HAPPEN_CLOSED ${when}`,
      async (trial) => clause(await opened(trial), operation),
    ]),
  );
}
