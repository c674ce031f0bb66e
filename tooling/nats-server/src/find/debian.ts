import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execute } from './execute.js';
import { archiveOf, type Archive } from './debian-archive.js';
import type { WantedVersion } from '../version.js';

export interface DebianOptions {
  readonly signal: AbortSignal | undefined;
  /** An empty folder to work in. */
  readonly folder: string;
  readonly report: (line: string) => void;
}

/** The distributions to ask, by what is wanted. Debian 13 has the floor, and what is unstable moves with the releases. */
const suites: { readonly [wanted in WantedVersion]: readonly string[] } = {
  floor: ['trixie'],
  newest: ['sid', 'trixie'],
};

/**
 * Takes the server out of Debian's package, without installing anything and without being root: apt works on lists, a cache
 * and a state of its own in the folder. Mirror and key are those the machine already trusts.
 *
 * @returns the path of the server in the folder
 * @throws Error with one line
 */
export async function fetchFromDebian(wanted: WantedVersion, options: DebianOptions): Promise<string> {
  const archive = archiveOf('/etc');
  let failure: unknown;
  for (const suite of suites[wanted]) {
    try {
      return await fetchFromSuite(archive, suite, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      failure = error;
    }
  }
  throw failure;
}

async function fetchFromSuite(archive: Archive, suite: string, { signal, folder, report }: DebianOptions) {
  report(`Fetching nats-server from Debian (${suite}) …`);
  const state = join(folder, suite);
  for (const part of ['lists/partial', 'cache/archives/partial', 'log', 'unpacked']) {
    mkdirSync(join(state, part), { recursive: true });
  }
  writeFileSync(join(state, 'status'), '');
  writeFileSync(join(state, 'archive.sources'), sourceOf(archive, suite));
  const settings = {
    'Dir::Etc::sourcelist': join(state, 'archive.sources'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'Dir::State': state,
    'Dir::State::lists': join(state, 'lists'),
    'Dir::State::status': join(state, 'status'),
    'Dir::Cache': join(state, 'cache'),
    'Dir::Log': join(state, 'log'),
    'Acquire::Languages': 'none',
    'Acquire::Retries': '1',
    'Acquire::http::Timeout': '10',
    'Acquire::https::Timeout': '10',
    'APT::Update::Error-Mode': 'any',
    // Hooks are for the machine's own lists and packages.
    'APT::Update::Post-Invoke-Success::': 'true',
    // To work as another user, apt would need the folder to be readable for everyone.
    'APT::Sandbox::User': '',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  await execute('apt-get', [...args, '-qq', 'update'], { signal, cwd: state, timeoutMs: 120_000 });
  await execute('apt-get', [...args, '-qq', 'download', 'nats-server'], { signal, cwd: state, timeoutMs: 120_000 });
  const file = readdirSync(state).find((name) => name.endsWith('.deb'));
  if (file === undefined) throw new Error(`Debian's ${suite} gave no nats-server`);
  const unpacked = join(state, 'unpacked');
  await execute('dpkg-deb', ['-x', join(state, file), unpacked], { signal, timeoutMs: 60_000 });
  const server = ['usr/sbin/nats-server', 'usr/bin/nats-server']
    .map((path) => join(unpacked, path))
    .find((path) => existsSync(path));
  if (server === undefined) throw new Error(`Debian's ${suite} has a package without a nats-server`);
  return server;
}

function sourceOf({ uri, key }: Archive, suite: string): string {
  return `Types: deb\nURIs: ${uri}\nSuites: ${suite}\nComponents: main\n${key === undefined ? '' : `Signed-By: ${key}\n`}`;
}

/** Whether this is Debian, as its own description says. */
export function isDebian(): boolean {
  try {
    return /^ID="?debian"?$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}
