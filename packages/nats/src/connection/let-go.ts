import type { NatsConnection } from '@nats-io/nats-core';
import { realClock } from '../runtime/real-clock.js';
import { inTime } from './in-time.js';

/** How long the client may take to let go of a connection that does not answer. */
export const lettingGoMs = 250;
/** How long closing may take in all. */
const closingMs = 5_000;

interface Transport {
  /** Of WebSockets: takes it for closed, whatever the socket says. */
  _cleanup?(): void;
  /** Of both: closes the socket without waiting for anything. */
  discard?(): void;
}

/**
 * Makes the client let go of a connection that does not answer. By itself it would first wait for what it has written to leave,
 * and where nothing leaves any more that takes as long as the operating system likes, a quarter of an hour on Linux.
 */
export function letGo(connection: NatsConnection): void {
  const { protocol } = connection as { protocol?: { transport?: Transport } };
  const transport = protocol?.transport;
  transport?._cleanup?.();
  transport?.discard?.();
}

/** Closes a connection, also one of which nothing leaves any more. */
export async function close(connection: NatsConnection): Promise<void> {
  const closing = connection.close();
  const timer = realClock.setTimer(lettingGoMs, () => letGo(connection));
  await inTime(closing, closingMs);
  timer.clear();
}
