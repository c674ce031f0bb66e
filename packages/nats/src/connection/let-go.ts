import type { NatsConnection } from '@nats-io/nats-core';

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
