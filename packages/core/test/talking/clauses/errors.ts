import type { Clauses } from '../clause.js';

export const errorClauses: Clauses = {};
