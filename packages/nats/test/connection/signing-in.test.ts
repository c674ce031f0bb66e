import { fileURLToPath } from 'node:url';
import { type NatsServer, startServer } from '@happen/nats-server';
import { eachServer } from '@happen/nats-server/vitest';
import { nkeys } from '@nats-io/nats-core';
import { WebSocket } from 'ws';
import { describe, expect, it } from 'vitest';
import type { NatsTransportOptions } from '../../src/options.js';
import { natsTransport as byWebSocket } from '../../src/websocket.js';
import { endOf, startedEnd, until } from '../ends.js';
import { operatorMode } from './operator.js';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

interface Way {
  readonly name: string;
  /** What the server is configured with, and what lets one in and what does not. */
  make(): { config: string; right: NatsTransportOptions; wrong: NatsTransportOptions };
}

const ways: readonly Way[] = [
  {
    name: 'user and password',
    make: () => ({
      config: 'authorization { user: ada, password: "p w" }',
      right: { user: 'ada', password: 'p w' },
      wrong: { user: 'ada', password: 'other' },
    }),
  },
  {
    name: 'token',
    make: () => ({ config: 'authorization { token: "t0ken" }', right: { token: 't0ken' }, wrong: { token: 'other' } }),
  },
  {
    name: 'nkey',
    make: () => {
      const user = nkeys.createUser();
      return {
        config: `authorization { users: [ { nkey: ${user.getPublicKey()} } ] }`,
        right: { nkey: text(user.getSeed()) },
        wrong: { nkey: text(nkeys.createUser().getSeed()) },
      };
    },
  },
  {
    name: 'JWT',
    make: () => {
      const { config, credentials, stranger } = operatorMode();
      return { config, right: { credentials }, wrong: { credentials: stranger } };
    },
  },
];

describe.each(eachServer)('on the $version server', ({ version }) => {
  describe.each(ways)('that demands $name', ({ name, make }) => {
    it('lets in who has it, by TCP and by WebSocket', async () => {
      const { config, right } = make();
      await using server = await startServer({ serverVersion: version, jetstream: false, config });
      await using a = await startedEnd(server.url, 's', { options: right });
      const transport = byWebSocket({
        servers: server.webSocketUrl,
        space: 's',
        webSocket: WebSocket,
        ...(right as object),
      });
      await using b = await startedEnd('', '', { transport });
      let got = 0;
      b.transport.listen('g', ['t'], () => void got++);
      await b.flush();
      await a.publish('t', name);
      await until(() => got === 1);
    });

    it('refuses others once, clearly, and without their secret', async () => {
      const { config, wrong } = make();
      await using server = await startServer({ serverVersion: version, jetstream: false, config });
      for (const options of [wrong, {}]) {
        const end = endOf(server.url, 's', { options });
        const waited = end.transport.directory.waitFor('anybody').catch((cause: unknown) => cause);
        const error = await end.start().then(
          () => undefined,
          (cause: unknown) => cause as Error,
        );
        expect(error).toMatchObject({ code: 'HAPPEN_DISCONNECTED' });
        expect(error?.message).toMatch(/credentials/);
        // Nobody waits for nodes that can't be heard of any more, whenever he begins to.
        expect(await waited).toBe(error);
        await expect(end.transport.directory.waitFor('anybody')).rejects.toBe(error);
        for (const secret of Object.values(wrong))
          expect(String(error?.stack)).not.toContain(String(secret).slice(0, 40));
        await end.transport.stop();
      }
    });
  });

  it('speaks TLS with a server that demands it, and only with one it can trust', async () => {
    const file = (name: string): string => fileURLToPath(new URL(`./tls/${name}`, import.meta.url));
    const tls = { certFile: file('server.pem'), keyFile: file('server-key.pem'), caFile: file('ca.pem'), verify: true };
    await using server = await startServer({ serverVersion: version, jetstream: false, tls });
    const client = { caFile: file('ca.pem'), certFile: file('client.pem'), keyFile: file('client-key.pem') };
    await using a = await startedEnd(server.url, 's', { options: { tls: client } });
    expect(a.status).toEqual(['connected']);
    for (const untrusted of [{ ...client, caFile: file('other-ca.pem') }, { caFile: file('ca.pem') }]) {
      const end = endOf(server.url, 's', { options: { tls: untrusted, reconnect: false } });
      await expect(end.start()).rejects.toMatchObject({ code: 'HAPPEN_DISCONNECTED' });
      await end.transport.stop();
    }
  });
});

it('does not go on trying when what was right at first is refused later', async () => {
  const server: NatsServer = await startServer({ jetstream: false, config: 'authorization { token: one }' });
  const { port } = server;
  await using end = await startedEnd(server.url, 's', { options: { token: 'one', reconnectTimeWait: 20 } });
  await server.stop();
  await using other = await startServer({
    jetstream: false,
    config: 'authorization { token: two }',
    ports: { client: port },
  });
  expect(other.port).toBe(port);
  await until(() => end.status.at(-1) === 'closed');
  await expect(end.publish('t', 'x')).rejects.toMatchObject({ code: 'HAPPEN_DISCONNECTED' });
});
