import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { FoundServer } from '../find/cache.js';
import { findServer } from '../find/find-server.js';
import type { WantedVersion } from '../version.js';
import type { ServerTls } from './configuration.js';
import { keeper } from './keeper.js';
import { NatsServer } from './nats-server.js';

export interface StartServerOptions {
  /** Which server runs: `newest` unless said otherwise, or one that `findServer` returned. */
  readonly serverVersion?: WantedVersion | FoundServer;
  /** Whether it has JetStream; `true` unless said otherwise. */
  readonly jetstream?: boolean;
  /** Whether it listens for WebSockets too; `true` unless said otherwise. */
  readonly websocket?: boolean;
  /** Makes it speak TLS, on TCP and WebSocket. */
  readonly tls?: ServerTls;
  /** The largest payload, in bytes; 1 MiB unless said otherwise. */
  readonly maxPayload?: number;
  /** Where JetStream keeps its data. It is left there; without it, data is kept for as long as the server object. */
  readonly storeDir?: string;
  /** What is added to its configuration file, in nats-server's own language: users, permissions, operators, limits. */
  readonly config?: string;
  /** Ports of your choice; a free one for each that is not given. */
  readonly ports?: { readonly client?: number; readonly webSocket?: number };
  /** Whether what it logs goes to this process's standard error, rather than to a file that is read if it won't start. */
  readonly logToStandardError?: boolean;
  /** Ends the start; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

let started = 0;

/**
 * Starts a nats-server on 127.0.0.1 and waits until it is ready. It ends when it is stopped, and at the latest with this
 * process, however that ends; it does not keep this process alive.
 *
 * @throws ServerUnavailableError if no server can be had, Error with what the server said if it won't start
 */
export async function startServer(options: StartServerOptions = {}): Promise<NatsServer> {
  const program = await programOf(options);
  const server = prepareServer(program, await keeper().folder(), options);
  try {
    await server.start(options.signal);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** The program that the options ask for. */
export async function programOf({ serverVersion = 'newest', signal }: StartServerOptions): Promise<FoundServer> {
  if (typeof serverVersion !== 'string') return serverVersion;
  return findServer({ version: serverVersion, signal });
}

/**
 * A server with a folder of its own that is yet to be started.
 *
 * @param cluster the ports for routes of all its servers, and which is this one's own
 */
export function prepareServer(
  program: FoundServer,
  parentFolder: string,
  options: StartServerOptions,
  cluster?: { readonly name: string; readonly own: number; readonly ports: readonly number[] },
): NatsServer {
  const folder = mkdtempSync(join(parentFolder, 'server-'));
  const { jetstream = true, websocket = true, ports } = options;
  return new NatsServer({
    program,
    folder,
    ports: {
      client: ports?.client ?? -1,
      webSocket: websocket ? (ports?.webSocket ?? -1) : 0,
      monitoring: -1,
      cluster: cluster?.own ?? 0,
    },
    setting: {
      name: `happen-${++started}`,
      storeDir: jetstream ? (options.storeDir ?? join(folder, 'store')) : undefined,
      tls: options.tls,
      maxPayload: options.maxPayload,
      // A server takes the number of its routes for the size of the cluster when it founds it: its own is one of them. Without it,
      // two of three could found a JetStream of two, which the third never joined.
      cluster: cluster && { name: cluster.name, routes: cluster.ports },
      config: options.config ?? '',
      logToStandardError: options.logToStandardError ?? false,
    },
  });
}
