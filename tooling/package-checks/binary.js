// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

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

/** npm's own script: the one that started us, or the one beside the running Node. */
export function npmScript() {
  const home = dirname(process.execPath);
  const launcher = process.env['npm_execpath'] ?? '';
  const found = [
    launcher.endsWith('npm-cli.js') ? launcher : '',
    join(home, 'node_modules/npm/bin/npm-cli.js'),
    join(home, '../lib/node_modules/npm/bin/npm-cli.js'),
  ].find((path) => path !== '' && existsSync(path));
  if (found === undefined) throw new Error(`No npm was found beside ${process.execPath}.`);
  return found;
}
