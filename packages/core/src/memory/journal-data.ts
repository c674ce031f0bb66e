import { HappenError } from '../errors/happen-error.js';
import type { JournalRecord } from '../ports/store.js';
import { ToldLater } from './told-later.js';

/** The records of one journal, shared by all stores that are open on it. Values inside are never handed out. */
export class JournalData {
  readonly #followers = new Set<ToldLater<JournalRecord>>();
  /** The records from `#cut + 1` on. The first of them may be forgotten already: then their places are empty. */
  #records: (JournalRecord | undefined)[] = [];
  #cut = 0;
  /** The last record that is forgotten. */
  #trimmed = 0;

  get last(): number {
    return this.#cut + this.#records.length;
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
    return this.#records.slice(Math.max(fromSequence - 1, this.#trimmed) - this.#cut) as JournalRecord[];
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
    const trimmed = Math.min(firstKept - 1, this.last);
    if (trimmed <= this.#trimmed) return;
    this.#records.fill(undefined, this.#trimmed - this.#cut, trimmed - this.#cut);
    this.#trimmed = trimmed;
    // Only once half of the places are empty: whoever trims one record after the other must not move the rest each time.
    if (trimmed - this.#cut < this.#records.length / 2) return;
    this.#records = this.#records.slice(trimmed - this.#cut);
    this.#cut = trimmed;
  }
}

/** The record as it may leave the journal. */
export function copied({ sequence, value }: JournalRecord): JournalRecord {
  return { sequence, value: value.slice() };
}
