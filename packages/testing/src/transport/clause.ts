import type { TransportTrial } from './trial.js';

/** One duty of a transport, as a test: rejects when it is not kept. */
export type TransportClause = (trial: TransportTrial) => Promise<void>;

export type TransportClauses = Readonly<Record<string, TransportClause>>;
