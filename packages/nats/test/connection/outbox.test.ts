import { connect } from '@nats-io/transport-node';
import { type NatsServer, startProxy, startServer } from '@happen/nats-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { natsTransport } from '../../src/index.js';
import { startedEnd, until } from '../ends.js';

let server: NatsServer;
beforeAll(async () => {
  server = await startServer({ jetstream: false });
});
afterAll(() => server.stop());

it('keeps frames in order while there is no connection, up to its bound, and refuses the rest with a code', async () => {
  await using proxy = await startProxy({ to: server.url });
  await using a = await startedEnd(proxy.url, 'outbox', { options: { outboxBytes: 100_000 } });
  await using b = await startedEnd(server.url, 'outbox');
  const got: string[] = [];
  b.transport.listen('g', ['t'], (frame) => void got.push(new TextDecoder().decode(frame)));
  await b.flush();
  proxy.cut();
  await until(() => a.status.includes('disconnected'));
  const fates = Array.from({ length: 200 }, (_, n) =>
    a.publish('t', `${n}`.padEnd(1_000)).then(
      () => 'left',
      (error: { code: string }) => error.code,
    ),
  );
  proxy.heal();
  const settled = await Promise.all(fates);
  expect(settled).toEqual([...Array<string>(100).fill('left'), ...Array<string>(100).fill('HAPPEN_DISCONNECTED')]);
  await until(() => got.length === 100);
  expect(got.map(Number)).toEqual(Array.from({ length: 100 }, (_, n) => n));
});

it('takes an open connection that does not hear itself, and leaves it open', async () => {
  const connection = await connect({ servers: server.url, noEcho: true });
  await using other = await startedEnd(server.url, 'given');
  {
    await using a = await startedEnd('', '', { transport: natsTransport({ connection, space: 'given' }) });
    let got = 0;
    other.transport.listen('g', ['t'], () => void got++);
    await other.flush();
    await a.publish('t', 'x');
    await until(() => got === 1);
  }
  expect(connection.isClosed()).toBe(false);
  await connection.flush();
  await connection.close();
});

it('refuses an open connection that hears itself', async () => {
  const connection = await connect({ servers: server.url });
  await expect(startedEnd('', '', { transport: natsTransport({ connection, space: 'echo' }) })).rejects.toMatchObject({
    code: 'HAPPEN_INVALID_CONFIG',
    details: { path: 'connection' },
  });
  expect(connection.isClosed()).toBe(false);
  await connection.close();
});
