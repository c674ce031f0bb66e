import type { Journal, JournalRecord } from '@happen/core';
import { check, checkEqual, checkRejects } from '../../contract/check.js';
import { patterned, range, SharingSlices } from '../../contract/sample-bytes.js';
import { unusualNames } from '../../contract/unusual-names.js';
import type { StoreDuties } from '../clause.js';
import { all, appendUpTo, sequences } from '../trial.js';

const sizes = [0, 1, 2, 255, 256, 4_096, 65_535, 65_536, 65_537, 500_003];
const impossibleSequences = [-1, 0.5, Number.NaN];

/** Appending to a journal, reading, trimming. */
export const journalClauses: StoreDuties = {
  'begins a journal empty': async (trial) => {
    const journal = await trial.journal();
    checkEqual(
      [await journal.last(), await all(journal.read(0)), await all(journal.read(1))],
      [0, [], []],
      'an empty journal',
    );
  },

  'numbers records from 1 without holes': async (trial) => {
    const count = 1_000;
    const journal = await trial.journal();
    for (const sequence of range(count)) {
      checkEqual(
        await journal.append(Uint8Array.of(sequence & 0xff), sequence),
        sequence + 1,
        'the sequence of a new record',
      );
    }
    checkEqual(await journal.last(), count, 'the last sequence');
    const records = await all(journal.read(1));
    checkEqual(sequences(records), range(count, 1), 'the sequences');
    check(
      records.every(({ sequence, value }) => value.length === 1 && value[0] === ((sequence - 1) & 0xff)),
      'a record holds what was appended as another',
    );
  },

  'appends after the expected record only': async (trial) => {
    const [journal, other] = [await trial.journal(), await trial.journal()];
    await appendUpTo(journal, 3);
    for (const expected of [0, 2, 4, 1_000]) await checkConflict(() => journal.append(Uint8Array.of(9), expected), 3);
    await checkConflict(() => other.append(Uint8Array.of(9), 2), 3);
    checkEqual(sequences(await all(journal.read(1))), [1, 2, 3], 'the records after refused ones');
  },

  'lets one of many win who append after the same record': async (trial) => {
    const [journal, other] = [await trial.journal(), await trial.journal()];
    await appendUpTo(journal, 2);
    const appends = range(20).map((number) =>
      (number % 2 === 0 ? journal : other).append(Uint8Array.of(100 + number), 2),
    );
    const settled = await Promise.allSettled(appends);
    const winners = settled.flatMap(({ status }, number) => (status === 'fulfilled' ? [number] : []));
    check(winners.length === 1, `${winners.length} of 20 that appended after one record have won`);
    const records = await all(journal.read(3));
    checkEqual(
      records,
      [{ sequence: 3, value: Uint8Array.of(100 + (winners[0] as number)) }],
      'what the winner appended',
    );
    for (const append of settled) {
      if (append.status === 'rejected') {
        await checkRejects(() => Promise.reject(append.reason), 'HAPPEN_STORE_CONFLICT', 'a loser');
      }
    }
  },

  'keeps records of every size': async (trial) => {
    const journal = await trial.journal();
    for (const [sequence, size] of sizes.entries()) await journal.append(patterned(size), sequence);
    const records = await all(journal.read(1));
    for (const [at, size] of sizes.entries())
      checkEqual(records[at]?.value, patterned(size), `a record of ${size} bytes`);
  },

  'copies a record on its way in': async (trial) => {
    const journal = await trial.journal();
    for (const [sequence, value] of [patterned(100), SharingSlices.from(patterned(100))].entries()) {
      await journal.append(value, sequence);
      value.fill(0);
      const [record] = await all(journal.read(sequence + 1));
      checkEqual(record?.value, patterned(100), 'a record whose array was overwritten after `append`');
    }
  },

  'copies a record on its way out': async (trial) => {
    const journal = await trial.journal();
    await journal.append(patterned(100), 0);
    for (const record of await all(journal.read(1))) record.value.fill(0);
    checkEqual((await all(journal.read(1)))[0]?.value, patterned(100), 'a record that a reader has overwritten');
  },

  'reads from any sequence on': async (trial) => {
    const journal = await trial.journal();
    await appendUpTo(journal, 10);
    for (const from of [0, 1, 2, 9, 10, 11, 1_000]) {
      const expected = range(10, 1).filter((sequence) => sequence >= from);
      checkEqual(sequences(await all(journal.read(from))), expected, `the records from ${from} on`);
    }
  },

  'reads up to the record that was last when it began': async (trial) => {
    const journal = await trial.journal();
    await appendUpTo(journal, 5);
    const found: number[] = [];
    for await (const { sequence } of journal.read(1)) {
      found.push(sequence);
      check(found.length <= 5, 'a reading never ends that appends as it goes');
      await appendUpTo(journal, 5 + found.length);
    }
    checkEqual(found, [1, 2, 3, 4, 5], 'the records read');
  },

  'reads what another store has appended': async (trial) => {
    const [journal, other] = [await trial.journal(), await trial.journal()];
    checkEqual(await other.last(), 0, 'the last sequence');
    await appendUpTo(journal, 3);
    checkEqual(await other.append(Uint8Array.of(4), 3), 4, 'a record appended after those of another store');
    checkEqual(sequences(await all(other.read(1))), [1, 2, 3, 4], 'the records');
  },

  'can be left in the middle of a reading': async (trial) => {
    const journal = await trial.journal();
    await appendUpTo(journal, 10);
    for await (const { sequence } of journal.read(1)) if (sequence === 3) break;
    checkEqual(sequences(await all(journal.read(4))), range(7, 4), 'the records read after a reading that was left');
  },

  'forgets what is trimmed, and nothing else': async (trial) => {
    const journal = await trial.journal();
    await appendUpTo(journal, 10);
    for (const [firstKept, kept] of [
      [0, 1],
      [1, 1],
      [4, 4],
      [2, 4],
      [10, 10],
    ] as const) {
      await journal.trim(firstKept);
      checkEqual(
        sequences(await all(journal.read(0))),
        range(11 - kept, kept),
        `the records after trimming up to ${firstKept}`,
      );
    }
    checkEqual((await all(journal.read(10)))[0]?.value, Uint8Array.of(10), 'the record that was kept');
  },

  'goes on counting after a trim, even of everything': async (trial) => {
    const [journal, other] = [await trial.journal(), await trial.journal()];
    await appendUpTo(journal, 5);
    await journal.trim(1_000);
    checkEqual(await all(journal.read(0)), [], 'the records after trimming all');
    checkEqual([await journal.last(), await other.last()], [5, 5], 'the last sequence after trimming all');
    await checkConflict(() => journal.append(Uint8Array.of(6), 0), 5);
    checkEqual(await other.append(Uint8Array.of(6), 5), 6, 'the sequence of the record after a trim');
    checkEqual(await all(journal.read(0)), [{ sequence: 6, value: Uint8Array.of(6) }], 'the records after that');
  },

  'refuses sequences that are none with HAPPEN_INVALID_OPTION': async (trial) => {
    const journal = await trial.journal();
    for (const sequence of impossibleSequences) {
      const calls: Record<string, () => Promise<unknown>> = {
        append: () => journal.append(Uint8Array.of(1), sequence),
        read: () => all(journal.read(sequence)),
        follow: () => journal.follow(sequence, () => {}),
        trim: () => journal.trim(sequence),
      };
      for (const [name, call] of Object.entries(calls)) {
        await checkRejects(call, 'HAPPEN_INVALID_OPTION', `\`${name}\` with ${sequence}`);
      }
    }
    checkEqual(await journal.last(), 0, 'the last sequence');
  },

  'keeps journals apart by name, and from the maps of that name': async (trial) => {
    const store = await trial.store();
    for (const [number, name] of unusualNames.entries()) {
      await store.map(name).put('key', Uint8Array.of(255));
      await store.journal(name).append(Uint8Array.of(number), 0);
    }
    for (const [number, name] of unusualNames.entries()) {
      const records = await all(store.journal(name).read(1));
      checkEqual(records, [{ sequence: 1, value: Uint8Array.of(number) }], `the journal ${JSON.stringify(name)}`);
      checkEqual(await all(store.map(name).keys()), ['key'], `the keys of the map ${JSON.stringify(name)}`);
    }
  },
};

