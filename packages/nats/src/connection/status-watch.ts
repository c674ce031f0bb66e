/**
 * What the client says of a connection, as the changes that matter to a space: it is down once, tries again once, and is up
 * again, however often the client says so.
 */
import type { NatsConnection } from '@nats-io/nats-core';
import { realClock } from '../runtime/real-clock.js';
import { letGo, lettingGoMs } from './let-go.js';

export interface StatusWatcher {
  wentDown(reason: string): void;
  reconnecting(): void;
  cameUp(): void;
  /** The server has refused something. */
  refused(error: Error): void;
  /** Messages of a subject pile up. */
  slow(subject: string): void;
  /** There is no connection any more, and there will be none. */
  lost(error: Error | undefined): void;
}

/** Follows a connection that is up, until what it returns is called. */
export function watchStatus(connection: NatsConnection, watcher: StatusWatcher): () => void {
  const statuses = connection.status();
  let watching = true;
  void connection.closed().then((error) => {
    if (watching) watcher.lost(error || undefined);
  });
  void follow();
  return () => {
    watching = false;
    // Otherwise it would wait for the next one for as long as a connection lives that is not ours.
    (statuses as { stop?: () => void }).stop?.();
  };

  async function follow(): Promise<void> {
    let told: 'up' | 'down' | 'trying' = 'up';
    let isHeld = false;
    const letGoIfHeld = (): void => {
      if (isHeld) letGo(connection);
    };
    for await (const status of statuses) {
      if (!watching) return;
      switch (status.type) {
        case 'disconnect':
        case 'staleConnection':
          isHeld = status.type === 'staleConnection';
          if (isHeld) realClock.setTimer(lettingGoMs, letGoIfHeld, true);
          if (told !== 'up') break;
          told = 'down';
          watcher.wentDown(
            status.type === 'staleConnection'
              ? 'the server does not answer'
              : `the connection to ${status.server} was lost`,
          );
          break;
        case 'reconnecting':
          if (told !== 'down') break;
          told = 'trying';
          watcher.reconnecting();
          break;
        case 'reconnect':
          // By WebSocket it says so once for each attempt.
          if (told === 'up') break;
          told = 'up';
          watcher.cameUp();
          break;
        case 'error':
          watcher.refused(status.error);
          break;
        case 'slowConsumer':
          watcher.slow(status.sub.getSubject());
          break;
        default:
          break;
      }
    }
  }
}
