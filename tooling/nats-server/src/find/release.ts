import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { execute } from './execute.js';
import { executableName } from './installed.js';
import { floorVersion, parseVersion, type WantedVersion } from '../version.js';

/** Where the authors of nats-server publish it. */
export const officialReleases = 'https://github.com/nats-io/nats-server/releases';

export interface ReleaseOptions {
  readonly signal: AbortSignal | undefined;
  /** The address below which releases stand, as at GitHub. */
  readonly releases: string;
  /** An empty folder to work in. */
  readonly folder: string;
  readonly report: (line: string) => void;
}

/** How long an answer may take to begin, and each piece of it to follow, in milliseconds. */
const patienceMs = { answer: 5_000, piece: 15_000 };
const largestArchive = 256 * 1024 * 1024;

/**
 * Fetches a release archive, compares it with the checksum that is published beside it, and unpacks it.
 *
 * @returns the path of the server in the folder
 * @throws Error with one line
 */
export async function fetchRelease(wanted: WantedVersion, options: ReleaseOptions): Promise<string> {
  const { releases, folder, signal, report } = options;
  const version = wanted === 'floor' ? floorVersion : await latestVersion(options);
  const name = `nats-server-v${version}-${systemName()}`;
  const archive = `${name}.tar.gz`;
  const at = `${releases}/download/v${version}`;
  const checksum = checksumOf(archive, await text(`${at}/SHA256SUMS`, signal));
  report(`Fetching nats-server ${version} from ${at}/${archive} …`);
  const file = join(folder, archive);
  const found = await download(`${at}/${archive}`, file, signal);
  if (found !== checksum) throw new Error(`${archive} has the checksum ${found}, not ${checksum} as published`);
  await execute('tar', ['-xzf', file, '-C', folder], { signal, timeoutMs: 60_000 });
  return join(folder, name, executableName);
}

/** The page of the latest release is where `latest` leads to; nothing but its address is needed. */
async function latestVersion({ releases, signal }: ReleaseOptions): Promise<string> {
  const [response, release] = await ask(`${releases}/latest`, signal, 'manual');
  release();
  await response.body?.cancel();
  const version = parseVersion((response.headers.get('location') ?? '').split('/').at(-1) ?? '');
  if (version === undefined) throw new Error(`${releases}/latest leads to no version (status ${response.status})`);
  return version.text;
}

function systemName(): string {
  const systems: { readonly [platform: string]: string } = { linux: 'linux', darwin: 'darwin', win32: 'windows' };
  const processors: { readonly [arch: string]: string } = { x64: 'amd64', arm64: 'arm64', ia32: '386', arm: 'arm7' };
  const [system, processor] = [systems[process.platform], processors[process.arch]];
  if (system === undefined || processor === undefined) {
    throw new Error(`there is no release for ${process.platform} on ${process.arch}`);
  }
  return `${system}-${processor}`;
}

function checksumOf(archive: string, list: string): string {
  for (const line of list.split('\n')) {
    const entry = /^([0-9a-f]{64})\s+\*?(\S+)\s*$/i.exec(line);
    if (entry?.[2] === archive) return (entry[1] ?? '').toLowerCase();
  }
  throw new Error(`SHA256SUMS says nothing about ${archive}`);
}

async function text(url: string, signal: AbortSignal | undefined): Promise<string> {
  const pieces: Uint8Array[] = [];
  await read(url, signal, 1024 * 1024, (piece) => void pieces.push(piece));
  return Buffer.concat(pieces).toString('utf8');
}

/** @returns the SHA-256 of what was written, in hexadecimal */
async function download(url: string, file: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  const output = createWriteStream(file, { flags: 'wx' });
  // A write that fails is found out by `finished`; until someone listens it would end the process.
  const failed = once(output, 'error').then(([error]) => Promise.reject(error as Error));
  failed.catch(() => {});
  try {
    await read(url, signal, largestArchive, async (piece) => {
      hash.update(piece);
      if (!output.write(piece)) await Promise.race([once(output, 'drain'), failed]);
    });
    output.end();
    await Promise.race([once(output, 'finish'), failed]);
  } finally {
    output.destroy();
  }
  return hash.digest('hex');
}

async function read(
  url: string,
  signal: AbortSignal | undefined,
  limit: number,
  take: (piece: Uint8Array) => void | Promise<void>,
): Promise<void> {
  const [response, release, extend] = await ask(url, signal, 'follow');
  try {
    if (!response.ok || response.body === null) throw new Error(`${url} answers ${response.status}`);
    let size = 0;
    for await (const piece of response.body as AsyncIterable<Uint8Array>) {
      extend();
      size += piece.byteLength;
      if (size > limit) throw new Error(`${url} is larger than ${limit} bytes`);
      await take(piece);
    }
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : oneLine(url, error);
  } finally {
    release();
  }
}

async function ask(url: string, signal: AbortSignal | undefined, redirect: 'manual' | 'follow') {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const late = () => stop.abort(new Error(`${url} does not answer`));
  let timer = setTimeout(late, patienceMs.answer);
  const aborted = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', aborted);
  const release = () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', aborted);
  };
  const extend = () => {
    clearTimeout(timer);
    timer = setTimeout(late, patienceMs.piece);
  };
  try {
    const response = await fetch(url, { redirect, signal: stop.signal });
    extend();
    return [response, release, extend] as const;
  } catch (error) {
    release();
    throw signal?.aborted === true ? signal.reason : oneLine(url, error);
  }
}

/** `fetch` says "fetch failed" and hides the reason in the cause. */
function oneLine(url: string, error: unknown): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new Error(reason.includes(url) ? reason : `${url} can't be read: ${reason}`, { cause: error });
}
