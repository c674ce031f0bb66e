import type { TransportTrial } from './trial.js';

/** A clause as it is written. */
export type TransportDuty = (trial: TransportTrial) => Promise<void>;

export type TransportDuties = Readonly<Record<string, TransportDuty>>;

/**
 * One duty of a transport, as a test: rejects when it is not kept. `runTransportClause` runs it by its name; what it works with is the
 * suite's own.
 */
export type TransportClause = (trial: never) => Promise<void>;

/** Duties of a transport, by name. */
export type TransportClauses = Readonly<Record<string, TransportClause>>;
