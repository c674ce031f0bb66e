import type { Clauses } from '../clause.js';

export const spaceClauses: Clauses = {};
