// @ts-check
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { ResultsReporter } from './results-reporter.js';

/** The private export condition under which workspace packages resolve to their sources instead of their builds. */
export const sourceCondition = 'happen-source';

/**
 * The test set-up every package shares: Node, the sources of sibling packages, no pass on an empty run, no lone test.
 *
 * @param {import('vitest/config').ViteUserConfig['test']} [test] What differs in this package.
 */
export function tests(test = {}) {
  return defineConfig({
    ssr: { resolve: { conditions: [sourceCondition, 'node', 'default'] } },
    test: {
      environment: 'node',
      include: ['test/**/*.test.ts'],
      passWithNoTests: false,
      allowOnly: false,
      // A busy machine is slow, not wrong; what hangs is still found out.
      testTimeout: 60_000,
      hookTimeout: 60_000,
      // One fewer unless said otherwise, which is half of a machine with two.
      maxWorkers: availableParallelism(),
      reporters: ['default', new ResultsReporter()],
      ...test,
    },
  });
}
