import { startCluster } from '@happen/nats-server';
import { expect, it } from 'vitest';
import { startedEnd, until } from '../ends.js';

it('hands a broadcast once to each group in a cluster, however patterns overlap, and wherever its instances are', async () => {
  await using cluster = await startCluster({ size: 3 });
  const urls = cluster.servers.map(({ url }) => url);
  await using a = await startedEnd(urls[0] as string, 's');
  await using b = await startedEnd(urls[1] as string, 's');
  await using c = await startedEnd(urls[2] as string, 's');
  await using d = await startedEnd(urls[0] as string, 's');
  const got: string[] = [];
  const take = (frame: Uint8Array): void => void got.push(new TextDecoder().decode(frame));
  b.transport.listen('g', ['order.*', '*.submitted'], take);
  c.transport.listen('g', ['*.submitted', 'order.submitted'], take);
  d.transport.listen('g', ['order.*'], take);
  await Promise.all([b.flush(), c.flush(), d.flush()]);
  // A server hears of others' listeners a little later.
  await until(() => {
    void a.publish('order.submitted', 'ready');
    return got.filter((one) => one === 'ready').length > 20;
  });
  for (const text of ['first', 'second']) {
    for (let n = 0; n < 200; n++) await a.publish('order.submitted', `${text} ${n}`);
    await until(() => got.filter((one) => one.startsWith(text)).length >= 200);
  }
  expect(got.filter((one) => one !== 'ready').sort()).toEqual(
    ['first', 'second'].flatMap((text) => Array.from({ length: 200 }, (_, n) => `${text} ${n}`)).sort(),
  );
});
