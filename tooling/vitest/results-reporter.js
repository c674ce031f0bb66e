// @ts-check
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where a package's last run left its result, relative to the package. */
export const resultsFile = '.test-results/vitest.json';

/** @typedef {{ passed: number, failed: number, skipped: number }} Tally */

/**
 * Writes the tally of a run for the workspace's summary. Whatever kept tests from running counts as a failure: a module
 * that does not load, a suite whose hooks throw, an error outside of any test, an interrupted or an empty run.
 */
export class ResultsReporter {
  #file = '';

  /** @param {import('vitest/node').Vitest} vitest */
  onInit(vitest) {
    this.#file = join(vitest.config.root, resultsFile);
    rmSync(this.#file, { force: true });
  }

  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<unknown>} unhandledErrors
   * @param {import('vitest/node').TestRunEndReason} reason
   */
  onTestRunEnd(modules, unhandledErrors, reason) {
    const tally = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      tally.failed += module.errors().length;
      for (const suite of module.children.allSuites()) tally.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        // A test that never got to run did not pass either.
        tally[state === 'pending' ? 'failed' : state] += 1;
      }
    }
    const nothingRan = tally.passed + tally.failed === 0;
    if (nothingRan || (reason !== 'passed' && tally.failed === 0)) tally.failed += 1;
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, JSON.stringify(tally));
  }
}
