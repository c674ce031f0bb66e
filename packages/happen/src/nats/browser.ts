/** Pages and workers of browsers: WebSockets. */
import { natsTransport } from '@happen/nats/websocket';

export const connect = natsTransport;

/** Which part of `nats.connection` is meant for this runtime. */
export const runtime: 'server' | 'browser' = 'browser';

/** Where servers are if nobody says so. */
export function defaultServers(): readonly string[] {
  return ['ws://localhost:9222'];
}
