import { type ContractSuite, contractSuite } from '../contract/suite.js';
import { runStoreClause, storeClauses } from './clauses.js';
import type { StoreSubject } from './subject.js';

/** The suite of the store contract as data, for a test runner of your choice. */
export function storeSuite(subject: StoreSubject): ContractSuite {
  return contractSuite('store', subject, Object.keys(storeClauses), runStoreClause);
}
