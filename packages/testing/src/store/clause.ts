import type { StoreTrial } from './trial.js';

/** One duty of a store, as a test: rejects when it is not kept. */
export type StoreClause = (trial: StoreTrial) => Promise<void>;

export type StoreClauses = Readonly<Record<string, StoreClause>>;
