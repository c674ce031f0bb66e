import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npmScript } from './npm.mjs';

/** The oldest Node.js that is supported, and the newest releases of the later lines. */
export const nodeVersions = ['20.19.0', '22.23.3', '24.21.0'];

const denoVersion = '2.9.6';
const bunVersion = '1.3.14';
const finder = fileURLToPath(new URL('find-installed.mjs', import.meta.url));

/**
 * @typedef {object} Runtime
 * @property {string} name
 * @property {() => string[]} command How a program is run with it; fetches it first. Throws when it can't be had.
 */

/** @returns {Runtime[]} */
export function nodes() {
  return nodeVersions.map((version) => ({
    name: `Node ${version}`,
    command: () => (version === process.versions.node ? [process.execPath] : [fetched(`node@${version}`, nodePath())]),
  }));
}

/**
 * Deno and Bun: npm has their programs in a package for each platform, so that no script has to download them.
 *
 * @returns {Runtime[]}
 */
export function others() {
  const { platform, arch } = process;
  const deno = `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`;
  const bun = `@oven/bun-${platform === 'win32' ? 'windows' : platform}-${arch === 'arm64' ? 'aarch64' : arch}`;
  const ending = platform === 'win32' ? '.exe' : '';
  return [
    {
      name: `Deno ${denoVersion}`,
      command: () => [fetched(`${deno}@${denoVersion}`, join(deno, `deno${ending}`)), 'run', '--allow-all'],
    },
    {
      name: `Bun ${bunVersion}`,
      command: () => [fetched(`${bun}@${bunVersion}`, join(bun, `bin/bun${ending}`)), 'run'],
    },
  ];
}

function nodePath() {
  return process.platform === 'win32' ? 'node/bin/node.exe' : 'node/bin/node';
}

/**
 * Where npx has put a program; it is fetched once, into npm's cache.
 *
 * @param {string} specifier The package and its version.
 * @param {string} path Of the program, within `node_modules`.
 * @returns {string}
 */
function fetched(specifier, path) {
  const npx = npmScript('npx');
  if (npx === undefined) throw new Error('There is no npx on this machine.');
  let found;
  try {
    found = execFileSync(
      process.execPath,
      [npx, '--yes', '--package', specifier, '--', process.execPath, finder, path],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, npm_config_loglevel: 'error' } },
    ).trim();
  } catch (error) {
    const said = /** @type {{ stderr?: string }} */ (error).stderr?.trim().split('\n')[0];
    throw new Error(`npm could not bring ${specifier}${said === undefined || said === '' ? '' : `: ${said}`}`, {
      cause: error,
    });
  }
  if (!existsSync(found)) throw new Error(`${specifier} does not bring ${path} (it should stand in ${dirname(found)})`);
  return found;
}
