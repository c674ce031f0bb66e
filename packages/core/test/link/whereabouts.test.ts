import { expect, it } from 'vitest';
import { defineTransport, initializeHappen, type Transport, type TransportHost } from '../../src/index.js';

it('a request is known to be with the instance that was chosen for it, however many were there before', async () => {
  let host: TransportHost | undefined;
  const silent: Transport = {
    name: 'silent',
    supports: { ordered: true, loss: 'possible', duplicates: 'none', unreachable: false, maxFrameBytes: 1_048_576 },
    async start(given) {
      host = given;
      given.status('connected');
    },
    async stop() {
      host?.status('closed');
    },
    attach: () => ({ close() {} }),
    listen: () => ({ close() {}, async update() {} }),
    publish: async () => {},
    addressFor: (id) => ({ kind: 'node', id, instance: 'chosen' }),
  };
  await using happen = initializeHappen({ transport: defineTransport(silent) });
  await happen.ready();
  const asker = happen.createNode('asker');
  const stop = new AbortController();
  const before = Array.from({ length: 1_024 }, () =>
    asker.send('worker', { type: 'work' }, { signal: stop.signal }).return(),
  );
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 0));
  stop.abort();
  expect((await Promise.allSettled(before)).every(({ status }) => status === 'rejected')).toBe(true);
  const last = asker.send('worker', { type: 'work' }, { timeout: 500 }).return();
  const outcome = last.catch(({ code }: { code: string }) => code);
  await new Promise((resolve) => setTimeout(resolve, 0));
  host?.gone?.('chosen');
  expect(await outcome).toBe('HAPPEN_DISCONNECTED');
});
