import type { NatsConnection, Status } from '@nats-io/nats-core';
import { expect, it } from 'vitest';
import { watchStatus } from '../../src/connection/status-watch.js';

/** What a watcher hears of a client that says so much, and then nothing more. */
function heardOf(...types: readonly Status['type'][]): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const heard: string[] = [];
    async function* status() {
      for (const type of types) yield { type, server: 'a' };
      resolve(heard);
    }
    const connection = { status, closed: () => new Promise(() => {}) } as unknown as NatsConnection;
    watchStatus(connection, {
      wentDown: () => void heard.push('down'),
      reconnecting: () => void heard.push('trying'),
      cameUp: () => void heard.push('up'),
      refused: () => {},
      slow: () => {},
      lost: () => {},
    });
  });
}

it('tells each change once, however often the client says so', async () => {
  const attempts = ['disconnect', 'reconnecting', 'disconnect', 'reconnecting', 'disconnect', 'reconnecting'] as const;
  // By WebSocket the client says that it is connected again once for each attempt.
  expect(await heardOf(...attempts, 'reconnect', 'reconnect', 'reconnect')).toEqual(['down', 'trying', 'up']);
});

it('tells of every time that the connection is lost', async () => {
  const once = ['disconnect', 'reconnecting', 'reconnect'] as const;
  expect(await heardOf(...once, ...once)).toEqual(['down', 'trying', 'up', 'down', 'trying', 'up']);
});
