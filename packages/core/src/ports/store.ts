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

/** Ends a watch or a follow. Closing twice changes nothing. */
export interface Subscription {
  close(): void;
}

/**
 * Named values with revisions. Keys are any non-empty strings of up to 1 024 UTF-8 bytes; a driver escapes what its
 * storage refuses. Values are copied: changing an array given to `put` or received from `get` changes nothing stored.
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
  /** Removes a key; resolves to whether it was there. `expected` as in `put`. */
  delete(key: string, expected?: number): Promise<boolean>;
  /** The keys that exist, in no order; `prefix` narrows them. */
  keys(prefix?: string): AsyncIterable<string>;
  /**
   * Tells the current value of each key (of one key, if given), then every change, per key in the order of revisions.
   * A superseded value may be passed over; the last one never is.
   */
  watch(key: string | undefined, changed: (change: MapChange) => void): Promise<Subscription>;
}

/** One record of a journal. */
export interface JournalRecord {
  /** Position in the journal: 1, 2, 3, … without holes. */
  readonly sequence: number;
  readonly value: Uint8Array;
}

/** An append-only list of records. */
export interface Journal {
  /**
   * Appends after the record `expectedSequence` (0: the journal is empty) and resolves to the new record's sequence.
   *
   * @throws HappenError `HAPPEN_STORE_CONFLICT`, with `details.sequence` = the sequence of the last record
   */
  append(value: Uint8Array, expectedSequence: number): Promise<number>;
  /** The sequence of the last record, 0 when there has been none. Trimming does not lower it. */
  last(): Promise<number>;
  /** The retained records from `fromSequence` on, up to the last one at the time of the call. */
  read(fromSequence: number): AsyncIterable<JournalRecord>;
  /** As `read`, then each record as it is appended, in order and without holes. */
  follow(fromSequence: number, appended: (record: JournalRecord) => void): Promise<Subscription>;
  /** Forgets the records before `firstKept`. */
  trim(firstKept: number): Promise<void>;
}

/**
 * Where nodes keep what must outlive them. A driver passes `storeContract` of `@happen/testing`.
 * The same name always means the same map or journal of this store. After `close` everything fails with `HAPPEN_CLOSED`.
 */
export interface Store {
  readonly name: string;
  map(name: string): StoreMap;
  journal(name: string): Journal;
  close(): Promise<void>;
}
