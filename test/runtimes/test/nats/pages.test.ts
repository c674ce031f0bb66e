import { type NatsServer, startServer } from '@happen/nats-server';
import { eachServer } from '@happen/nats-server/vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Participant, takePart } from '../../src/nats/participant.js';
import { type OpenPage, useChromium } from '../browser.js';
import { bundle } from '../bundle.js';
import { askOnceThere, until } from './askers.js';
import { expected } from './expected.js';

const open = useChromium();

let scripts: ReadonlyMap<string, string>;

beforeAll(async () => {
  scripts = await bundle('nats');
});

it('is bundled with the half that is meant for pages, and nothing of Node', () => {
  expect([...scripts.keys()].sort()).toEqual(['/page.js', '/web-worker.js']);
  for (const script of scripts.values()) {
    expect(script).toContain('ws://localhost:9222');
    expect(script).not.toMatch(/from ["']node:|\bBuffer\.from\b|\bprocess\.env\b|NATS_URL/);
  }
});

describe.each(eachServer)('a page and a Web Worker on the $version server', ({ version }) => {
  let server: NatsServer;
  let here: Participant;
  let opened: OpenPage;

  beforeAll(async () => {
    server = await startServer({ serverVersion: version, jetstream: false });
    here = takePart('server', { connection: { server: { servers: [server.url] }, reconnectTimeWait: 50 } });
    await here.happen.ready();
    opened = await open(scripts);
    await opened.page.evaluate(`join(${JSON.stringify(server.webSocketUrl)})`);
  });

  afterAll(async () => {
    await opened?.[Symbol.asyncDispose]();
    await here?.leave();
    await server?.stop();
  });

  it.each(['page', 'worker'])('answers Node from a %s', async (id) => {
    expect(await here.converse(id)).toEqual(expected);
  });

  it.each([
    ['page', 'server'],
    ['worker', 'server'],
    ['page', 'worker'],
  ])('is asked everything by a %s, and answers as a %s', async (id, other) => {
    expect(await here.ask(id, { type: 'converse', payload: other })).toEqual(expected);
  });

  it('comes back by itself when the server does, and says so', async () => {
    expect(opened.errors).toEqual([]);
    await server.kill();
    await until(() => here.statuses.includes('disconnected'));
    await server.restart();
    await until(() => here.statuses.includes('reconnected'));
    for (const id of ['page', 'worker']) {
      expect(await askOnceThere(here, id, { type: 'statuses' })).toEqual([
        'connected',
        'disconnected',
        'reconnecting',
        'reconnected',
      ]);
      expect(await here.ask(id, { type: 'converse', payload: 'server' })).toEqual(expected);
    }
    // Chromium itself tells of each attempt in vain.
    expect(opened.errors.filter((each) => !/^WebSocket connection to .* failed/.test(each))).toEqual([]);
  });

  it('leaves when it closes, and has nothing left undone', async () => {
    const left = opened.page.evaluate('left()');
    for (const id of ['page', 'worker']) await here.ask(id, { type: 'leave' });
    const farewell = { unfinished: 0, statuses: expect.arrayContaining(['closed']) as unknown };
    expect(await left).toEqual({ page: farewell, worker: farewell });
    for (const id of ['page', 'worker'])
      await expect(here.ask(id, { type: 'echo' })).rejects.toMatchObject({ code: 'HAPPEN_NO_SUCH_NODE' });
  });
});
