/**
 * Runs the pnpm version that package.json names, on a machine that has only Node and npm:
 *
 *   node scripts/pnpm.mjs install
 *
 * npm's own npx fetches it once into npm's cache; nothing is installed globally.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execute } from './execute.mjs';
import { npmScript } from './npm.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const finder = fileURLToPath(new URL('find-pnpm.mjs', import.meta.url));
const remembered = join(root, 'node_modules/.cache/happen/pnpm.json');

/** @typedef {{ specifier: string, script: string }} Installation Which version it is, and the script Node runs. */

/** @type {Installation | undefined} */
let installation;

/** @returns {Installation} */
function locate() {
  if (installation !== undefined) return installation;
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  /** @type {string} */
  const specifier = manifest.packageManager.replace(/\+.*$/, '');
  installation = recall(specifier) ?? fetch(specifier);
  return installation;
}

/**
 * Asking npx takes a second, so its answer is kept for as long as the file it names is there.
 *
 * @param {string} specifier
 * @returns {Installation | undefined}
 */
function recall(specifier) {
  try {
    const known = JSON.parse(readFileSync(remembered, 'utf8'));
    return known.specifier === specifier && existsSync(known.script) ? known : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} specifier
 * @returns {Installation}
 */
function fetch(specifier) {
  const args = ['--yes', '--package', specifier, '--', 'node', finder];
  const npx = npmScript('npx');
  /** @type {import('node:child_process').ExecFileSyncOptionsWithStringEncoding} */
  const options = {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, npm_config_loglevel: 'error' },
  };
  const script =
    npx === undefined
      ? // npx is a batch file on Windows, and those only start in a shell.
        execFileSync('npx', args, { ...options, shell: process.platform === 'win32' })
      : execFileSync(process.execPath, [npx, ...args], options);
  const found = { specifier, script: script.trim() };
  mkdirSync(dirname(remembered), { recursive: true });
  writeFileSync(remembered, JSON.stringify(found));
  return found;
}

/**
 * The environment in which pnpm and what it starts find that same pnpm on PATH.
 *
 * @param {Installation} at
 * @returns {NodeJS.ProcessEnv}
 */
function environment(at) {
  const commands = join(dirname(at.script), '../../.bin');
  const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  return {
    ...process.env,
    [pathName]: [commands, process.env[pathName]].join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
  };
}

/**
 * Runs pnpm in the workspace root and waits for it.
 *
 * @param {string[]} args
 * @param {Omit<import('node:child_process').SpawnOptions, 'env' | 'shell'>} [options] The root as folder and this
 *   process's standard streams unless said otherwise.
 * @returns {Promise<number>} Its exit code, as `execute` reports it.
 */
export async function pnpm(args, options = {}) {
  let at;
  try {
    at = locate();
  } catch (error) {
    process.stderr.write(`pnpm could not be fetched through npx: ${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
  return execute(process.execPath, [at.script, ...args], {
    cwd: root,
    stdio: 'inherit',
    ...options,
    env: environment(at),
  });
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await pnpm(process.argv.slice(2), { cwd: process.cwd() });
}
