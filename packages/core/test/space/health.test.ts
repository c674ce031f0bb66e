import { describe, expect, it } from 'vitest';
import { defineTransport, initializeHappen, memoryHub, type Transport, type TransportHost } from '../../src/index.js';

const well = { status: 'ok', live: true, ready: true, reasons: [] };

/** A hub's transport whose start is as told. */
function startingWith(start: Transport['start']): ReturnType<typeof defineTransport> {
  return defineTransport({
    name: 'test',
    supports: { maxFrameBytes: 1_000_000, duplicates: 'none', loss: 'none' } as never,
    start,
    stop: () => Promise.resolve(),
    attach: () => ({ close() {} }),
    listen: () => ({ close() {}, update: () => Promise.resolve() }),
    publish: () => Promise.resolve(),
  });
}

describe('the health of a space', () => {
  it('is ok without a transport, at once', () => {
    expect(initializeHappen().health()).toEqual(well);
  });

  it('says while the transport is not connected yet, and is ok once it is', async () => {
    const happen = initializeHappen({ transport: memoryHub().transport() });
    expect(happen.health()).toEqual({
      status: 'degraded',
      live: true,
      ready: false,
      reasons: [{ code: 'connecting', message: 'The transport is not connected yet.' }],
    });
    await happen.ready();
    expect(happen.health()).toEqual(well);
    await happen.close();
  });

  it('is ok with a transport that says nothing of its connection', async () => {
    const happen = initializeHappen({ transport: startingWith(() => Promise.resolve()) });
    await happen.ready();
    expect(happen.health()).toEqual(well);
    await happen.close();
  });

  it('is not ready while the connection is lost, and again when it is back', async () => {
    const hub = memoryHub();
    const transport = hub.transport();
    const happen = initializeHappen({ transport });
    await happen.ready();
    hub.disconnect(transport);
    expect(happen.health()).toMatchObject({ status: 'degraded', live: true, ready: false });
    expect(['disconnected', 'reconnecting']).toContain(happen.health().reasons[0]?.code);
    hub.reconnect(transport);
    expect(happen.health()).toEqual(well);
    await happen.close();
  });

  it('says why the connection was lost for as long as it is tried anew', async () => {
    let host: TransportHost | undefined;
    const transport = startingWith((given) => {
      host = given;
      return Promise.resolve();
    });
    const happen = initializeHappen({ transport });
    await happen.ready();
    host?.status('disconnected', 'the cable is out');
    host?.status('reconnecting');
    expect(happen.health()).toEqual({
      status: 'degraded',
      live: true,
      ready: false,
      reasons: [{ code: 'reconnecting', message: 'The transport is disconnected and tries again: the cable is out' }],
    });
    host?.status('reconnected');
    expect(happen.health()).toEqual(well);
    host?.status('disconnected');
    expect(happen.health().reasons).toEqual([{ code: 'disconnected', message: 'The transport is disconnected.' }]);
    await happen.close();
  });

  it('is down for good when the transport could not be started', async () => {
    const happen = initializeHappen({ transport: startingWith(() => Promise.reject(new Error('no such host'))) });
    await happen.ready().catch(() => {});
    expect(happen.health()).toMatchObject({
      status: 'down',
      live: false,
      ready: false,
      reasons: [{ code: 'connection-closed', message: expect.stringContaining('test') as string }],
    });
    await happen.close();
  });

  it('names the nodes at which too many events wait, which does not make it unready', async () => {
    const happen = initializeHappen();
    const slow = happen.createNode('slow', {
      concurrency: { maxConcurrent: 1, queueLimit: 10, backpressureThreshold: 0.5 },
    });
    const ends: (() => void)[] = [];
    slow.on('x', () => new Promise<void>((resolve) => void ends.push(resolve)));
    const sends = Array.from({ length: 6 }, () => slow.send({ type: 'x' }).return());
    await slow.send({ type: 'x' }).sent();
    expect(happen.health()).toEqual({
      status: 'degraded',
      live: true,
      ready: true,
      reasons: [{ code: 'backpressure', message: '6 events wait at node "slow".', node: 'slow', waiting: 6 }],
    });
    for (const send of sends) {
      ends.shift()?.();
      await send;
    }
    expect(happen.health()).toEqual(well);
    ends.shift()?.();
    await happen.close();
  });

  it('says that the space is being closed, and that it is closed', async () => {
    const happen = initializeHappen({ transport: memoryHub().transport() });
    const node = happen.createNode('a');
    await happen.ready();
    let end = (): void => {};
    node.on('x', () => new Promise<void>((resolve) => void (end = resolve)));
    await node.send({ type: 'x' }).sent();
    const closing = happen.close();
    expect(happen.health()).toMatchObject({
      status: 'down',
      live: true,
      ready: false,
      reasons: [{ code: 'closing' }],
    });
    end();
    await closing;
    expect(happen.health()).toEqual({
      status: 'down',
      live: false,
      ready: false,
      reasons: [{ code: 'closed', message: 'The space is closed.' }],
    });
  });
});
