import type { StoreTrial } from './trial.js';

/** A clause as it is written. */
export type StoreDuty = (trial: StoreTrial) => Promise<void>;

export type StoreDuties = Readonly<Record<string, StoreDuty>>;

/**
 * One duty of a store, as a test: rejects when it is not kept. `runStoreClause` runs it by its name; what it works with is the
 * suite's own.
 */
export type StoreClause = (trial: never) => Promise<void>;

/** Duties of a store, by name. */
export type StoreClauses = Readonly<Record<string, StoreClause>>;
