// @ts-check
import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/**
 * @typedef {object} Entries What a manifest promises, as paths relative to the package, each once and in order.
 * @property {string[]} code Built modules.
 * @property {string[]} types Built declarations.
 * @property {string[]} sources What stands behind them inside the workspace.
 */

/**
 * Collects the files that `exports` and `imports` point at.
 *
 * @param {{ exports?: unknown, imports?: unknown }} manifest
 * @returns {Entries}
 */
export function promisedFiles(manifest) {
  const all = [...new Set([...targets(manifest.exports), ...targets(manifest.imports)])].sort();
  const built = all.filter((path) => path.startsWith('./dist/'));
  return {
    code: built.filter((path) => path.endsWith('.js')),
    types: built.filter((path) => path.endsWith('.d.ts')),
    sources: all.filter((path) => path.startsWith('./src/')),
  };
}

/**
 * Collects what was built, but for the chunks that entries share: those carry a hash and belong to nobody's promise.
 *
 * @param {string} folder The package's folder.
 * @returns {Omit<Entries, 'sources'>}
 */
export function builtFiles(folder) {
  const files = readdirSync(join(folder, 'dist'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `./${relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')}`)
    .sort();
  return {
    code: files.filter((path) => path.endsWith('.js') && !/\/chunk-[A-Z0-9]{8}\.js$/.test(path)),
    types: files.filter((path) => path.endsWith('.d.ts') && !/-[A-Za-z0-9_-]{8}\.d\.ts$/.test(path)),
  };
}

/**
 * @param {unknown} value
 * @returns {string[]}
 */
function targets(value) {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(targets);
}
