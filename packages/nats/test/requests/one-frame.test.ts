import { createIdentity, initializeHappen, type SecurityConfig, type Space } from '@happen/core';
import { type NatsServer, startServer } from '@happen/nats-server';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { encodeAnnouncement } from '../../src/directory/announcement.js';
import { type NatsJoin, natsTransport } from '../../src/index.js';
import { until } from '../ends.js';

let server: NatsServer;
let tap: NatsConnection;
beforeAll(async () => {
  server = await startServer({ jetstream: false, websocket: false });
  tap = await connect({ servers: server.url });
});
afterAll(async () => {
  await tap.close();
  await server.stop();
});

let spaces = 0;

interface Joined {
  readonly space: Space;
  readonly transport: NatsJoin;
}

const ids = Array.from({ length: 16 }, (_, at) => `shop-${at}`);

/** Spaces that join one another, and every frame to a node that the server hands over. */
async function network(security?: SecurityConfig) {
  const name = `one-frame-${++spaces}`;
  const frames: string[] = [];
  const watching = tap.subscribe(`${name}.node.>`, {
    callback: (_error, { subject, data }) => {
      // What asks for a proof is shorter than any frame.
      if (data.length > 16) frames.push(subject);
    },
  });
  await tap.flush();
  // While somebody hears everything, the server never says that nobody takes a frame.
  const stopWatching = (): void => watching.unsubscribe();
  onTestFinished(stopWatching);
  const join = async (): Promise<Joined> => {
    const transport = natsTransport({ servers: server.url, space: name, reconnectTimeWait: 50 });
    const space = initializeHappen({
      transport,
      limits: { maxFrameBytes: 4_194_304, maxPayloadBytes: 2_000_000 },
      ...(security && { security }),
    });
    onTestFinished(async () => void (await space.close({ timeout: 100 })));
    await space.ready();
    return { space, transport };
  };
  return { name, frames, join, stopWatching, framesSeen: async () => (await tap.flush(), frames.splice(0)) };
}

const knows = ({ transport }: Joined, ...wanted: readonly string[]): Promise<void> =>
  until(() => wanted.every((id) => transport.directory.nodes().some((node) => node.id === id)));

/** Sends until all that goes there at a time goes in one frame. */
async function untilShared(asker: ReturnType<Space['createNode']>, seen: () => Promise<string[]>, to = ids) {
  await seen();
  for (;;) {
    await asker.send(to, { type: 'warm-up' }).return();
    const frames = await seen();
    if (frames.length === 1) return frames[0] as string;
    await pause(5);
  }
}

it('sends to many nodes of a process in one frame', async () => {
  const { join, framesSeen } = await network();
  const [here, there] = [await join(), await join()];
  const got: string[] = [];
  for (const id of ids) {
    const node = there.space.createNode(id);
    node.on('warm-up', () => true);
    node.on('sale', ({ payload }, { sender }) => {
      got.push(`${id} ${String((payload as { percent: number }).percent)} from ${sender}`);
      return id;
    });
  }
  const asker = here.space.createNode('head-office');
  await knows(here, ...ids);
  await untilShared(asker, framesSeen);
  const answers = await asker.send(ids, { type: 'sale', payload: { percent: 20 } }).return();
  expect(answers).toEqual(Object.fromEntries(ids.map((id) => [id, id])));
  expect(await framesSeen()).toHaveLength(1);
  expect(got.sort()).toEqual(ids.map((id) => `${id} 20 from head-office`).sort());
  // Nobody asks, and it is several sends in one turn.
  got.length = 0;
  for (const id of ids) asker.send(id, { type: 'sale', payload: { percent: 30 } });
  await until(() => got.length === ids.length);
  expect(await framesSeen()).toHaveLength(1);
});

it('signs a frame for each node, which nobody can take for one to another', async () => {
  const { join, framesSeen } = await network({ sign: true });
  const [here, there] = [await join(), await join()];
  for (const id of ids) there.space.createNode(id).on('warm-up', () => true);
  const asker = here.space.createNode('head-office');
  await knows(here, ...ids);
  for (let round = 0; round < 3; round++) {
    await framesSeen();
    const answers = await asker.send(ids, { type: 'warm-up' }).return();
    expect(Object.keys(answers)).toEqual(ids);
    expect(await framesSeen()).toHaveLength(16);
  }
});

