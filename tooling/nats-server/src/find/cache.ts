import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { executableName, isExecutable } from './installed.js';
import { parseVersion, type Version, type WantedVersion } from '../version.js';

/** A nats-server and its version. */
export interface FoundServer {
  readonly path: string;
  readonly version: Version;
}

/**
 * Servers that were fetched, one folder per version, and for `floor` and `newest` a file with the version that was fetched
 * for it. Whatever is written is written beside and then renamed, so that readers and other writers only ever see whole files.
 */
export class ServerCache {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** @returns `undefined` if none was fetched yet */
  find(wanted: WantedVersion): FoundServer | undefined {
    let text;
    try {
      text = readFileSync(join(this.folder, wanted), 'utf8');
    } catch {
      return undefined;
    }
    const version = parseVersion(text);
    if (version === undefined) return undefined;
    const path = this.#pathOf(version);
    return isExecutable(path) ? { path, version } : undefined;
  }

  /** Takes in a server, for whoever asks for `wanted` from now on. */
  store(wanted: WantedVersion, server: FoundServer): FoundServer {
    mkdirSync(this.folder, { recursive: true });
    const temporary = mkdtempSync(join(this.folder, '.new-'));
    try {
      const path = this.#pathOf(server.version);
      // A file that is running can be replaced by renaming, but not on Windows; there the one that is there is as good.
      if (!isExecutable(path)) this.#place(server.path, path, temporary, server.version);
      const pointer = join(temporary, wanted);
      writeFileSync(pointer, `${server.version.text}\n`);
      renameSync(pointer, join(this.folder, wanted));
      return { path, version: server.version };
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  }

  /** An empty folder to fetch into. The caller removes it; those of callers that died go when they are a day old. */
  workFolder(): string {
    mkdirSync(this.folder, { recursive: true });
    for (const name of readdirSync(this.folder).filter((entry) => entry.startsWith('.'))) {
      const path = join(this.folder, name);
      const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
      if (modified !== undefined && modified < Date.now() - abandonedMs) rmSync(path, { recursive: true, force: true });
    }
    return mkdtempSync(join(this.folder, '.fetch-'));
  }

  #place(from: string, to: string, temporary: string, version: Version): void {
    const copy = join(temporary, executableName);
    copyFileSync(from, copy);
    chmodSync(copy, 0o755);
    mkdirSync(join(this.folder, version.text), { recursive: true });
    renameSync(copy, to);
  }

  #pathOf(version: Version): string {
    return join(this.folder, version.text, executableName);
  }
}

/** No fetch takes a day, in milliseconds. */
const abandonedMs = 24 * 60 * 60 * 1000;

/** Where fetched servers are kept, unless `HAPPEN_NATS_SERVER_CACHE` names another folder. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  const named = environment['HAPPEN_NATS_SERVER_CACHE'];
  if (named !== undefined && named !== '') return named;
  const xdg = environment['XDG_CACHE_HOME'];
  if (xdg !== undefined && xdg.startsWith('/')) return join(xdg, 'happen', 'nats-server');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'happen', 'nats-server');
  if (platform === 'win32') {
    return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'happen', 'nats-server');
  }
  return join(homedir(), '.cache', 'happen', 'nats-server');
}
