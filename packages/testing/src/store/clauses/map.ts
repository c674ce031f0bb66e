import { check, checkEqual, checkRejects } from '../../contract/check.js';
import { patterned, range, SharingSlices } from '../../contract/sample-bytes.js';
import { unusualNames } from '../../contract/unusual-names.js';
import type { StoreDuties } from '../clause.js';
import { all } from '../trial.js';

const sizes = [0, 1, 2, 255, 256, 4_096, 65_535, 65_536, 65_537, 500_003];
const impossibleKeys = ['', 'x'.repeat(1_025), '€'.repeat(342), 'half of a pair: \ud83d'];
const impossibleRevisions = [-1, 0.5, Number.NaN];
const longKeys = ['k'.repeat(1_024), '€'.repeat(341), '😀'.repeat(256)];

/** Reading, writing and listing a map. */
export const mapClauses: StoreDuties = {
  'has a name': async (trial) => {
    const { name } = await trial.store();
    check(typeof name === 'string' && name !== '', `\`name\` must be a non-empty string, not ${String(name)}`);
  },

  'finds nothing under a key that was not put': async (trial) => {
    const map = await trial.map();
    checkEqual(await map.get('nothing'), undefined, 'what was found');
  },

  'reads its own writes': async (trial) => {
    const map = await trial.map();
    for (const number of range(100)) {
      const revision = await map.put('key', Uint8Array.of(number));
      checkEqual(await map.get('key'), { key: 'key', value: Uint8Array.of(number), revision }, 'what was read back');
    }
  },

  'reads what another store has written': async (trial) => {
    const [one, other] = [await trial.map(), await trial.map()];
    await other.get('key');
    const revision = await one.put('key', Uint8Array.of(1));
    // Stores far apart may take a moment.
    let found: unknown;
    for (const _ of range(100)) if ((found = await other.get('key')) !== undefined) break;
    checkEqual(found, { key: 'key', value: Uint8Array.of(1), revision }, 'what the other store read');
  },

  'gives every change of a map a higher revision': async (trial) => {
    const map = await trial.map();
    const revisions = [await map.put('a', Uint8Array.of(1)), await map.put('b', Uint8Array.of(2))];
    revisions.push(await map.put('a', Uint8Array.of(1)));
    await map.delete('a');
    revisions.push(await map.put('a', Uint8Array.of(1)), await map.put('c', Uint8Array.of(1)));
    check(
      revisions.every((revision, at) => Number.isSafeInteger(revision) && revision > (revisions[at - 1] ?? 0)),
      `the revisions were ${revisions.join(', ')}`,
    );
    checkEqual((await map.get('b'))?.revision, revisions[1], 'the revision of a key that others were written after');
  },

  'keeps values of every size': async (trial) => {
    const map = await trial.map();
    for (const size of sizes) {
      await map.put('key', patterned(size));
      checkEqual((await map.get('key'))?.value, patterned(size), `a value of ${size} bytes`);
    }
  },

  'copies a value on its way in': async (trial) => {
    const map = await trial.map();
    for (const value of [patterned(100), SharingSlices.from(patterned(100))]) {
      const written = map.put('key', value);
      await written;
      value.fill(0);
      checkEqual((await map.get('key'))?.value, patterned(100), 'a value whose array was overwritten after `put`');
    }
  },

  'copies a value on its way out': async (trial) => {
    const map = await trial.map();
    await map.put('key', patterned(100));
    const [one, other] = [await map.get('key'), await map.get('key')];
    one?.value.fill(0);
    checkEqual(other?.value, patterned(100), 'a value that another reader has overwritten');
    checkEqual(
      (await map.get('key'))?.value,
      patterned(100),
      'the stored value, after a reader has overwritten its own',
    );
  },

  'keeps keys of any characters apart': async (trial) => {
    const map = await trial.map();
    const keys = [...unusualNames, ...longKeys];
    for (const [number, key] of keys.entries()) await map.put(key, Uint8Array.of(number), 0);
    for (const [number, key] of keys.entries()) {
      const found = await map.get(key);
      checkEqual([found?.key, found?.value], [key, Uint8Array.of(number)], `what stands under ${JSON.stringify(key)}`);
    }
    checkEqual((await all(map.keys())).sort(), [...keys].sort(), 'the keys');
  },

  'refuses keys that are none with HAPPEN_INVALID_OPTION': async (trial) => {
    const map = await trial.map();
    for (const key of impossibleKeys) {
      const what = `a key of ${key.length} characters`;
      await checkRejects(() => map.get(key), 'HAPPEN_INVALID_OPTION', `\`get\` of ${what}`);
      await checkRejects(() => map.put(key, Uint8Array.of(1)), 'HAPPEN_INVALID_OPTION', `\`put\` of ${what}`);
      await checkRejects(() => map.delete(key), 'HAPPEN_INVALID_OPTION', `\`delete\` of ${what}`);
      await checkRejects(() => map.watch(key, () => {}), 'HAPPEN_INVALID_OPTION', `\`watch\` of ${what}`);
    }
    checkEqual(await all(map.keys()), [], 'the keys');
  },

  'refuses revisions that are none with HAPPEN_INVALID_OPTION': async (trial) => {
    const map = await trial.map();
    for (const revision of impossibleRevisions) {
      await checkRejects(
        () => map.put('key', Uint8Array.of(1), revision),
        'HAPPEN_INVALID_OPTION',
        `\`put\` at ${revision}`,
      );
      await checkRejects(() => map.delete('key', revision), 'HAPPEN_INVALID_OPTION', `\`delete\` at ${revision}`);
    }
  },

  'puts at an expected revision only': async (trial) => {
    const map = await trial.map();
    const first = await map.put('key', Uint8Array.of(1));
    const second = await map.put('key', Uint8Array.of(2), first);
    await checkConflict(() => map.put('key', Uint8Array.of(9), first), second);
    await checkConflict(() => map.put('key', Uint8Array.of(9), second + 1), second);
    checkEqual((await map.get('key'))?.value, Uint8Array.of(2), 'the value after refused writes');
  },

  'puts a key at revision 0 only where there is none': async (trial) => {
    const map = await trial.map();
    const revision = await map.put('key', Uint8Array.of(1), 0);
    await checkConflict(() => map.put('key', Uint8Array.of(2), 0), revision);
    await checkConflict(() => map.put('other', Uint8Array.of(2), revision), 0);
    await map.delete('key');
    await map.put('key', Uint8Array.of(3), 0);
    checkEqual((await map.get('key'))?.value, Uint8Array.of(3), 'the value put after a removal');
    checkEqual(await map.get('other'), undefined, 'a key whose only write was refused');
  },

  'removes a key, and says whether it was there': async (trial) => {
    const map = await trial.map();
    await map.put('key', Uint8Array.of(1));
    await map.put('other', Uint8Array.of(2));
    checkEqual(
      [await map.delete('key'), await map.delete('key'), await map.delete('never')],
      [true, false, false],
      '`delete`',
    );
    checkEqual(await map.get('key'), undefined, 'what stands under a removed key');
    checkEqual(await all(map.keys()), ['other'], 'the keys');
  },

  'removes at an expected revision only': async (trial) => {
    const map = await trial.map();
    const first = await map.put('key', Uint8Array.of(1));
    const second = await map.put('key', Uint8Array.of(2));
    await checkConflict(() => map.delete('key', first), second);
    await checkConflict(() => map.delete('never', first), 0);
    checkEqual(await map.delete('never', 0), false, '`delete` of a key expected not to be there');
    checkEqual((await map.get('key'))?.value, Uint8Array.of(2), 'the value after refused removals');
    checkEqual(await map.delete('key', second), true, '`delete` at the right revision');
  },

  'lets one of many writers win who expect the same revision': async (trial) => {
    const [one, other] = [await trial.map(), await trial.map()];
    const revision = await one.put('key', Uint8Array.of(0));
    const writes = range(20).map((number) =>
      (number % 2 === 0 ? one : other).put('key', Uint8Array.of(number), revision),
    );
    const settled = await Promise.allSettled(writes);
    const winners = settled.flatMap((write, number) =>
      write.status === 'fulfilled' ? [{ number, revision: write.value }] : [],
    );
    check(winners.length === 1, `${winners.length} of 20 writers that expected one revision have won`);
    const [winner] = winners;
    checkEqual(
      await one.get('key'),
      { key: 'key', value: Uint8Array.of(winner?.number ?? -1), revision: winner?.revision },
      'what the winner has written',
    );
    for (const write of settled) {
      if (write.status === 'rejected')
        await checkRejects(() => Promise.reject(write.reason), 'HAPPEN_STORE_CONFLICT', 'a loser');
    }
  },

  'lists keys, narrowed by a prefix': async (trial) => {
    const map = await trial.map();
    const keys = ['a', 'a.b', 'a.b.c', 'ab', 'a*', 'b', 'A', '%', '%2E', '😀 smile', '😀'];
    for (const key of keys) await map.put(key, new Uint8Array());
    await map.put('a.gone', new Uint8Array());
    await map.delete('a.gone');
    for (const prefix of [undefined, '', 'a', 'a.', 'a.b', 'a*', '%', '😀', 'nothing']) {
      const expected = keys.filter((key) => key.startsWith(prefix ?? ''));
      checkEqual(
        (await all(map.keys(prefix))).sort(),
        expected.sort(),
        `the keys with the prefix ${JSON.stringify(prefix)}`,
      );
    }
  },

  'keeps maps apart by name, and one name together': async (trial) => {
    const [store, other] = [await trial.store(), await trial.store()];
    for (const [number, name] of unusualNames.entries()) await store.map(name).put('key', Uint8Array.of(number), 0);
    for (const [number, name] of unusualNames.entries()) {
      for (const map of [store.map(name), other.map(name)]) {
        checkEqual((await map.get('key'))?.value, Uint8Array.of(number), `the key of the map ${JSON.stringify(name)}`);
      }
    }
  },
};

async function checkConflict(call: () => Promise<unknown>, revision: number): Promise<void> {
  const error = await checkRejects(call, 'HAPPEN_STORE_CONFLICT', 'a write at the wrong revision');
  const { details } = error as Error & { readonly details?: { readonly revision?: unknown } };
  checkEqual(details?.revision, revision, '`details.revision` of the conflict');
}
