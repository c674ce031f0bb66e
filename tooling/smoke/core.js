import { strict as assert } from 'node:assert';

/** @param {typeof import('@happen/core')} core */
export async function use({ initializeHappen }) {
  const happen = initializeHappen();
  const greeter = happen.createNode('greeter');
  const visitor = happen.createNode('visitor');
  greeter.on('greet', (event) => ({ greeting: `Hello, ${event.payload.name}` }));

  const answer = await visitor.send(greeter, { type: 'greet', payload: { name: 'Ada' } });
  assert.deepEqual(answer, { greeting: 'Hello, Ada' });

  assert.equal('send' in Array.prototype, false);
  await import('@happen/core/array');
  const answers = await [greeter].send({ type: 'greet', payload: { name: 'Bo' } });
  assert.deepEqual({ ...answers }, { greeter: { greeting: 'Hello, Bo' } });
  await happen.close();
}
