import { type NatsServer, startServer } from '@happen/nats-server';
import { eachServer } from '@happen/nats-server/vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startedEnd, until } from '../ends.js';

describe.each(eachServer)('patterns of a group, on the $version server', ({ version }) => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startServer({ serverVersion: version, jetstream: false });
  });
  afterAll(() => server.stop());

  it('hands a broadcast over once where patterns overlap and none covers the other', async () => {
    const space = `overlap-${version}`;
    await using a = await startedEnd(server.url, space);
    await using b = await startedEnd(server.url, space);
    const got: string[] = [];
    b.transport.listen('g', ['order.*', '*.submitted', 'order.last'], (frame) => void got.push(text(frame)));
    await b.flush();
    for (let n = 0; n < 200; n++) await a.publish('order.submitted', String(n));
    await a.publish('order.last', 'last');
    await until(() => got.includes('last'));
    expect(got).toEqual([...Array.from({ length: 200 }, (_, n) => String(n)), 'last']);
  });

  it('hands a broadcast to one instance of a group whose instances have different patterns', async () => {
    const space = `different-${version}`;
    await using a = await startedEnd(server.url, space);
    await using b = await startedEnd(server.url, space);
    await using c = await startedEnd(server.url, space);
    const got: string[] = [];
    b.transport.listen('g', ['order.*', 'b.last'], (frame) => void got.push(text(frame)));
    c.transport.listen('g', ['*.submitted', 'c.last'], (frame) => void got.push(text(frame)));
    await Promise.all([b.flush(), c.flush()]);
    for (let n = 0; n < 200; n++) await a.publish('order.submitted', String(n));
    await a.publish('b.last', 'b');
    await a.publish('c.last', 'c');
    await until(() => got.includes('b') && got.includes('c'));
    expect(got.filter((one) => /^\d/.test(one)).sort((x, y) => Number(x) - Number(y))).toEqual(
      Array.from({ length: 200 }, (_, n) => String(n)),
    );
  });
});

function text(frame: Uint8Array): string {
  return new TextDecoder().decode(frame);
}
