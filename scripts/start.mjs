import { fileURLToPath } from 'node:url';
import { execute } from './execute.mjs';
import { prepare } from './prepare.mjs';

const program = fileURLToPath(new URL('../apps/order-processing/dist/main.js', import.meta.url));

/**
 * Installs, builds and runs the order system; `args` are its options, and its exit code is ours. The paths among them are
 * relative to the folder the command was typed in.
 *
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export async function run(args) {
  const prepared = await prepare('order-processing');
  if (prepared !== 0) return prepared;
  return execute(process.execPath, [program, ...args], {
    stdio: 'inherit',
    cwd: process.env['INIT_CWD'] ?? process.cwd(),
  });
}
