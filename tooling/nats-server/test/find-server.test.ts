import { createHash } from 'node:crypto';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { fetchServer, findServer, ServerUnavailableError } from '../src/index.js';
import type { WantedVersion } from '../src/version.js';

function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'happen-find-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A program that says it is a nats-server of that version. */
function pretend(folder: string, version: string) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'nats-server');
  writeFileSync(path, `#!/bin/sh\necho 'nats-server: v${version}'\n`);
  chmodSync(path, 0o755);
  return path;
}

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

const system = { linux: 'linux', darwin: 'darwin', win32: 'windows' }[process.platform as 'linux'];
const processor = { x64: 'amd64', arm64: 'arm64', ia32: '386', arm: 'arm7' }[process.arch as 'x64'];

interface How {
  readonly spoilt?: boolean;
  readonly contains?: string;
  /** How many have to ask before the first is answered. */
  readonly together?: number;
}

/** A place where releases are published, as at GitHub. */
async function releases(latest: string, { spoilt = false, contains, together = 1 }: How = {}) {
  const waiting: (() => void)[] = [];
  const asked: string[] = [];
  const url = await serve((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    if (path === '/releases/latest') {
      waiting.push(() => void response.writeHead(302, { location: `/releases/tag/v${latest}` }).end());
      if (waiting.length >= together) for (const answer of waiting.splice(0)) answer();
      return;
    }
    const version = /^\/releases\/download\/v([\d.]+)\//.exec(path)?.[1] ?? '';
    const name = `nats-server-v${version}-${system}-${processor}`;
    const folder = temporaryArchive(name, contains ?? version);
    const archive = readFileSync(join(folder, 'archive.tar.gz'));
    rmSync(folder, { recursive: true });
    if (path.endsWith('/SHA256SUMS')) {
      const sum = createHash('sha256').update(archive).digest('hex');
      response.end(`${'0'.repeat(64)}  nats-server-v${version}-plan9-amd64.tar.gz\n${sum}  ${name}.tar.gz\n`);
    } else if (path.endsWith(`/${name}.tar.gz`)) {
      // Pieces, as a network has them.
      if (spoilt) archive[archive.length - 20] = (archive[archive.length - 20] ?? 0) ^ 1;
      response.write(archive.subarray(0, 40));
      response.end(archive.subarray(40));
    } else {
      response.writeHead(404).end();
    }
  });
  return { url: `${url}/releases`, asked };
}

/** The same bytes for the same version. */
function temporaryArchive(name: string, version: string) {
  const folder = mkdtempSync(join(tmpdir(), 'happen-find-'));
  const path = pretend(join(folder, name), version);
  utimesSync(path, 0, 0);
  utimesSync(join(folder, name), 0, 0);
  execFileSync('tar', ['-cf', 'archive.tar', name], { cwd: folder });
  execFileSync('gzip', ['-n', 'archive.tar'], { cwd: folder });
  return folder;
}

/** What a search sees of its surroundings: nothing but what the test gives. */
function surroundings(given: NodeJS.ProcessEnv = {}) {
  const cache = temporaryFolder();
  const lines: string[] = [];
  const environment: NodeJS.ProcessEnv = {
    HAPPEN_NATS_SERVER_CACHE: cache,
    HAPPEN_NATS_SERVER_FETCH: 'never',
    PATH: '',
    ...given,
  };
  return { cache, lines, options: { environment, report: (line: string) => void lines.push(line) } };
}

const textOf = async (search: ReturnType<typeof findServer>) => (await search).version.text;

it.each<[string, string, WantedVersion, string]>([
  ['HAPPEN_NATS_SERVER', '2.11.4', 'newest', 'HAPPEN_NATS_SERVER_FLOOR'],
  ['HAPPEN_NATS_SERVER_FLOOR', '2.10.0', 'floor', 'HAPPEN_NATS_SERVER'],
])('takes the server that %s names', async (variable, found, version, other) => {
  const folder = temporaryFolder();
  const { options } = surroundings({
    [variable]: pretend(join(folder, 'named'), found),
    [other]: pretend(join(folder, 'other'), '2.10.99'),
    PATH: join(pretend(join(folder, 'path'), '2.10.5'), '..'),
  });
  expect(await textOf(findServer({ ...options, version }))).toBe(found);
});

