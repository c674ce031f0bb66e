import { strict as assert } from 'node:assert';

/** The optional peer of an entry. */
export const alsoInstall = ['@opentelemetry/api@1.9.0'];

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

  const { messagePortTransport } = await import('@happen/core/message-port');
  const { port1, port2 } = new MessageChannel();
  const [here, there] = [port1, port2].map((port) => initializeHappen({ transport: messagePortTransport(port) }));
  there?.createNode('far').on('double', (event) => event.payload * 2);
  assert.equal(await here?.createNode('near').send('far', { type: 'double', payload: 4 }), 8);
  await Promise.all([here?.close(), there?.close()]);

  const { trace } = await import('@opentelemetry/api');
  const { otel } = await import('@happen/core/otel');
  /** @type {string[]} */
  const spans = [];
  trace.setGlobalTracerProvider({
    getTracer: () => ({
      startSpan(name) {
        spans.push(name);
        return trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 1 });
      },
      startActiveSpan: () => assert.fail('the active span is not for a library to set'),
    }),
  });
  const traced = initializeHappen({ extensions: [otel()] });
  const node = traced.createNode('node');
  node.on('ping', () => 'pong');
  assert.equal(await node.send({ type: 'ping' }), 'pong');
  assert.deepEqual(spans, ['send ping', 'process ping']);
  await traced.close();
}
