import { type AnyEvents, type Extension, HappenError, initializeHappen as initializeCore } from '@happen/core';
import type { Directory, NatsJoin } from '@happen/nats/websocket';
import { connect, defaultServers, runtime } from '#nats';
import { checkConfig, checkNodeOptions } from './check-config.js';
import type { HappenConfig, HappenSpace } from './config.js';
import { consoleLogger } from './console-logger.js';
import type { NatsConfig, NatsConnectionConfig } from './nats-config.js';

/**
 * Makes a space that joins others over NATS. It is there at once: nodes can be created, wired and used, and reach each other
 * in this process without any server; the connection comes up in the background, and `ready()` waits for it. Without a
 * config it looks for a server where `NATS_URL` says, else on this machine; in a page, by WebSocket.
 *
 * @typeParam B - the map of the space's broadcasts
 * @throws HappenError `HAPPEN_INVALID_CONFIG`, naming the path of what is wrong; `HAPPEN_NOT_AVAILABLE` for a setting whose part
 *   does not exist yet
 *
 * @example
 * const { createNode } = initializeHappen({ nats: { connection: { servers: ['nats://10.0.0.1:4222'] } } });
 */
export function initializeHappen<B = AnyEvents, const X extends readonly Extension[] = []>(
  config: HappenConfig<X> = {},
): HappenSpace<B, X> {
  checkConfig(config);
  const { nats, transport, ...parts } = config;
  const overNats = transport === undefined && nats !== false ? natsTransportOf(nats) : undefined;
  const joined = transport ?? overNats;
  const space = initializeCore<B, X>({
    logger: consoleLogger,
    ...parts,
    ...(joined === undefined ? {} : { transport: joined }),
  });
  return {
    ...space,
    nodes: overNats?.directory ?? (transport as Partial<NatsJoin> | undefined)?.directory ?? unknown,
    createNode: (id: string, options?: object) => space.createNode(id, checkNodeOptions(options)) as never,
  };
}

/** Without NATS nobody announces anything. */
const unknown: Directory = {
  nodes: () => [],
  watch: () => () => {},
  waitFor: () =>
    Promise.reject(
      new HappenError(
        'HAPPEN_NOT_AVAILABLE',
        'Which nodes there are is announced over NATS, which this space does not join.',
      ),
    ),
};

function natsTransportOf({ space, connection = {} }: NatsConfig = {}): NatsJoin {
  const { server, browser, servers, jetstream, reconnectTimeWait, ...others } = connection;
  const here = endpointOf(connection);
  const found = servers ?? here?.servers ?? defaultServers();
  try {
    return connect({
      ...others,
      servers: found,
      jetstream: jetstream ?? here?.jetstream ?? false,
      ...(space === undefined ? {} : { space }),
      ...(reconnectTimeWait === undefined ? {} : { reconnectTimeWait }),
    });
  } catch (error) {
    throw withPath(error);
  }
}

/** The part that is meant for this runtime. */
function endpointOf({ server, browser }: NatsConnectionConfig) {
  const [here, elsewhere, other] = runtime === 'server' ? [server, browser, 'browser'] : [browser, server, 'server'];
  if (here === undefined && elsewhere !== undefined) {
    throw new HappenError(
      'HAPPEN_INVALID_CONFIG',
      `nats.connection.${runtime}: expected servers for this runtime; found nats.connection.${other} alone.`,
      { details: { path: `nats.connection.${runtime}` } },
    );
  }
  return here;
}

/** The transport names the path of its option; here it stands further down. */
function withPath(error: unknown): unknown {
  if (!(error instanceof HappenError) || error.code !== 'HAPPEN_INVALID_CONFIG') return error;
  const path = error.details?.['path'];
  return new HappenError(error.code, `nats.connection.${error.message}`, {
    cause: error,
    details: { ...error.details, ...(typeof path === 'string' ? { path: `nats.connection.${path}` } : {}) },
  });
}
