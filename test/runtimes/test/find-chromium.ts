import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/**
 * A Chromium to run: the one that HAPPEN_CHROMIUM names, else the first on PATH, else, for root on Debian and its like, the
 * distribution's, which is installed.
 *
 * @throws Error that says in one line what to do
 */
export function findChromium(): string {
  const named = process.env['HAPPEN_CHROMIUM'];
  if (named !== undefined && named !== '') {
    if (existsSync(named)) return named;
    throw new Error(`There is no Chromium at HAPPEN_CHROMIUM=${named}.`);
  }
  const found = onPath() ?? (installed() ? onPath() : undefined);
  if (found === undefined)
    throw new Error(
      'There is no Chromium: install it (on Debian: apt-get install chromium), or name one in HAPPEN_CHROMIUM.',
    );
  return found;
}

function onPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function installed(): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  const lock = join(tmpdir(), 'happen-chromium.lock');
  const run = (...args: string[]): boolean => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    // One test file after the other: who comes second finds it installed.
    return spawnSync('flock', [lock, 'apt-get', ...args], { stdio: 'ignore', env }).status === 0;
  };
  return run('update') && run('install', '-y', '--no-install-recommends', 'chromium');
}
