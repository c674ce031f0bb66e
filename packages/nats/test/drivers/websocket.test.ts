import { type NatsServer, startServer } from '@happen/nats-server';
import { eachServer } from '@happen/nats-server/vitest';
import { transportContract } from '@happen/testing/vitest';
import { afterAll, beforeAll, describe } from 'vitest';
import { WebSocket } from 'ws';
import { natsTransport } from '../../src/websocket.js';
import { type MakeEnd, networkAt } from './network.js';

const makeEnd: MakeEnd = (port, space) =>
  natsTransport({
    servers: `ws://127.0.0.1:${port}`,
    space,
    reconnectTimeWait: 20,
    maxFrameBytes: 8_388_608,
    webSocket: WebSocket,
  });

describe.each(eachServer)('on the $version server', ({ version }) => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startServer({ serverVersion: version, jetstream: false });
  });
  afterAll(() => server.stop());

  transportContract({
    label: `NATS by WebSocket, on the ${version} server`,
    open: () => networkAt(server.webSocketPort, makeEnd),
    patienceMs: 20_000,
  });
});
