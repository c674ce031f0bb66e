import { defineTransport } from '@happen/core';
import { connect } from '@nats-io/transport-node';
import { settingsOf } from './check-options.js';
import { checkFiles } from './connection/check-files.js';
import { besideOthers } from './connection/beside-others.js';
import { dialOptions } from './connection/dial-options.js';
import type { NatsJoin } from './nats-join.js';
import { NatsTransport } from './nats-transport.js';
import type { GivenConnectionOptions, NatsTransportOptions } from './options.js';

/**
 * Joins a space to others over NATS, by TCP. Connecting begins when the space does, and goes on until there is a server.
 *
 * @throws HappenError `HAPPEN_INVALID_CONFIG`, naming the option
 *
 * @example
 * const happen = initializeHappen({ transport: natsTransport({ servers: 'nats://localhost:4222' }) });
 */
export function natsTransport(options: NatsTransportOptions | GivenConnectionOptions = {}): NatsJoin {
  const settings = settingsOf(options);
  if ('connection' in options) {
    const { connection } = options;
    return defineTransport(
      new NatsTransport(settings, { dial: async () => connection, isOurs: false, where: connection.getServer() }),
    );
  }
  const dialled = dialOptions(options, settings, 'nats://localhost:4222', { plain: 'nats', encrypted: 'tls' });
  checkFiles(options.tls);
  const where = (dialled.servers as string[]).join(', ');
  return defineTransport(
    new NatsTransport(settings, { dial: () => besideOthers(connect, dialled), isOurs: true, where }),
  );
}

export type { NatsJoin } from './nats-join.js';
export type { Directory, DirectoryChange, DirectoryNode, WaitOptions } from './directory/directory.js';
export type { GivenConnectionOptions, NatsTransportOptions, TlsOptions } from './options.js';
