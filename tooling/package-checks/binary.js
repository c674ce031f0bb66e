// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/**
 * The script behind a command of an installed package, to be run without a shell.
 *
 * @param {string} name Name of the package.
 * @param {string} [command] Name of the command, when it is not that of the package.
 * @param {NodeJS.Require} [from] Whose dependency it is; this package's unless said otherwise.
 */
export function binary(name, command = name, from = require) {
  const folder = (from.resolve.paths(name) ?? []).map((path) => join(path, name)).find((path) => existsSync(path));
  if (folder === undefined) throw new Error(`${name} is not installed.`);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[command]);
}
