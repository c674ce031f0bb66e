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
  const built = await pnpm(
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
    onStandardError,
  );
  if (built !== 0) process.stderr.write(`Building ${app} failed; see above.\n`);
  return built;
}
