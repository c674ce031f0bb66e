import { HappenError } from '@happen/core';
import type { NatsConnection } from '@nats-io/nats-core';

/**
 * @param subject one that nobody else publishes to
 * @throws HappenError `HAPPEN_INVALID_CONFIG` for a connection on which one hears oneself
 */
export async function checkEcho(connection: NatsConnection, subject: string): Promise<void> {
  let heard = false;
  const subscription = connection.subscribe(subject, { callback: () => void (heard = true) });
  connection.publish(subject);
  await connection.flush();
  subscription.unsubscribe();
  if (!heard) return;
  throw new HappenError(
    'HAPPEN_INVALID_CONFIG',
    'connection: expected one made with noEcho: true; found one that hears itself.',
    {
      details: { path: 'connection' },
    },
  );
}
