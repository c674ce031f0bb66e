import { type NatsServer, startServer } from '@happen/nats-server';
import { eachServer } from '@happen/nats-server/vitest';
import { transportContract } from '@happen/testing/vitest';
import { afterAll, beforeAll, describe } from 'vitest';
import { natsTransport } from '../src/index.js';

let networks = 0;

describe.each(eachServer)('on the $version server', ({ version }) => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startServer({ serverVersion: version, jetstream: false });
  });
  afterAll(() => server.stop());

  transportContract({
    label: 'NATS over TCP',
    async open() {
      const space = `network-${++networks}`;
      return {
        join: () => natsTransport({ servers: server.url, space, reconnectTimeWait: 50 }),
        close: async () => {},
      };
    },
  });
});