/** What followers of a journal are told. */
export const followClauses: StoreDuties = {
  'tells a follower what there is and what is appended, in order and without holes': async (trial) => {
    const [journal, other] = [await trial.journal(), await trial.journal()];
    await appendUpTo(journal, 100);
    const told: JournalRecord[] = [];
    await other.follow(1, (record) => void told.push(record));
    await appendUpTo(journal, 150);
    await appendUpTo(other, 200);
    await toldUpTo(trial, told, 200);
    await trial.settleJournal(journal);
    checkEqual(sequences(told).slice(0, 200), range(200, 1), 'the sequences told');
    check(
      told.slice(0, 200).every(({ sequence, value }) => value.length === 1 && value[0] === (sequence & 0xff)),
      'a record was told with the value of another',
    );
  },

  'tells a follower nothing before the record it asked for': async (trial) => {
    const journal = await trial.journal();
    await appendUpTo(journal, 5);
    const [middle, ahead]: [JournalRecord[], JournalRecord[]] = [[], []];
    await journal.follow(4, (record) => void middle.push(record));
    await journal.follow(8, (record) => void ahead.push(record));
    await appendUpTo(journal, 10);
    await toldUpTo(trial, middle, 10);
    await toldUpTo(trial, ahead, 10);
    checkEqual([sequences(middle), sequences(ahead)], [range(7, 4), range(3, 8)], 'the sequences told');
  },

  'tells a follower of a trimmed journal what is kept': async (trial) => {
    const journal = await trial.journal();
    await appendUpTo(journal, 10);
    await journal.trim(6);
    const told: JournalRecord[] = [];
    await journal.follow(1, (record) => void told.push(record));
    await appendUpTo(journal, 12);
    await toldUpTo(trial, told, 12);
    checkEqual(sequences(told), range(7, 6), 'the sequences told');
  },

  'tells a follower nothing inside the call that appends': async (trial) => {
    const journal = await trial.journal();
    let appending = false;
    let early = 0;
    const told: JournalRecord[] = [];
    await journal.follow(1, (record) => {
      told.push(record);
      if (appending) early++;
    });
    for (const sequence of range(50)) {
      appending = true;
      const appended = journal.append(Uint8Array.of(1), sequence);
      appending = false;
      await appended;
    }
    await toldUpTo(trial, told, 50);
    check(early === 0, `${early} records were told before the call that appended them had returned`);
  },

  'gives each follower memory of its own': async (trial) => {
    const journal = await trial.journal();
    await journal.append(patterned(100), 0);
    let spoilt = 0;
    const told: JournalRecord[] = [];
    for (const number of range(3)) {
      await journal.follow(1, (record) => {
        told.push(record);
        if (record.value.join() !== patterned(100).join()) spoilt++;
        record.value.fill(number);
      });
    }
    await journal.append(patterned(100), 1);
    await trial.until(
      () => told.length === 6,
      () => `two records at each of three followers; ${told.length} came`,
    );
    check(spoilt === 0, 'a follower got what another had written into its record');
    for (const record of await all(journal.read(1))) checkEqual(record.value, patterned(100), 'the stored record');
  },

  'tells nothing once a follow is closed': async (trial) => {
    const journal = await trial.journal();
    const told: JournalRecord[] = [];
    const subscription = await journal.follow(1, (record) => {
      told.push(record);
      subscription.close();
    });
    await appendUpTo(journal, 20);
    await trial.settleJournal(journal);
    subscription.close();
    checkEqual(sequences(told), [1], 'the records told to a follower that closed at the first');
  },

  'goes on when a follower throws': async (trial) => {
    const journal = await trial.journal();
    const thrown: JournalRecord[] = [];
    const told: JournalRecord[] = [];
    await journal.follow(1, (record) => {
      thrown.push(record);
      throw new Error('thrown by a follower on purpose');
    });
    await journal.follow(1, (record) => void told.push(record));
    await appendUpTo(journal, 5);
    await toldUpTo(trial, told, 5);
    await toldUpTo(trial, thrown, 5);
    checkEqual([sequences(told), sequences(thrown)], [range(5, 1), range(5, 1)], 'the sequences told');
  },
};

function toldUpTo(
  trial: Parameters<StoreDuties[string]>[0],
  told: readonly JournalRecord[],
  last: number,
): Promise<void> {
  return trial.until(
    () => told.some(({ sequence }) => sequence === last),
    () => `record ${last} to be told; the last one was ${told.at(-1)?.sequence ?? 'none'}`,
  );
}

async function checkConflict(call: () => ReturnType<Journal['append']>, sequence: number): Promise<void> {
  const error = await checkRejects(call, 'HAPPEN_STORE_CONFLICT', 'a record appended after the wrong one');
  const { details } = error as Error & { readonly details?: { readonly sequence?: unknown } };
  checkEqual(details?.sequence, sequence, '`details.sequence` of the conflict');
}
