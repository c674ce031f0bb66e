import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { execute } from './execute.js';
import { parseVersion, type Version } from '../version.js';

/** The file name of the server on this system. */
export const executableName = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';

/** Whether there is a file that may be run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The first nats-server in the folders of PATH. */
export function onPath(path: string | undefined): string | undefined {
  return (path ?? '')
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, executableName))
    .find(isExecutable);
}

/**
 * Asks a nats-server for its version.
 *
 * @throws Error with one line if it is not a nats-server that runs here
 */
export async function versionOf(path: string, signal: AbortSignal | undefined): Promise<Version> {
  if (!isExecutable(path)) throw new Error(`${path} is not a file that can be run`);
  const said = await execute(path, ['--version'], { signal, timeoutMs: 10_000 });
  const version = /nats-server/.test(said) ? parseVersion(said.split('\n')[0] ?? '') : undefined;
  if (version === undefined) throw new Error(`${path} does not say that it is a nats-server`);
  return version;
}