it.each([
  ['2.9.25', 'HAPPEN_NATS_SERVER', 'newest', 'is 2.9.25, and 2.10 is the oldest that will do'],
  ['2.11.0', 'HAPPEN_NATS_SERVER_FLOOR', 'floor', 'is 2.11.0, and the floor is 2.10.27'],
  ['1.0', 'HAPPEN_NATS_SERVER', 'newest', 'does not say that it is a nats-server'],
] as const)('refuses a %s that %s names, and does not look further', async (found, variable, version, reason) => {
  const folder = temporaryFolder();
  const { options } = surroundings({
    [variable]: pretend(join(folder, 'named'), found),
    PATH: join(pretend(join(folder, 'path'), '2.10.5'), '..'),
  });
  const search = findServer({ ...options, version });
  await expect(search).rejects.toThrow(ServerUnavailableError);
  await expect(search).rejects.toThrow(`${variable}: `);
  await expect(search).rejects.toThrow(reason);
});

it('refuses a named server that is not there', async () => {
  const { options } = surroundings({ HAPPEN_NATS_SERVER: '/nowhere/nats-server' });
  await expect(findServer(options)).rejects.toThrow('/nowhere/nats-server is not a file that can be run');
});

it('takes the server on PATH before one that was fetched, if it is new enough', async () => {
  const folder = temporaryFolder();
  const { url } = await releases('2.14.0');
  const { options } = surroundings({ HAPPEN_NATS_SERVER_FETCH: 'release', HAPPEN_NATS_SERVER_RELEASES: url });
  await fetchServer(options);
  const withPath = (version: string) => ({
    ...options,
    environment: { ...options.environment, PATH: join(pretend(join(folder, version), version), '..') },
  });
  expect(await textOf(findServer(withPath('2.10.1')))).toBe('2.10.1');
  expect(await textOf(findServer(withPath('2.9.1')))).toBe('2.14.0');
});

it('fetches a release, verifies it, and needs no network from then on', async () => {
  const { url, asked } = await releases('2.14.2');
  const { options, lines, cache } = surroundings({
    HAPPEN_NATS_SERVER_FETCH: 'release',
    HAPPEN_NATS_SERVER_RELEASES: url,
    // tar and gzip are the machine's.
    PATH: '',
  });
  const newest = await findServer(options);
  expect(newest.version).toEqual({ major: 2, minor: 14, patch: 2, text: '2.14.2' });
  expect(newest.path.startsWith(cache)).toBe(true);
  expect(await textOf(findServer({ ...options, version: 'floor' }))).toBe('2.10.27');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^Fetching nats-server 2\.14\.2 from http/);

  const before = asked.length;
  expect(await findServer(options)).toEqual(newest);
  expect(await textOf(findServer({ ...options, version: 'floor' }))).toBe('2.10.27');
  expect(asked).toHaveLength(before);
  expect(readdirSync(cache).sort()).toEqual(['2.10.27', '2.14.2', 'floor', 'newest']);
});

it('takes something newer when it is told to fetch', async () => {
  const older = await releases('2.14.2');
  const { options } = surroundings({ HAPPEN_NATS_SERVER_FETCH: 'release', HAPPEN_NATS_SERVER_RELEASES: older.url });
  await findServer(options);
  const newer = await releases('2.15.0');
  options.environment['HAPPEN_NATS_SERVER_RELEASES'] = newer.url;
  expect(await textOf(findServer(options))).toBe('2.14.2');
  expect(await textOf(fetchServer(options))).toBe('2.15.0');
  expect(await textOf(findServer(options))).toBe('2.15.0');
});

it.each([
  ['does not match its checksum', { spoilt: true }, /has the checksum [0-9a-f]{64}, not [0-9a-f]{64} as published/],
  ['holds an older server', { contains: '2.9.0' }, /what was fetched is 2\.9\.0/],
])('refuses an archive that %s', async (_, how, reason) => {
  const { url } = await releases('2.14.2', how);
  const { options, cache } = surroundings({ HAPPEN_NATS_SERVER_FETCH: 'release', HAPPEN_NATS_SERVER_RELEASES: url });
  await expect(findServer(options)).rejects.toThrow(reason);
  expect(readdirSync(cache)).toEqual([]);
});

