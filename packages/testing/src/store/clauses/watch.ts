import type { MapChange } from '@happen/core';
import { check, checkEqual } from '../../contract/check.js';
import { patterned, range } from '../../contract/sample-bytes.js';
import type { StoreDuties } from '../clause.js';

/** What watchers of a map are told. */
export const watchClauses: StoreDuties = {
  'tells a watcher what there is, and nothing of what has gone': async (trial) => {
    const map = await trial.map();
    await map.put('gone', Uint8Array.of(1));
    await map.delete('gone');
    const a = await map.put('a', Uint8Array.of(2));
    await map.put('b', Uint8Array.of(3));
    const b = await map.put('b', Uint8Array.of(4));
    const told: MapChange[] = [];
    await map.watch(undefined, (change) => void told.push(change));
    await trial.until(
      () => told.length >= 2,
      () => `the two values there were; ${told.length} came`,
    );
    await trial.settleMap(map);
    checkEqual(
      told.filter(({ key }) => key !== 'sentinel').sort((one, other) => one.revision - other.revision),
      [
        { kind: 'put', key: 'a', value: Uint8Array.of(2), revision: a },
        { kind: 'put', key: 'b', value: Uint8Array.of(4), revision: b },
      ],
      'what the watcher was told',
    );
  },

  'tells a watcher of one key that key only': async (trial) => {
    const map = await trial.map();
    await map.put('a', Uint8Array.of(1));
    await map.put('b', Uint8Array.of(1));
    const told: MapChange[] = [];
    await map.watch('a', (change) => void told.push(change));
    for (const key of ['b', 'a.b', 'A', 'aa', 'c']) await map.put(key, Uint8Array.of(2));
    const last = await map.put('a', Uint8Array.of(2));
    await trial.until(
      () => told.some(({ revision }) => revision === last),
      () => 'the change of the key',
    );
    await trial.settleMap(map);
    checkEqual([...new Set(told.map(({ key }) => key))], ['a'], 'the keys that the watcher was told of');
  },

  'tells changes of a key in the order of their revisions, the last one always': async (trial) => {
    const count = 200;
    const [map, other] = [await trial.map(), await trial.map()];
    const told: MapChange[] = [];
    await map.watch(undefined, (change) => void told.push(change));
    let last = 0;
    for (const number of range(count)) last = await (number % 2 === 0 ? map : other).put('key', Uint8Array.of(number));
    await trial.until(
      () => told.some(({ revision }) => revision === last),
      () => `the last of ${count} changes; ${told.length} came`,
    );
    const revisions = told.map(({ revision }) => revision);
    check(
      revisions.every((revision, at) => at === 0 || revision > (revisions[at - 1] as number)),
      'changes of one key were told out of order, or twice',
    );
    const final = told.at(-1);
    checkEqual(final?.kind === 'put' && final.value, Uint8Array.of(count - 1), 'the last value told');
  },

  'tells a removal, with its revision': async (trial) => {
    const [map, other] = [await trial.map(), await trial.map()];
    const told: MapChange[] = [];
    await map.watch('key', (change) => void told.push(change));
    const put = await map.put('key', Uint8Array.of(1));
    await other.delete('key');
    await trial.until(
      () => told.at(-1)?.kind === 'delete',
      () => 'the removal to be told',
    );
    const removal = told.at(-1);
    checkEqual(removal?.key, 'key', 'the key that was removed');
    check((removal?.revision ?? 0) > put, `a removal after revision ${put} has revision ${removal?.revision}`);
    const next = await map.put('key', Uint8Array.of(2));
    check(next > (removal?.revision ?? 0), `a write after revision ${removal?.revision} has revision ${next}`);
  },

  'tells nothing of a write that was refused': async (trial) => {
    const map = await trial.map();
    const revision = await map.put('key', Uint8Array.of(1));
    const told: MapChange[] = [];
    await map.watch('key', (change) => void told.push(change));
    await map.put('key', Uint8Array.of(2), revision + 1_000).catch(() => {});
    await map.delete('key', revision + 1_000).catch(() => {});
    await map.delete('never');
    await trial.settleMap(map);
    await trial.until(
      () => told.length > 0,
      () => 'the value there was',
    );
    checkEqual(
      told.map((change) => change.revision),
      [revision],
      'the revisions told',
    );
  },

  'tells a watcher nothing inside the call that writes': async (trial) => {
    const map = await trial.map();
    let writing = false;
    let early = 0;
    let told = 0;
    await map.watch(undefined, () => {
      told++;
      if (writing) early++;
    });
    for (const number of range(50)) {
      writing = true;
      const written = number % 5 === 4 ? map.delete('key') : map.put('key', Uint8Array.of(number));
      writing = false;
      await written;
    }
    await trial.settleMap(map);
    check(told > 0, 'the watcher was told nothing');
    check(early === 0, `${early} changes were told before the call that made them had returned`);
  },

  'gives each watcher memory of its own': async (trial) => {
    const map = await trial.map();
    await map.put('key', patterned(100));
    const spoilt: MapChange[] = [];
    let told = 0;
    for (const number of range(3)) {
      await map.watch('key', (change) => {
        told++;
        if (change.kind === 'delete') return;
        if (change.value.length !== 100 || change.value.join() !== patterned(100).join()) spoilt.push(change);
        change.value.fill(number);
      });
    }
    await map.put('key', patterned(100));
    await trial.settleMap(map);
    check(told >= 3, `three watchers were told ${told} changes`);
    check(spoilt.length === 0, 'a watcher got what another had written into its value');
    checkEqual(
      (await map.get('key'))?.value,
      patterned(100),
      'the stored value, after watchers have overwritten theirs',
    );
  },

  'tells nothing once a watch is closed': async (trial) => {
    const map = await trial.map();
    const told: MapChange[] = [];
    const subscription = await map.watch('key', (change) => {
      told.push(change);
      if (change.revision >= 1) subscription.close();
    });
    await Promise.all(range(20).map((number) => map.put('key', Uint8Array.of(number))));
    await trial.until(
      () => told.length > 0,
      () => 'a first change',
    );
    await map.put('key', Uint8Array.of(99));
    await trial.settleMap(map);
    subscription.close();
    checkEqual(told.length, 1, 'the changes told to a watcher that closed at the first');
  },

  'goes on when a watcher throws': async (trial) => {
    const map = await trial.map();
    let thrown = 0;
    const told: MapChange[] = [];
    await map.watch('key', () => {
      thrown++;
      throw new Error('thrown by a watcher on purpose');
    });
    await map.watch('key', (change) => void told.push(change));
    let last = 0;
    for (const number of range(5)) {
      last = await map.put('key', Uint8Array.of(number));
      await trial.until(
        () => told.some(({ revision }) => revision === last),
        () => 'a change to be told beside a watcher that throws',
      );
    }
    await trial.settleMap(map);
    check(thrown > 1, `the watcher that throws was told ${thrown} changes`);
  },
};