it('goes elsewhere when the node by which they share it has moved, and loses nothing that is asked', async () => {
  const { join, framesSeen, stopWatching } = await network();
  const [here, there, elsewhere] = [await join(), await join(), await join()];
  const nodes = new Map(
    ids.map((id) => {
      const node = there.space.createNode(id);
      node.on('warm-up', () => true);
      node.on('where', () => 'there');
      return [id, node];
    }),
  );
  const asker = here.space.createNode('head-office');
  await knows(here, ...ids);
  const leader = (await untilShared(asker, framesSeen)).split('.')[2] as string;
  stopWatching();
  await tap.flush();
  const ask = async (): Promise<Record<string, unknown>> => await asker.send(ids, { type: 'where' }).return();
  // Frames are on their way while it goes.
  const before = Array.from({ length: 50 }, ask);
  const moved = elsewhere.space.createNode(leader);
  moved.on('where', () => 'elsewhere');
  await elsewhere.space.ready();
  const closing = nodes.get(leader)?.close();
  const answers = [...(await Promise.all(before)), ...(await Promise.all(Array.from({ length: 50 }, ask)))];
  await closing;
  for (const answer of answers) {
    const { [leader]: mover, ...others } = answer;
    expect(Object.values(others)).toEqual(Array<string>(15).fill('there'));
    expect(['there', 'elsewhere']).toContain(mover);
  }
  await until(() => here.transport.directory.nodes().filter(({ id }) => id === leader).length === 1);
  expect((await ask())[leader]).toBe('elsewhere');
});

it('is told of a node that has gone for good, while the others answer', async () => {
  const { join, framesSeen, stopWatching } = await network();
  const [here, there] = [await join(), await join()];
  const nodes = ids.map((id) => {
    const node = there.space.createNode(id);
    node.on('warm-up', () => true);
    return node;
  });
  const asker = here.space.createNode('head-office');
  await knows(here, ...ids);
  const leader = (await untilShared(asker, framesSeen)).split('.')[2] as string;
  stopWatching();
  await tap.flush();
  const closing = nodes.find(({ id }) => id === leader)?.close();
  const answers = await asker.send(ids, { type: 'warm-up' }).return();
  await closing;
  const codes = Object.entries(answers.errors).map(([id, { code }]) => `${id} ${code}`);
  expect(codes).toEqual([`${leader} HAPPEN_NO_SUCH_NODE`]);
  expect(Object.values(answers)).toEqual(Array<boolean>(15).fill(true));
});

it('reaches all of them again after the process has gone and come back', async () => {
  const { join, framesSeen } = await network();
  const [here, there] = [await join(), await join()];
  const start = ({ space }: Joined, name: string): void => {
    for (const id of ids) {
      const node = space.createNode(id);
      node.on('warm-up', () => true);
      node.on('where', () => name);
    }
  };
  start(there, 'first');
  const asker = here.space.createNode('head-office');
  await knows(here, ...ids);
  await untilShared(asker, framesSeen);
  await there.space.close();
  const again = await join();
  start(again, 'second');
  await knows(here, ...ids);
  expect(Object.values(await asker.send(ids, { type: 'where' }).return())).toEqual(Array<string>(16).fill('second'));
  await untilShared(asker, framesSeen);
});

