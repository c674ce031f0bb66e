import { describe, it } from 'vitest';
import type { ContractSuite } from './contract/suite.js';
import type { TransportSubject } from './transport/subject.js';
import { transportSuite } from './transport/suite.js';

/**
 * Registers the transport contract with vitest: one test for each clause, each on a fresh network of the subject.
 * Call it at the top level of a test file.
 */
export function transportContract(subject: TransportSubject): void {
  register(transportSuite(subject));
}

function register({ name, tests, timeoutMs }: ContractSuite): void {
  describe(name, () => {
    for (const test of tests) it(test.name, () => test.run(), timeoutMs);
  });
}
