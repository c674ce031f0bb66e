// @ts-check
import { defineConfig } from "vitest/config";

/** The private export condition under which workspace packages resolve to their sources instead of their builds. */
export const sourceCondition = "happen-source";

/**
 * The test set-up every package shares: Node environment, sources of sibling packages, no pass on an empty run.
 *
 * @param {import("vitest/config").ViteUserConfig["test"]} [test] What differs in this package.
 */
export function tests(test = {}) {
  return defineConfig({
    resolve: { conditions: [sourceCondition, "node", "import", "module", "default"] },
    ssr: { resolve: { conditions: [sourceCondition, "node", "import", "module", "default"] } },
    test: {
      environment: "node",
      include: ["test/**/*.test.ts"],
      passWithNoTests: false,
      ...test,
    },
  });
}
