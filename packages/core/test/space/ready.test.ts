import { describe, expect, it } from 'vitest';
import { defineTransport, initializeHappen, memoryHub, type Transport, type TransportHost } from '../../src/index.js';
import { codeOf, failureOf } from '../talking/observing.js';
import { turn } from '../talking/worlds.js';

function onHub() {
  const hub = memoryHub();
  const transport = hub.transport();
  return { hub, transport, space: initializeHappen({ transport }) };
}

describe('ready()', () => {
  it('waits for a connection that is lost until it is back, for everybody who asks', async () => {
    const { hub, transport, space } = onHub();
    await space.ready();
    for (const _ of [1, 2]) {
      hub.disconnect(transport);
      const [first, second] = [space.ready(), space.ready()];
      expect(await settledNow(first)).toBe(false);
      hub.reconnect(transport);
      await Promise.all([first, second]);
      await space.ready();
    }
    await space.close();
  });

  it('waits as well when the connection is lost while it comes up', async () => {
    const { hub, transport, space } = onHub();
    space.on('system.connection-status', ({ payload }) => {
      if (payload.status === 'connected') hub.disconnect(transport);
    });
    const ready = space.ready();
    expect(await settledNow(ready)).toBe(false);
    expect(space.health().reasons[0]?.code).toBe('disconnected');
    hub.reconnect(transport);
    await ready;
    await space.close();
  });

  it('fails when the space is closed meanwhile, and afterwards', async () => {
    const { hub, transport, space } = onHub();
    await space.ready();
    hub.disconnect(transport);
    const ready = codeOf(space.ready());
    await Promise.all([space.close(), ready]);
    expect(await ready).toBe('HAPPEN_CLOSED');
    expect(await codeOf(space.ready())).toBe('HAPPEN_CLOSED');
    const early = onHub().space;
    const never = codeOf(early.ready());
    await early.close();
    expect(await never).toBe('HAPPEN_CLOSED');
  });

  it('fails when the transport has closed for good', async () => {
    let host: TransportHost | undefined;
    const driver: Transport = {
      name: 'test',
      supports: { maxFrameBytes: 1_000_000, duplicates: 'none', loss: 'none' } as never,
      start: async (given) => {
        host = given;
        given.status('connected');
      },
      stop: () => Promise.resolve(),
      attach: () => ({ close() {} }),
      listen: () => ({ close() {}, update: () => Promise.resolve() }),
      publish: () => Promise.resolve(),
    };
    const space = initializeHappen({ transport: defineTransport(driver) });
    await space.ready();
    host?.status('disconnected');
    const waiting = failureOf(space.ready());
    await turn();
    host?.status('closed', 'no attempts left');
    for (const error of [await waiting, await failureOf(space.ready())]) {
      expect(error.code).toBe('HAPPEN_DISCONNECTED');
      expect(error.message).toContain('no attempts left');
    }
    await space.close();
  });

  it('has nothing to wait for without a transport', async () => {
    const space = initializeHappen();
    await space.ready();
    await space.close();
    await space.ready();
  });
});

/** Whether a promise is settled within a turn of the event loop. */
async function settledNow(promise: Promise<void>): Promise<boolean> {
  return Promise.race([
    promise.then(
      () => true,
      () => true,
    ),
    turn().then(() => false),
  ]);
}
