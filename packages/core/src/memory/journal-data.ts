import { HappenError } from '../errors/happen-error.js';
import type { JournalRecord } from '../ports/store.js';
import { ToldLater } from './told-later.js';

/** The records of one journal, shared by all stores that are open on it. Values inside are never handed out. */
export class JournalData {
  readonly #followers = new Set<ToldLater<JournalRecord>>();
  /** The records from `#trimmed + 1` on. */
  readonly #records: JournalRecord[] = [];
  #trimmed = 0;

  get last(): number {
    return this.#trimmed + this.#records.length;
  }

  append(value: Uint8Array, expectedSequence: number): number {
    const { last } = this;
    if (expectedSequence !== last) {
      throw new HappenError(
        'HAPPEN_STORE_CONFLICT',
        `The journal ends with record ${last}, not with ${expectedSequence}. Read what was appended and decide anew.`,
        { details: { sequence: last, expected: expectedSequence } },
      );
    }
    const record: JournalRecord = { sequence: last + 1, value };
    this.#records.push(record);
    for (const told of this.#followers) told.add(record);
    return record.sequence;
  }

  /** The retained records at this moment; trimming does not take them from who has begun to read. */
  read(fromSequence: number): readonly JournalRecord[] {
    return this.#records.slice(Math.max(0, fromSequence - 1 - this.#trimmed));
  }

  follow(fromSequence: number, appended: (record: JournalRecord) => void): () => void {
    const told = new ToldLater<JournalRecord>((record) => {
      if (record.sequence >= fromSequence) appended(copied(record));
    });
    for (const record of this.read(fromSequence)) told.add(record);
    this.#followers.add(told);
    return () => {
      told.close();
      this.#followers.delete(told);
    };
  }

  trim(firstKept: number): void {
    const forgotten = Math.min(firstKept - 1 - this.#trimmed, this.#records.length);
    if (forgotten <= 0) return;
    this.#records.splice(0, forgotten);
    this.#trimmed += forgotten;
  }
}

/** The record as it may leave the journal. */
export function copied({ sequence, value }: JournalRecord): JournalRecord {
  return { sequence, value: value.slice() };
}