it('streams, calls off and carries what is longer than a message, by the address that they share', async () => {
  const { join, framesSeen } = await network();
  const [here, there] = [await join(), await join()];
  const aborted: string[] = [];
  for (const id of ids) {
    const node = there.space.createNode(id);
    node.on('warm-up', () => true);
    node.on('count', async function* () {
      yield* [1, 2, 3];
    });
    node.on('length', ({ payload }) => (payload as Uint8Array).length);
    node.on('wait', (_event, { signal }) => {
      return new Promise((resolve) =>
        signal.addEventListener('abort', () => {
          aborted.push(id);
          resolve('too late');
        }),
      );
    });
  }
  const asker = here.space.createNode('head-office');
  await knows(here, ...ids);
  await untilShared(asker, framesSeen);
  const counted = await Promise.all(
    ids.map(async (id) => {
      const items: unknown[] = [];
      for await (const item of asker.send(id, { type: 'count' })) items.push(item);
      return items;
    }),
  );
  expect(counted).toEqual(ids.map(() => [1, 2, 3]));
  const lengths = await asker.send(ids.slice(0, 4), { type: 'length', payload: new Uint8Array(1_500_000) }).return();
  expect(Object.values(lengths)).toEqual(Array<number>(4).fill(1_500_000));
  const stop = new AbortController();
  const waiting = ids.map((id) => asker.send(id, { type: 'wait' }, { signal: stop.signal }).return());
  await asker.send(ids[0] as string, { type: 'warm-up' }).return();
  stop.abort();
  const ended = await Promise.allSettled(waiting);
  expect(ended.every(({ status }) => status === 'rejected')).toBe(true);
  await until(() => aborted.length === ids.length);
});

it('gives nobody the events of a node that he only says to have', async () => {
  const { join, name, frames } = await network();
  const here = await join();
  const asker = here.space.createNode('head-office');
  // A process that may hear what is sent to one node alone, and says that it has another one as well.
  const stranger = 'ab'.repeat(16);
  const heard: string[] = [];
  const own = tap.subscribe(`${name}.node.till.${stranger}`, {
    callback: (_error, message) => {
      if (message.data.length === 16) message.respond(message.data);
      else heard.push(message.subject);
    },
  });
  // It even answers for the other one, but can't know what.
  const asked = tap.subscribe(`${name}.node.safe.${stranger}`, {
    callback: (_error, { reply, data }) => {
      for (const length of [0, 15, 16, 17]) tap.publish(reply as string, new Uint8Array(length));
      tap.publish(
        reply as string,
        data.map((byte) => byte ^ 1),
      );
      tap.publish(`${name}.part.${String(reply?.split('.')[2])}.${'cd'.repeat(16)}`, new Uint8Array(data));
    },
  });
  onTestFinished(() => {
    own.unsubscribe();
    asked.unsubscribe();
  });
  const nodes = ['till', 'safe'].map((id) => ({ id, patterns: [], exclusive: false }));
  tap.publish(`${name}.here.${stranger}`, encodeAnnouncement({ kind: 'all', revision: 1, part: 0, parts: 1, nodes }));
  await knows(here, 'till', 'safe');
  const send = (): void => {
    asker.send('till', { type: 'count' });
    asker.send('safe', { type: 'open' });
  };
  send();
  await until(() => {
    send();
    return heard.length >= 20;
  });
  await tap.flush();
  expect(heard.every((subject) => subject.includes('.till.'))).toBe(true);
  // What is for the other one has gone to that one's own subject, each time.
  expect(frames.filter((subject) => subject === `${name}.node.safe`).length).toBeGreaterThanOrEqual(20);
});

it('calls off at the node itself, also when that by which they share it has gone meanwhile', async () => {
  const { join, framesSeen, stopWatching } = await network();
  const [here, there] = [await join(), await join()];
  let aborted = 0;
  let begun = 0;
  const nodes = ids.map((id) => {
    const node = there.space.createNode(id);
    node.on('warm-up', () => true);
    node.on('wait', (_event, { signal }) => {
      begun++;
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(aborted++)));
    });
    return node;
  });
  const asker = here.space.createNode('head-office');
  await knows(here, ...ids);
  const leader = (await untilShared(asker, framesSeen)).split('.')[2] as string;
  stopWatching();
  await tap.flush();
  const stop = new AbortController();
  const others = ids.filter((id) => id !== leader);
  const asked = others.map((id) => asker.send(id, { type: 'wait' }, { signal: stop.signal }).return());
  const ended = Promise.allSettled(asked);
  await until(() => begun === 15);
  await nodes.find(({ id }) => id === leader)?.close();
  stop.abort();
  await ended;
  await until(() => aborted === 15);
});

