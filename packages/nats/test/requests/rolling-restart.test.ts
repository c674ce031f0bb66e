import { setTimeout as pause } from 'node:timers/promises';
import { initializeHappen, type Space } from '@happen/core';
import { type NatsServer, startProxy, startServer } from '@happen/nats-server';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type NatsJoin, natsTransport } from '../../src/index.js';
import { startedEnd, until } from '../ends.js';

let server: NatsServer;
beforeAll(async () => {
  server = await startServer({ jetstream: false, websocket: false });
});
afterAll(() => server.stop());

let spaces = 0;
const newSpace = (): string => `rolling-${++spaces}`;

interface Joined {
  readonly space: Space;
  readonly transport: NatsJoin;
}

function join(space: string, servers = server.url): Joined {
  const transport = natsTransport({ servers, space, reconnectTimeWait: 50, pingInterval: '60s' });
  const happen = initializeHappen({ transport });
  onTestFinished(async () => void (await happen.close({ timeout: 100 })));
  return { space: happen, transport };
}

function workersKnownTo({ transport }: Pick<Joined, 'transport'>): number {
  return transport.directory.nodes().filter(({ id }) => id === 'worker').length;
}

const codeOf = ({ code }: { readonly code: string }): string => code;

/** A request that reaches an instance after that has begun to close, and is still at work where it went when that one is gone. */
async function askedTooLate({ stays }: { readonly stays: boolean }) {
  const space = newSpace();
  const proxy = await startProxy({ to: server.url });
  onTestFinished(() => proxy.stop());
  const asking = join(space);
  const asker = asking.space.createNode('asker');
  const leaving = join(space, proxy.url);
  leaving.space.createNode('worker').on('work', () => 'by the one that leaves');
  const staying = join(space);
  const worker = staying.space.createNode('worker');
  let begun = 0;
  let finish = (_by: string): void => {};
  worker.on('work', () => {
    begun++;
    return new Promise<string>((resolve) => (finish = resolve));
  });
  worker.on('ping', () => 'pong');
  const all = [asking, leaving, staying];
  await Promise.all(all.map((each) => each.space.ready()));
  await until(() => all.every((each) => workersKnownTo(each) === 2));

  proxy.stallOneWay('down');
  // One of two that follow each other goes to each.
  const answers = [0, 1].map(() => asker.send('worker', { type: 'work' }, { timeout: '60s' }).return().catch(codeOf));
  await until(() => begun === 1);
  const early = finish;
  const left = leaving.space.close();
  proxy.heal();
  await left;
  await until(() => begun === 2 && workersKnownTo(asking) === 1);
  // The goodbye has been heard by the time something that was asked afterwards is answered.
  await asker.send('worker', { type: 'ping' }).return();
  early('early');
  if (stays) finish('late');
  else await staying.space.close({ timeout: 1 });
  return Promise.all(answers);
}

it('leaves a request that came too late, and was passed on, to the one that has it then', async () => {
  expect((await askedTooLate({ stays: true })).sort()).toEqual(['early', 'late']);
});

it('tells who asked, where the one that got it afterwards closes before it is done', async () => {
  expect((await askedTooLate({ stays: false })).sort()).toEqual(['HAPPEN_CLOSED', 'early']);
});

it('fails no request while one instance after the other is replaced', async () => {
  const space = newSpace();
  const asking = join(space);
  const asker = asking.space.createNode('asker');
  const start = async (): Promise<Joined> => {
    const joined = join(space);
    joined.space.createNode('worker').on('work', async () => {
      await pause(5);
      return 'done';
    });
    await joined.space.ready();
    return joined;
  };
  await asking.space.ready();
  const places = await Promise.all([start(), start(), start()]);
  await until(() => workersKnownTo(asking) === 3);

  const outcomes: Promise<unknown>[] = [];
  let isOver = false;
  const load = (async () => {
    while (!isOver) {
      for (let count = 0; count < 10; count++)
        outcomes.push(asker.send('worker', { type: 'work' }).return().catch(codeOf));
      await pause(1);
    }
  })();
  for (const leaving of places) {
    await start();
    await until(() => workersKnownTo(asking) === 4);
    await leaving.space.close();
    await until(() => workersKnownTo(asking) === 3);
  }
  isOver = true;
  await load;
  expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['done']));
});

it('leaves broadcasts to another instance that listens, those included that come too late', async () => {
  const space = newSpace();
  const proxy = await startProxy({ to: server.url });
  onTestFinished(() => proxy.stop());
  await using sender = await startedEnd(server.url, space);
  await using leaving = await startedEnd(proxy.url, space, { options: { pingInterval: '60s' } });
  await using staying = await startedEnd(server.url, space);
  const got: string[] = [];
  const listen = (end: typeof sender, by: string) =>
    end.transport.listen('worker', ['news'], (frame) => void got.push(`${by} ${new TextDecoder().decode(frame)}`));
  const listener = listen(leaving, 'leaving');
  await leaving.flush();
  listener.yield?.();
  await leaving.flush();
  await sender.publish('news', 'alone');
  await until(() => got.length === 1);
  expect(got.splice(0)).toEqual(['leaving alone']);

  listen(staying, 'staying');
  await until(() => workersKnownTo(leaving) === 2);
  proxy.stallOneWay('down');
  const sent = Array.from({ length: 40 }, (_, number) => String(number));
  for (const text of sent) await sender.publish('news', text);
  await sender.flush();
  listener.yield?.();
  proxy.heal();
  await until(() => got.length >= 40);
  expect(new Set(got)).toEqual(new Set(sent.map((text) => `staying ${text}`)));
  expect(got).toHaveLength(40);
  await expect(listener.update(['news'])).rejects.toMatchObject({ code: 'HAPPEN_CLOSED' });
});
