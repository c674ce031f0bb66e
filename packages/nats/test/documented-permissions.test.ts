import { readFileSync } from 'node:fs';
import { initializeHappen, silentLogger } from '@happen/core';
import { startServer } from '@happen/nats-server';
import { expect, it } from 'vitest';
import { natsTransport } from '../src/index.js';

const page = readFileSync(new URL('../../../docs/distributed.md', import.meta.url), 'utf8');
const [, block = ''] = /^```conf\n([\s\S]*?)^```$/m.exec(page) ?? [];
/** The user of the page, and one who may do anything. */
const config = block.replace(/users = \[/, 'users = [ { user: desk, password: other },');

it('a process with the permissions of the documentation can do its work, and broadcast in no other name', async () => {
  await using server = await startServer({ jetstream: false, config });
  const complaints: string[] = [];
  const logger = { ...silentLogger, error: (_: object, message: string) => void complaints.push(message) };
  const open = (user: string, password: string) =>
    initializeHappen({ transport: natsTransport({ servers: server.url, user, password }), logger });
  await using till = open('till', 'secret');
  await using desk = open('desk', 'other');
  await Promise.all([till.ready(), desk.ready()]);

  const own = till.createNode('till');
  const other = desk.createNode('desk');
  own.on('ask', ({ payload }) => payload * 2);
  other.on('ask', ({ payload }) => payload * 3);
  const heard: string[] = [];
  other.on('told', ({ context }) => void heard.push(context.causal.sender));
  const told = new Promise<void>((resolve) => other.on('last', () => resolve()));
  expect(await own.send('desk', { type: 'ask', payload: 5 })).toBe(15);
  expect(await other.send('till', { type: 'ask', payload: 5 })).toBe(10);

  await own.broadcast({ type: 'told' }).sent();
  // A node of that name may live anywhere; this process may not speak for it.
  const foreign = till.createNode('ledger');
  await foreign.broadcast({ type: 'told' }).sent();
  await own.broadcast({ type: 'last' }).sent();
  await told;
  expect(heard).toEqual(['till']);
  await expect
    .poll(() => complaints.some((complaint) => /publish.*happen\.all\.ledger\.told/i.test(complaint)))
    .toBe(true);
});