it('says in one line what to install when nothing can be had, and soon', async () => {
  const listener = await serve((_, response) => response.writeHead(503).end());
  const folder = temporaryFolder();
  const { options } = surroundings({
    HAPPEN_NATS_SERVER_FETCH: 'release',
    HAPPEN_NATS_SERVER_RELEASES: 'http://127.0.0.1:1/releases',
    PATH: join(pretend(folder, '2.9.1'), '..'),
  });
  const begin = performance.now();
  const failure = (await findServer(options).catch((error: unknown) => error)) as ServerUnavailableError;
  expect(performance.now() - begin).toBeLessThan(5_000);
  expect(failure).toMatchObject({ name: 'ServerUnavailableError', code: 'nats-server-unavailable' });
  expect(failure.message).not.toContain('\n');
  expect(failure.message).toMatch(
    /^No nats-server can be had: install the latest release from https:\S+ and put its path/,
  );
  expect(failure.message).toContain('HAPPEN_NATS_SERVER (');
  expect(failure.message).toContain('is 2.9.1');
  expect(failure.message).toContain('http://127.0.0.1:1/releases/latest');
  options.environment['HAPPEN_NATS_SERVER_RELEASES'] = listener;
  const floor = findServer({ ...options, version: 'floor' });
  await expect(floor).rejects.toThrow(/install 2\.10\.27 from .* HAPPEN_NATS_SERVER_FLOOR \(.*answers 503/);
});

it('ends a fetch that is cancelled, and leaves nothing', async () => {
  let heard = () => {};
  const asked = new Promise<void>((resolve) => (heard = resolve));
  const url = await serve((_, response) => {
    response.writeHead(200).write('x');
    heard();
  });
  const { options, cache } = surroundings({ HAPPEN_NATS_SERVER_FETCH: 'release', HAPPEN_NATS_SERVER_RELEASES: url });
  const stop = new AbortController();
  const search = findServer({ ...options, version: 'floor', signal: stop.signal });
  await asked;
  const reason = new Error('not any more');
  stop.abort(reason);
  await expect(search).rejects.toBe(reason);
  expect(readdirSync(cache)).toEqual([]);
});

it('removes what a fetch that died left behind, and nothing that may still be needed', async () => {
  const { url } = await releases('2.14.2');
  const { options, cache } = surroundings({ HAPPEN_NATS_SERVER_FETCH: 'release', HAPPEN_NATS_SERVER_RELEASES: url });
  for (const name of ['.fetch-old', '.fetch-young']) mkdirSync(join(cache, name));
  utimesSync(join(cache, '.fetch-old'), 1, 1);
  await findServer(options);
  expect(readdirSync(cache).sort()).toEqual(['.fetch-young', '2.14.2', 'newest']);
});

it('lets many processes fetch at once', async () => {
  const { url, asked } = await releases('2.14.2', { together: 4 });
  const { options, cache } = surroundings({ HAPPEN_NATS_SERVER_FETCH: 'release', HAPPEN_NATS_SERVER_RELEASES: url });
  const command = fileURLToPath(new URL('../bin/happen-nats-server.js', import.meta.url));
  const env = { ...process.env, ...options.environment, PATH: process.env['PATH'] };
  const runs = Array.from({ length: 4 }, async () => {
    const child = spawn(process.execPath, [command, 'find'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    child.stdout.on('data', (data) => (output += String(data)));
    const [code] = (await once(child, 'close')) as [number];
    return { code, output };
  });
  const path = join(cache, '2.14.2', 'nats-server');
  expect(await Promise.all(runs)).toEqual(Array.from({ length: 4 }, () => ({ code: 0, output: `${path}\n` })));
  expect(asked.filter((one) => one.endsWith('.tar.gz'))).toHaveLength(4);
  expect(readdirSync(cache).sort()).toEqual(['2.14.2', 'newest']);
  expect(execFileSync(path, { encoding: 'utf8' })).toContain('v2.14.2');
});
