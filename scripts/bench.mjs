import { fileURLToPath } from 'node:url';
import { execute } from './execute.mjs';
import { prepare } from './prepare.mjs';

const program = fileURLToPath(new URL('../apps/bench/dist/main.js', import.meta.url));

/**
 * Installs, builds and runs the benchmarks; `args` are their options, and their exit code is ours.
 *
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export async function run(args) {
  const prepared = await prepare('bench');
  if (prepared !== 0) return prepared;
  return execute(process.execPath, [program, ...args], {
    stdio: 'inherit',
    cwd: process.env['INIT_CWD'] ?? process.cwd(),
  });
}
