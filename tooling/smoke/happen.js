import { strict as assert } from 'node:assert';

/** @param {typeof import('happen')} happen */
export async function use({ initializeHappen, HappenError }) {
  // Nobody listens there: what is in this process works all the same.
  const { createNode, close } = initializeHappen({
    nats: { connection: { servers: 'nats://127.0.0.1:1' } },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  const greeter = createNode('greeter', { delivery: 'at-most-once' });
  greeter.on('greet', (event) => `Hello, ${event.payload}`);
  assert.equal(await createNode('visitor').send(greeter, { type: 'greet', payload: 'Ada' }), 'Hello, Ada');
  await close();

  assert.throws(
    () => initializeHappen({ nats: { connection: { servers: [] } } }),
    (error) => error instanceof HappenError && error.code === 'HAPPEN_INVALID_CONFIG',
  );
}
