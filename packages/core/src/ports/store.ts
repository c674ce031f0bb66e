/** A value with the revision at which it was written. */
export interface MapEntry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Grows with every change of the map; unique within it. */
  readonly revision: number;
}

/** A change seen by a watcher. */
export type MapChange =
  | ({ readonly kind: 'put' } & MapEntry)
  | { readonly kind: 'delete'; readonly key: string; readonly revision: number };

/** Ends a watch or a follow: nothing more is told once `close` returns. Closing twice changes nothing. */
export interface Subscription {
  /** Ends it. */
  close(): void;
}

/**
 * Named values with revisions. Keys are any non-empty, well-formed strings of up to 1 024 UTF-8 bytes; a driver escapes what
 * its storage refuses. Values are copied: changing an array given to `put`, received from `get` or told to a watcher changes
 * nothing stored and nothing that others receive.
 *
 * Every method fails, as a rejection, with `HAPPEN_INVALID_OPTION` for a key that is none of these, or for an `expected` that
 * is not a whole number of 0 or more.
 */
export interface StoreMap {
  /** The current value, or `undefined` when there is none. Reads its own writes. */
  get(key: string): Promise<MapEntry | undefined>;
  /**
   * Writes and resolves to the new revision.
   *
   * @param expected write only if the key's current revision is this one; 0 means that the key must not exist
   * @throws HappenError `HAPPEN_STORE_CONFLICT`, with `details.revision` = the revision found (0: none)
   */
  put(key: string, value: Uint8Array, expected?: number): Promise<number>;
  /** Removes a key; resolves to whether it was there. `expected` as in `put`; a removal is a change with a revision too. */
  delete(key: string, expected?: number): Promise<boolean>;
  /** The keys that exist, in no order; `prefix` narrows them. */
  keys(prefix?: string): AsyncIterable<string>;
  /**
   * Tells the current value of each key (of one key, if given), then every change, per key in the order of revisions.
   * A superseded value may be passed over; the last one never is. `changed` is called in a later turn than the write, and may
   * be called before the promise resolves. What it throws changes nothing.
   */
  watch(key: string | undefined, changed: (change: MapChange) => void): Promise<Subscription>;
}

/** One record of a journal. */
export interface JournalRecord {
  /** Position in the journal: 1, 2, 3, … without holes. */
  readonly sequence: number;
  readonly value: Uint8Array;
}

/**
 * An append-only list of records, whose values are copied as those of a map are.
 *
 * Every method fails, as a rejection, with `HAPPEN_INVALID_OPTION` for a sequence that is not a whole number of 0 or more.
 */
export interface Journal {
  /**
   * Appends after the record `expectedSequence` (0: the journal is empty) and resolves to the new record's sequence.
   *
   * @throws HappenError `HAPPEN_STORE_CONFLICT`, with `details.sequence` = the sequence of the last record
   */
  append(value: Uint8Array, expectedSequence: number): Promise<number>;
  /** The sequence of the last record, 0 when there has been none. Trimming does not lower it. */
  last(): Promise<number>;
  /** The retained records from `fromSequence` (0: the first) on, in order, up to the last one when the reading begins. */
  read(fromSequence: number): AsyncIterable<JournalRecord>;
  /**
   * As `read`, then each record as it is appended, in order and without holes. `appended` is called in a later turn than the
   * append, and may be called before the promise resolves. What it throws changes nothing.
   */
  follow(fromSequence: number, appended: (record: JournalRecord) => void): Promise<Subscription>;
  /** Forgets the records before `firstKept`; beyond the last one, all. Those appended later go on from `last`. */
  trim(firstKept: number): Promise<void>;
}

/**
 * Where nodes keep what must outlive them. A driver passes `storeContract` of `@happen/testing`.
 * The same name (any string that could be a key) always means the same map or journal of this store, and a map and a journal
 * of one name are two things. From the call of `close` on everything fails with `HAPPEN_CLOSED`, watchers and followers are
 * told nothing more, and another `close` changes nothing; what was written stays.
 */
export interface Store {
  readonly name: string;
  /** @throws HappenError `HAPPEN_CLOSED` after `close`; `HAPPEN_INVALID_OPTION` for an impossible name */
  map(name: string): StoreMap;
  /** @throws HappenError as `map` does */
  journal(name: string): Journal;
  /** Ends every watch and follow; what is asked for later fails with `HAPPEN_CLOSED`. Closing twice changes nothing. */
  close(): Promise<void>;
}
