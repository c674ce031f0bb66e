import { describe, it } from 'vitest';
import type { ContractSuite } from './contract/suite.js';
import type { StoreSubject } from './store/subject.js';
import { storeSuite } from './store/suite.js';
import type { TransportSubject } from './transport/subject.js';
import { transportSuite } from './transport/suite.js';

export type { ContractSubject, Waivers } from './contract/suite.js';
export type { StoreDatabase, StoreSubject } from './store/subject.js';
export type { TransportNetwork, TransportSubject } from './transport/subject.js';

/**
 * Registers the transport contract with vitest: one test for each clause, each on a fresh network of the subject.
 * Call it at the top level of a test file.
 */
export function transportContract(subject: TransportSubject): void {
  register(transportSuite(subject));
}

/**
 * Registers the store contract with vitest: one test for each clause, each on fresh contents of the subject.
 * Call it at the top level of a test file.
 */
export function storeContract(subject: StoreSubject): void {
  register(storeSuite(subject));
}

function register({ name, tests, timeoutMs }: ContractSuite): void {
  describe(name, () => {
    for (const test of tests) it(test.name, () => test.run(), timeoutMs);
  });
}
