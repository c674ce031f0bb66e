import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import {
  type Address,
  defineTransport,
  initializeHappen,
  type PlacedAddress,
  type Transport,
  type TransportHost,
} from '../../src/index.js';

const shared: PlacedAddress = { kind: 'node', id: 'till', instance: 'shop', shared: true };

/** A transport that writes down what is published, and to which addresses. */
async function spaceWith(addressFor: Transport['addressFor']) {
  let host: TransportHost | undefined;
  const published: { readonly to: Address; readonly frame: Uint8Array }[] = [];
  const transport: Transport = {
    name: 'written',
    supports: { ordered: true, loss: 'possible', duplicates: 'none', unreachable: true, maxFrameBytes: 1_048_576 },
    async start(given) {
      host = given;
      given.status('connected');
    },
    async stop() {
      host?.status('closed');
    },
    attach: () => ({ close() {} }),
    listen: () => ({ close() {}, async update() {} }),
    publish: async (to, frame) => void published.push({ to, frame }),
    ...(addressFor && { addressFor }),
  };
  const happen = initializeHappen({ transport: defineTransport(transport) });
  await happen.ready();
  return { happen, published, host: host as TransportHost, asker: happen.createNode('asker') };
}

it('what goes to one shared address in a turn is one frame, and never one with what goes to the node of that address alone', async () => {
  const { happen, published, asker } = await spaceWith((id, affinity) =>
    affinity === 'alone' ? { kind: 'node', id: 'till', instance: 'shop' } : shared,
  );
  asker.send('till', { type: 'open' });
  asker.send('till', { type: 'open' }, { key: 'alone' });
  asker.send('safe', { type: 'open' });
  await turn();
  const addresses = published.map(({ to }) => to);
  expect(addresses).toEqual([shared, { kind: 'node', id: 'till', instance: 'shop' }]);
  await happen.close();
});

it('what came back goes to each node by its own address, once, and then says which of them is not there', async () => {
  const { happen, published, host, asker } = await spaceWith(() => shared);
  const failures: unknown[] = [];
  happen.on(
    'node.error',
    ({ payload }) => void failures.push((payload as { error: { message: string } }).error.message),
  );
  const asked = asker.send('safe', { type: 'open' }).return();
  const outcome = asked.catch(({ code, details }: { code: string; details: unknown }) => [code, details]);
  asker.send('till', { type: 'open' });
  await turn();
  const [first] = published.splice(0);
  host.undeliverable(first?.to as Address, first?.frame as Uint8Array);
  await turn();
  const again = published.splice(0);
  expect(again.map(({ to }) => to)).toEqual([
    { kind: 'node', id: 'safe' },
    { kind: 'node', id: 'till' },
  ]);
  for (const { to, frame } of again) host.undeliverable(to, frame);
  expect(await outcome).toEqual(['HAPPEN_NO_SUCH_NODE', { node: 'safe' }]);
  await turn();
  expect(published).toEqual([]);
  expect(failures).toHaveLength(1);
  expect(String(failures[0])).toContain('"till"');
  await happen.close();
});

it('what was given up meanwhile is not sent again', async () => {
  const { happen, published, host, asker } = await spaceWith(() => shared);
  const stop = new AbortController();
  const asked = asker.send('safe', { type: 'open' }, { signal: stop.signal }).return();
  await turn();
  const [first] = published.splice(0);
  stop.abort();
  await expect(asked).rejects.toMatchObject({ code: 'HAPPEN_CANCELLED' });
  await turn();
  published.length = 0;
  host.undeliverable(first?.to as Address, first?.frame as Uint8Array);
  await turn();
  expect(published).toEqual([]);
  await happen.close();
});