it('fails no request while the nodes of a busy process move to another one, each in turn', async () => {
  const { join, framesSeen, stopWatching } = await network();
  const [here, there, elsewhere] = [await join(), await join(), await join()];
  const handled = new Map<unknown, number>();
  const start = ({ space }: Joined, id: string) => {
    const node = space.createNode(id);
    node.on('warm-up', () => true);
    node.on('work', async ({ payload }) => {
      handled.set(payload, (handled.get(payload) ?? 0) + 1);
      await pause(20);
    });
    return node;
  };
  const few = ids.slice(0, 6);
  const nodes = few.map((id) => start(there, id));
  const asker = here.space.createNode('head-office');
  await knows(here, ...few);
  await untilShared(asker, framesSeen, few);
  stopWatching();
  await tap.flush();
  const codes: unknown[] = [];
  const asked: Promise<void>[] = [];
  let isOver = false;
  const load = (async () => {
    for (let number = 0; !isOver; number += few.length) {
      for (const [at, id] of few.entries()) {
        const request = asker.send(id, { type: 'work', payload: number + at }).return();
        asked.push(request.then(() => {}).catch(({ code }: { code: string }) => void codes.push(code)));
      }
      await pause(1);
    }
  })();
  const placesOf = (id: string): number => there.transport.directory.nodes().filter((node) => node.id === id).length;
  for (const [at, id] of few.entries()) {
    start(elsewhere, id);
    await until(() => placesOf(id) === 2);
    await nodes[at]?.close();
  }
  isOver = true;
  await load;
  await Promise.all(asked);
  expect(codes).toEqual([]);
  expect([...handled.values()].every((times) => times === 1)).toBe(true);
  expect(handled.size).toBe(asked.length);
});

it('shares none where the server asks everybody who he is, unless it is told to', async () => {
  const own = await startServer({
    jetstream: false,
    websocket: false,
    config: 'authorization { user: shop, password: secret }',
  });
  onTestFinished(() => own.stop());
  const framesOfRounds = async (shareFrames: boolean | undefined, most: number): Promise<number> => {
    const space = `one-frame-${++spaces}`;
    const watcher = await connect({ servers: own.url, user: 'shop', pass: 'secret' });
    onTestFinished(() => watcher.close());
    let frames = 0;
    watcher.subscribe(`${space}.node.>`, { callback: (_error, { data }) => void (data.length > 16 && frames++) });
    await watcher.flush();
    const join = async (): Promise<Joined> => {
      const how = shareFrames === undefined ? {} : { shareFrames };
      const transport = natsTransport({ servers: own.url, user: 'shop', password: 'secret', space, ...how });
      const joined = initializeHappen({ transport });
      onTestFinished(async () => void (await joined.close({ timeout: 100 })));
      await joined.ready();
      return { space: joined, transport };
    };
    const [here, there] = [await join(), await join()];
    for (const id of ids) there.space.createNode(id).on('warm-up', () => true);
    const asker = here.space.createNode('head-office');
    await knows(here, ...ids);
    let last = 0;
    for (let round = 0; round < 20 && last !== most; round++) {
      const before = frames;
      await asker.send(ids, { type: 'warm-up' }).return();
      await watcher.flush();
      last = frames - before;
      await pause(5);
    }
    return last;
  };
  expect(await framesOfRounds(undefined, 1)).toBe(16);
  expect(await framesOfRounds(true, 1)).toBe(1);
});

it('survives a server that is killed, and shares a frame again', async () => {
  const own = await startServer({ jetstream: false, websocket: false });
  onTestFinished(() => own.stop());
  const join = async (): Promise<Joined> => {
    const transport = natsTransport({ servers: own.url, reconnectTimeWait: 20 });
    const space = initializeHappen({ transport });
    onTestFinished(async () => void (await space.close({ timeout: 100 })));
    await space.ready();
    return { space, transport };
  };
  const [here, there] = [await join(), await join()];
  for (const id of ids) there.space.createNode(id).on('warm-up', () => true);
  const asker = here.space.createNode('head-office', { identity: createIdentity().export() });
  await knows(here, ...ids);
  const ask = async (): Promise<unknown[]> => Object.values(await asker.send(ids, { type: 'warm-up' }).return());
  for (let round = 0; round < 3; round++) {
    expect(await ask()).toHaveLength(16);
    await own.kill();
    await own.restart();
    expect(await ask()).toHaveLength(16);
  }
});
