import { rmSync } from 'node:fs';
import { cacheFolder, ServerCache, type FoundServer } from './cache.js';
import { fetchFromDebian, isDebian } from './debian.js';
import { onPath, versionOf } from './installed.js';
import { fetchRelease, officialReleases } from './release.js';
import { floorVersion, unsuitable, type WantedVersion } from '../version.js';

/** No nats-server can be had. Its message is one line that says what to install. */
export class ServerUnavailableError extends Error {
  override readonly name = 'ServerUnavailableError';
  readonly code = 'nats-server-unavailable';
}

export interface FindServerOptions {
  /** `newest` unless said otherwise. */
  readonly version?: WantedVersion;
  /** Ends a fetch; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Takes a line before something is fetched; it goes to standard error unless said otherwise. */
  readonly report?: (line: string) => void;
  /** What is taken for the process's environment variables. */
  readonly environment?: NodeJS.ProcessEnv;
}

type Search = Required<Omit<FindServerOptions, 'signal'>> & { readonly signal: AbortSignal | undefined };

/**
 * Finds a nats-server, or fetches one:
 *
 * 1. the path in `HAPPEN_NATS_SERVER` or, for the floor, in `HAPPEN_NATS_SERVER_FLOOR`; one that can't be used is an error
 * 2. `nats-server` on `PATH`
 * 3. one that was fetched before
 * 4. the release archive of its authors, whose checksum is verified
 * 5. on Debian, the distribution's package, without installing it
 *
 * The floor is a 2.10, and nothing older than 2.10 is ever returned. What is fetched stays in the cache and is used from then
 * on without a network; `fetchServer` looks for something newer.
 *
 * @throws ServerUnavailableError if none can be had
 */
export async function findServer(options: FindServerOptions = {}): Promise<FoundServer> {
  const search = searchOf(options);
  const { version: wanted, signal, environment } = search;
  const variable = variableOf(wanted);
  const named = environment[variable];
  if (named !== undefined && named !== '') return namedServer(variable, named, search);

  const path = onPath(environment['PATH']);
  const tried: string[] = [];
  if (path !== undefined) {
    try {
      const version = await versionOf(path, signal);
      const reason = unsuitable(version, wanted);
      if (reason === undefined) return { path, version };
      tried.push(`${path} ${reason}`);
    } catch (error) {
      signal?.throwIfAborted();
      tried.push(messageOf(error));
    }
  }
  return new ServerCache(cacheFolder(environment)).find(wanted) ?? fetchInto(search, tried);
}

/**
 * Fetches a nats-server into the cache, even if there is one already: what is newest today becomes what `findServer` returns.
 *
 * @throws ServerUnavailableError if none can be had
 */
export function fetchServer(options: FindServerOptions = {}): Promise<FoundServer> {
  return fetchInto(searchOf(options), []);
}

function searchOf({ version, signal, report, environment }: FindServerOptions): Search {
  signal?.throwIfAborted();
  return {
    version: version ?? 'newest',
    signal,
    report: report ?? ((line) => void process.stderr.write(`${line}\n`)),
    environment: environment ?? process.env,
  };
}

function variableOf(wanted: WantedVersion) {
  return wanted === 'floor' ? 'HAPPEN_NATS_SERVER_FLOOR' : 'HAPPEN_NATS_SERVER';
}

async function namedServer(variable: string, path: string, { version: wanted, signal }: Search): Promise<FoundServer> {
  let version;
  try {
    version = await versionOf(path, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw new ServerUnavailableError(`${variable}: ${messageOf(error)}.`, { cause: error });
  }
  const reason = unsuitable(version, wanted);
  if (reason !== undefined) throw new ServerUnavailableError(`${variable}: ${path} ${reason}.`);
  return { path, version };
}

async function fetchInto({ version: wanted, signal, report, environment }: Search, tried: string[]) {
  const cache = new ServerCache(cacheFolder(environment));
  const releases = (environment['HAPPEN_NATS_SERVER_RELEASES'] || officialReleases).replace(/\/+$/, '');
  const from = environment['HAPPEN_NATS_SERVER_FETCH'] || undefined;
  const sources: ((folder: string) => Promise<string>)[] = [];
  if ((from ?? 'release') === 'release') {
    sources.push((folder) => fetchRelease(wanted, { signal, releases, folder, report }));
  }
  if ((from ?? 'debian') === 'debian' && isDebian()) {
    sources.push((folder) => fetchFromDebian(wanted, { signal, folder, report }));
  }

  for (const source of sources) {
    let folder = '';
    try {
      folder = cache.workFolder();
      const path = await source(folder);
      const version = await versionOf(path, signal);
      const reason = unsuitable(version, wanted);
      if (reason !== undefined) throw new Error(`what was fetched ${reason}`);
      return cache.store(wanted, { path, version });
    } catch (error) {
      signal?.throwIfAborted();
      tried.push(messageOf(error));
    } finally {
      if (folder !== '') rmSync(folder, { recursive: true, force: true });
    }
  }
  throw new ServerUnavailableError(
    `No nats-server can be had: install ${wanted === 'floor' ? floorVersion : 'the latest release'} from ` +
      `${officialReleases} and put its path into ${variableOf(wanted)}${tried.length > 0 ? ` (${tried.join('; ')})` : ''}.`,
  );
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim();
}
