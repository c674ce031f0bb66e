import { initializeHappen } from '@happen/core';
import { type NatsServer, startServer } from '@happen/nats-server';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { partsOf } from '../../src/frames/parts.js';
import { natsTransport } from '../../src/index.js';
import { startedEnd, until } from '../ends.js';

let spaces = 0;

describe('what others announce and send', () => {
  let server: NatsServer;
  let stranger: NatsConnection;
  let space = '';
  beforeAll(async () => {
    server = await startServer({ jetstream: false });
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    space = `strangers-${++spaces}`;
    stranger = await connect({ servers: server.url });
  });
  afterEach(() => stranger.close());

  it('is answered a few times in a second, however often they ask who is there', async () => {
    await using end = await startedEnd(server.url, space);
    let said = 0;
    stranger.subscribe(`${space}.here.*`, { callback: () => void said++ });
    await stranger.flush();
    const begun = performance.now();
    for (let time = 0; time < 5_000; time++) stranger.publish(`${space}.who.=all`);
    await stranger.flush();
    // An answer is on its way, and so is everything that was said before it.
    await until(() => said > 0);
    await end.flush();
    await stranger.flush();
    expect(said).toBeLessThan(5 + (performance.now() - begun) / 100);
  });

  it('does not have a group get a frame more than once, however often they name it', async () => {
    await using end = await startedEnd(server.url, space);
    let got = 0;
    const done = new Promise<void>((resolve) => {
      end.transport.listen('last', ['x'], () => resolve());
    });
    end.transport.listen('g', ['x'], () => void got++);
    await end.flush();
    const groups = JSON.stringify([...Array.from({ length: 5_000 }, () => 'g'), 'last']);
    for (const part of partsOf('broadcast', groups, 1, new Uint8Array(1_000), 900_000)) {
      stranger.publish(`${space}.part.${end.instance}.evil`, part);
    }
    await done;
    expect(got).toBe(1);
  });

  it('does not hide nodes behind one that can not be read, and has no patterns without end', async () => {
    await using end = await startedEnd(server.url, space);
    const node = (id: string, patterns: unknown) => ({ id, patterns, exclusive: false });
    const nodes = [
      node(
        'many',
        Array.from({ length: 1_001 }, (_, at) => `p${at}`),
      ),
      node('long', ['x'.repeat(9_000)]),
      node('none', 7),
      node('fine', ['a.*']),
    ];
    stranger.publish(`${space}.here.evil`, JSON.stringify({ kind: 'all', revision: 1, part: 0, parts: 1, nodes }));
    await until(() => end.transport.directory.nodes().length > 0);
    expect(end.transport.directory.nodes()).toMatchObject([{ id: 'fine', patterns: ['a.*'] }]);
  });

  it('says of its own nodes what fits, however much they listen to', async () => {
    await using watching = await startedEnd(server.url, space);
    await using happen = initializeHappen({ transport: natsTransport({ servers: server.url, space }) });
    await happen.ready();
    for (let id = 0; id < 60; id++) {
      const node = happen.createNode(`node-${id}`);
      for (let type = 0; type < 250; type++) node.on(`a.rather.long.type.of.events.number.${id}.${type}`, () => {});
    }
    happen.createNode('small').on('one', () => {});
    await until(() => watching.transport.directory.nodes().length === 61);
    const patternsOf = (id: string) => watching.transport.directory.nodes().find((node) => node.id === id)?.patterns;
    await until(() => patternsOf('node-59')?.join() === '**');
    await until(() => patternsOf('small')?.join() === 'one');
  });

  it('does not keep a large broadcast from the others when one announces very many nodes', async () => {
    await using sender = await startedEnd(server.url, space);
    await using receiver = await startedEnd(server.url, space);
    let bytes = 0;
    receiver.transport.listen('g', ['large'], (frame) => void (bytes = frame.length));
    await receiver.flush();
    const nodes = Array.from({ length: 50 }, (_, at) => ({
      id: `${'n'.repeat(500)}${at}`,
      patterns: ['**'],
      exclusive: false,
    }));
    for (let part = 0; part < 8; part++) {
      const own = nodes.map((node) => ({ ...node, id: `${node.id}-${part}` }));
      stranger.publish(`${space}.here.evil`, JSON.stringify({ kind: 'all', revision: 1, part, parts: 8, nodes: own }));
    }
    await until(() => sender.transport.directory.nodes().length > 400);
    await sender.transport.publish({ kind: 'broadcast', type: 'large', sender: 's' }, new Uint8Array(2_000_000));
    await until(() => bytes === 2_000_000);
  });
});

describe('a connection that is not ours', () => {
  it('stays, whatever becomes of the transport', async () => {
    await using server = await startServer({ jetstream: false });
    const connection = await connect({ servers: server.url, noEcho: true });
    const early = initializeHappen({ transport: natsTransport({ connection }) });
    await early.close();
    const demanding = initializeHappen({ transport: natsTransport({ connection, jetstream: true }) });
    await expect(demanding.ready()).rejects.toMatchObject({ code: 'HAPPEN_DISCONNECTED' });
    await demanding.close();
    expect(connection.isClosed()).toBe(false);
    await connection.close();
  });
});
