import { type ConnectionOptions, errors, type NatsConnection } from '@nats-io/nats-core';

type Connect = (options: ConnectionOptions) => Promise<NatsConnection>;

const longestJitterMs = 100;
let before: Promise<unknown> = Promise.resolve();

/**
 * Connects in a way that goes together with other ways in one process. The client keeps one kind of transport for all of its
 * connections, that which was connected with last. So first attempts wait for each other, and before each later one the kind is
 * put in place again.
 */
export function besideOthers(connect: Connect, options: ConnectionOptions): Promise<NatsConnection> {
  const { reconnectTimeWait = 0 } = options;
  const connection = before.then(() =>
    connect({
      ...options,
      reconnectDelayHandler: () => {
        putInPlace(connect);
        return reconnectTimeWait + Math.floor(Math.random() * longestJitterMs);
      },
    }),
  );
  before = connection.catch(() => {});
  return connection;
}

/** A call that fails before it connects, and after its kind of transport is in place. */
function putInPlace(connect: Connect): void {
  connect({ servers: ['127.0.0.1'], port: 1 }).catch((error: unknown) => {
    if (!(error instanceof errors.InvalidArgumentError)) throw error;
  });
}
