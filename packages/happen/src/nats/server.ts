/** Node, Deno and Bun: plain connections. */
import { natsTransport } from '@happen/nats';

export const connect = natsTransport;

/** Which part of `nats.connection` is meant for this runtime. */
export const runtime: 'server' | 'browser' = 'server';

/** Where servers are if nobody says so: `NATS_URL` may name several, parted by commas. */
export function defaultServers(): readonly string[] {
  const named = process.env['NATS_URL']?.split(',').flatMap((url) => url.trim() || []) ?? [];
  return named.length > 0 ? named : ['nats://localhost:4222'];
}
