import { strict as assert } from 'node:assert';

/** @param {typeof import('@happen/nats')} nats */
export async function use({ natsTransport }) {
  const { initializeHappen } = await import('@happen/core');
  assert.throws(() => natsTransport({ servers: [] }), { code: 'HAPPEN_INVALID_CONFIG' });
  // Nobody listens there, and it gives up at once.
  const happen = initializeHappen({ transport: natsTransport({ servers: 'nats://127.0.0.1:1', reconnect: false }) });
  await assert.rejects(happen.ready(), { code: 'HAPPEN_DISCONNECTED' });
  await happen.close();

  const { natsTransport: byWebSocket } = await import('@happen/nats/websocket');
  class Nobody {}
  assert.equal(byWebSocket({ webSocket: Nobody }).name, 'nats');
}
