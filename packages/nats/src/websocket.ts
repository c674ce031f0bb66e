import { defineTransport, HappenError } from '@happen/core';
import { wsconnect, type WsConnectionOptions } from '@nats-io/nats-core';
import { settingsOf } from './check-options.js';
import { besideOthers } from './connection/beside-others.js';
import { dialOptions } from './connection/dial-options.js';
import { NatsTransport } from './nats-transport.js';
import type { NatsJoin } from './nats-join.js';
import type { NatsTransportOptions } from './options.js';

/** What opens WebSockets, as browsers have it, and as the package `ws` has it for Node. */
export type WebSocketConstructor = new (url: string) => object;

/** How a space joins others over NATS by WebSocket. A `wss:` URL is encrypted; certificates are the runtime's. */
export interface WebSocketTransportOptions extends Omit<NatsTransportOptions, 'tls'> {
  /** For runtimes that have no `WebSocket` of their own, such as Node 20: that of the package `ws`. @default the runtime's */
  readonly webSocket?: WebSocketConstructor;
}

/**
 * Joins a space to others over NATS, by WebSocket: from pages and their workers, and from anywhere else. `wss:` URLs are
 * encrypted.
 *
 * @throws HappenError `HAPPEN_INVALID_CONFIG`, naming the option
 */
export function natsTransport(options: WebSocketTransportOptions = {}): NatsJoin {
  const { webSocket, ...others } = options;
  const settings = settingsOf(others);
  const dialled: WsConnectionOptions = dialOptions(others, settings, 'ws://localhost:9222', {
    plain: 'ws',
    encrypted: 'wss',
  });
  const own = webSocket ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (typeof own !== 'function') {
    throw new HappenError(
      'HAPPEN_INVALID_CONFIG',
      'webSocket: expected the WebSocket of the package ws, since this runtime has none; found nothing.',
      { details: { path: 'webSocket' } },
    );
  }
  if (webSocket !== undefined) {
    dialled.wsFactory = async (url) => ({ socket: new webSocket(url) as never, encrypted: url.startsWith('wss:') });
  }
  const where = (dialled.servers as string[]).join(', ');
  return defineTransport(
    new NatsTransport(settings, { dial: () => besideOthers(wsconnect, dialled), isOurs: true, where }),
  );
}

export type { NatsJoin } from './nats-join.js';
export type { Directory, DirectoryChange, DirectoryNode, WaitOptions } from './directory/directory.js';
export type { NatsTransportOptions } from './options.js';
