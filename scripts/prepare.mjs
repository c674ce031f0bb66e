import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pnpm } from './pnpm.mjs';

/**
 * Standard output belongs to the program that is started afterwards, so what the preparation says goes to standard error.
 *
 * @type {import('node:child_process').SpawnOptions}
 */
const onStandardError = { stdio: ['ignore', 2, 2] };

/**
 * Installs what the lockfile names.
 *
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>} 0, or pnpm's exit code.
 */
export function install(options = {}) {
  return pnpm(['install', '--frozen-lockfile', '--loglevel=warn', '--reporter=append-only'], options);
}

/**
 * Installs the dependencies and builds one app with the packages it needs. Quick when nothing changed.
 *
 * @param {string} app Name of the app's package.
 * @returns {Promise<number>} 0, or the exit code of the step that failed.
 */
export async function prepare(app) {
  process.stderr.write('Installing dependencies …\n');
  const installed = await install(onStandardError);
  if (installed !== 0) {
    process.stderr.write('Installing the dependencies failed; see above.\n');
    return installed;
  }
  process.stderr.write(`Building ${app} …\n`);
  const built = await quietly((options) =>
    pnpm(
      [
        'exec',
        'turbo',
        'run',
        'build',
        `--filter=${app}`,
        '--ui=stream',
        '--output-logs=errors-only',
        '--log-prefix=none',
      ],
      options,
    ),
  );
  if (built !== 0) process.stderr.write(`Building ${app} failed; see above.\n`);
  return built;
}

/**
 * Runs a step whose output is worth reading only when it fails.
 *
 * @param {(options: import('node:child_process').SpawnOptions) => Promise<number>} step
 * @returns {Promise<number>} Its exit code.
 */
async function quietly(step) {
  const folder = mkdtempSync(join(tmpdir(), 'happen-'));
  const file = join(folder, 'output.txt');
  const output = openSync(file, 'w');
  try {
    const exitCode = await step({ stdio: ['ignore', output, output] });
    if (exitCode !== 0) process.stderr.write(readFileSync(file));
    return exitCode;
  } finally {
    closeSync(output);
    rmSync(folder, { recursive: true });
  }
}
