import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/**
 * The script behind `npm` or `npx`, so that Node can run it on any platform without a shell: of the npm that started this
 * process, else of the running Node, else of the first npm on PATH.
 *
 * @param {'npm' | 'npx'} command
 * @returns {string | undefined}
 */
export function npmScript(command) {
  const script = `${command}-cli.js`;
  return places()
    .map((folder) => join(folder, script))
    .find((path) => existsSync(path));
}

/** @returns {string[]} Folders in which npm may keep its scripts. */
function places() {
  const launcher = process.env['npm_execpath'] ?? '';
  const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const commands = (process.env[pathName] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [
    dirname(launcher),
    ...installations(dirname(realpathSync(process.execPath))),
    ...commands.flatMap((folder) => [...behind(join(folder, 'npm')), ...installations(folder)]),
  ];
}

/**
 * Where npm stands beside a Node: on Windows in the same folder, elsewhere in the library folder.
 *
 * @param {string} folder
 */
function installations(folder) {
  return [join(folder, 'node_modules/npm/bin'), join(folder, '../lib/node_modules/npm/bin')];
}

/**
 * @param {string} link
 * @returns {string[]}
 */
function behind(link) {
  return existsSync(link) ? [dirname(realpathSync(link))] : [];
}
