import { initializeHappen } from '@happen/core';
import { startServer } from '@happen/nats-server';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { natsTransport } from '../../src/index.js';

describe('a connection that is there already', () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  beforeAll(async () => {
    server = await startServer({ jetstream: false });
  });
  afterAll(() => server.stop());

  it('joins spaces, and stays when they close, with nothing of theirs left on it', async () => {
    const connection = await connect({ servers: server.url, noEcho: true });
    await using there = initializeHappen({ transport: natsTransport({ servers: server.url }) });
    there.createNode('inventory').on('reserve', () => 'done');
    await there.ready();
    const subscriptions = async (): Promise<number> => {
      await connection.flush();
      const response = await fetch(`${server.monitoringUrl}/connz?subs=1&cid=${connection.info?.client_id}`);
      const { connections } = (await response.json()) as { connections: { subscriptions: number }[] };
      return connections[0]?.subscriptions ?? -1;
    };
    for (let time = 1; time <= 3; time++) {
      const here = initializeHappen({ transport: natsTransport({ connection }) });
      await here.ready();
      const orders = here.createNode('orders');
      orders.on('order.*', () => 'heard');
      expect(await orders.send('inventory', { type: 'reserve' })).toBe('done');
      expect(await subscriptions()).toBeGreaterThan(5);
      await here.close();
      expect(await subscriptions()).toBe(0);
      expect(connection.isClosed()).toBe(false);
    }
    await connection.close();
  });

  it('is refused if it hears itself', async () => {
    const connection = await connect({ servers: server.url });
    const happen = initializeHappen({ transport: natsTransport({ connection }) });
    await expect(happen.ready()).rejects.toMatchObject({
      code: 'HAPPEN_INVALID_CONFIG',
      message: 'connection: expected one made with noEcho: true; found one that hears itself.',
    });
    await happen.close();
    expect(connection.isClosed()).toBe(false);
    await connection.close();
  });

  it('is refused if it is none', () => {
    expect(() => natsTransport({ connection: {} as never })).toThrow(/^connection: expected a NatsConnection of /);
    expect(() => natsTransport({ connection: null as never })).toThrow(/^connection: expected a NatsConnection of /);
  });
});
