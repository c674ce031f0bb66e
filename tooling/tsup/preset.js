// @ts-check
import { defineConfig } from 'tsup';

/**
 * The build every published package shares: ESM only, one file per listed entry, declarations beside it.
 *
 * @param {Record<string, string>} entry Output name (without extension) to source file. Written by hand, and the same
 *   list as `exports` and `imports` in the package's manifest.
 * @param {import("tsup").Options} [options] What differs in this package.
 */
export function library(entry, options = {}) {
  return defineConfig({
    entry,
    format: 'esm',
    // es2022 makes esbuild lower decorators and `using`, which Node 20 cannot run.
    target: 'es2022',
    platform: 'neutral',
    splitting: true,
    sourcemap: true,
    clean: true,
    treeshake: false,
    // A package's own `#` imports stay as they are: they are resolved where the package runs.
    external: [/^#/, /^node:/],
    // tsup sets `baseUrl`, which TypeScript 6 reports as deprecated.
    dts: { compilerOptions: { ignoreDeprecations: '6.0', incremental: false } },
    ...options,
  });
}

/**
 * The build of a program that is started with `node dist/<name>.js` and never published.
 *
 * @param {Record<string, string>} entry Output name (without extension) to source file.
 * @param {import("tsup").Options} [options] What differs in this app.
 */
export function program(entry, options = {}) {
  return defineConfig({
    entry,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    sourcemap: true,
    clean: true,
    dts: false,
    ...options,
  });
}
