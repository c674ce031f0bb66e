import { readFileSync } from 'node:fs';
import { type NatsServer, startServer } from '@happen/nats-server';
import { eachServer } from '@happen/nats-server/vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Logger, silentLogger } from '@happen/core';
import { startedEnd, until } from '../ends.js';

/** What the documentation gives to a process that has the node `till` and nothing else. */
const page = readFileSync(new URL('../../../../docs/distributed.md', import.meta.url), 'utf8');
const [config] = /^authorization \{[\s\S]*?^\}/m.exec(page) ?? [];
if (config === undefined) throw new Error('docs/distributed.md has no block of permissions any more.');
const withAnother = config.replace('users = [', 'users = [ { user: all, password: all }');

/** Gathers what the server has refused. */
function refusals(): { readonly messages: string[]; readonly logger: Logger } {
  const messages: string[] = [];
  const error: Logger['error'] = (_details, message) => void messages.push(message);
  return { messages, logger: { ...silentLogger, error } };
}

const till = { user: 'till', password: 'secret' };
const all = { user: 'all', password: 'all' };

describe.each(eachServer)('on the $version server', ({ version }) => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startServer({
      serverVersion: version,
      jetstream: false,
      config: withAnother,
    });
  });
  afterAll(() => server.stop());

  it('lets a process publish as its own nodes and no other', async () => {
    const { messages: refused, logger } = refusals();
    await using shop = await startedEnd(server.url, 'happen', { options: till, logger });
    await using other = await startedEnd(server.url, 'happen', { options: all });
    const heard: string[] = [];
    other.transport.listen('g', ['order.*', 'the.end'], (frame) => void heard.push(new TextDecoder().decode(frame)));
    await other.flush();
    const say = (sender: string, type: string, text: string): Promise<void> =>
      shop.transport.publish({ kind: 'broadcast', type, sender }, new TextEncoder().encode(text));
    await say('till', 'order.submitted', 'as till');
    await say('payments', 'order.submitted', 'as payments');
    await say('till.x', 'order.submitted', 'as till.x');
    await say('till', 'the.end', 'as till again');
    await until(() => heard.includes('as till again'));
    expect(heard).toEqual(['as till', 'as till again']);
    await until(() => refused.length === 2);
    expect(refused.join()).toMatch(/Permissions Violation.*payments/i);
  });

  it('lets it do all that its own nodes need', async () => {
    const { messages: refused, logger } = refusals();
    await using shop = await startedEnd(server.url, 'happen', { options: till, logger });
    await using other = await startedEnd(server.url, 'happen', { options: all });
    const got: string[] = [];
    const take = (where: string) => () => void got.push(where);
    shop.transport.attach({ kind: 'node', id: 'till' }, take('node'));
    shop.transport.attach({ kind: 'instance', id: shop.instance }, take('instance'));
    shop.transport.listen('till', ['payment.*'], take('broadcast'));
    other.transport.attach({ kind: 'instance', id: other.instance }, take('reply'));
    await Promise.all([shop.flush().catch(() => {}), other.flush()]);
    const frame = new Uint8Array(100);
    await other.transport.publish({ kind: 'node', id: 'till' }, frame);
    await other.transport.publish({ kind: 'instance', id: shop.instance }, new Uint8Array(2_000_000));
    await other.publish('payment.taken', 'x');
    await shop.transport.publish({ kind: 'instance', id: other.instance }, frame);
    await shop.transport.publish({ kind: 'node', id: 'nobody' }, frame);
    await until(() => got.length === 4 && shop.undeliverable.length === 1);
    expect([...got].sort()).toEqual(['broadcast', 'instance', 'node', 'reply']);
    expect(shop.transport.directory.nodes().map(({ id }) => id)).toContain('till');
    expect(refused.filter((message) => !message.includes('flushing'))).toEqual([]);
  });
});
