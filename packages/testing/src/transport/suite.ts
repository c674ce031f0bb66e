import { type ContractSuite, contractSuite } from '../contract/suite.js';
import { runTransportClause, transportClauses } from './clauses.js';
import type { TransportSubject } from './subject.js';

/** The suite of the transport contract as data, for a test runner of your choice. */
export function transportSuite(subject: TransportSubject): ContractSuite {
  return contractSuite('transport', subject, Object.keys(transportClauses), runTransportClause);
}
