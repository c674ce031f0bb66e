import { parseArgs } from 'node:util';
import type { WantedVersion } from '../version.js';

/** What the command was asked for. */
export type Request =
  | { readonly command: 'help' }
  | { readonly command: 'find' | 'fetch'; readonly version: WantedVersion }
  | {
      readonly command: 'start';
      readonly version: WantedVersion;
      /** 0: a free one. */
      readonly port: number;
      /** 0: a free one. Not given: the usual one, or a free one where that is taken. */
      readonly webSocketPort: number | undefined;
      readonly store: string | undefined;
    };

/** The command line asks for something there is not. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Where `start` listens unless told otherwise: the ports that clients expect. */
export const usualPorts = { client: 4222, webSocket: 9222 } as const;

const common = { version: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
const forStart = {
  ...common,
  port: { type: 'string' },
  'websocket-port': { type: 'string' },
  store: { type: 'string' },
} as const;

/**
 * Reads the command line.
 *
 * @throws UsageError with a sentence for the user
 */
export function parseRequest(commandLine: readonly string[]): Request {
  const [command, ...args] = commandLine;
  if (command === 'find' || command === 'fetch') {
    const { version, help } = parsed(() => parseArgs({ args, options: common }).values);
    return help === true ? { command: 'help' } : { command, version: versionFrom(version) };
  }
  if (command === 'start') {
    const values = parsed(() => parseArgs({ args, options: forStart }).values);
    if (values.help === true) return { command: 'help' };
    if (values.store === '') throw new UsageError('--store is empty; it takes the path of a folder.');
    return {
      command,
      version: versionFrom(values.version),
      port: portFrom('port', values.port) ?? usualPorts.client,
      webSocketPort: portFrom('websocket-port', values['websocket-port']),
      store: values.store,
    };
  }
  if (command === undefined || command === 'help' || command === '--help' || command === '-h') {
    return { command: 'help' };
  }
  throw new UsageError(`There is no command ${JSON.stringify(command)}; there are find, fetch and start.`);
}

function parsed<Values>(parse: () => Values): Values {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function versionFrom(text: string | undefined): WantedVersion {
  if (text === undefined || text === 'newest') return 'newest';
  if (text === 'floor') return 'floor';
  throw new UsageError(`--version takes floor or newest; found ${JSON.stringify(text)}.`);
}

function portFrom(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new UsageError(`--${name} takes a number from 0 to 65535; found ${JSON.stringify(text)}.`);
}
