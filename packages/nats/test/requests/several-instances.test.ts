import {
  type AnyEvents,
  createIdentity,
  initializeHappen,
  type Node,
  type SecurityConfig,
  type Space,
} from '@happen/core';
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

interface Place {
  readonly space: Space;
  readonly transport: NatsJoin;
  /** Of the node `worker` that lives there; nobody asks the first. */
  readonly worker: Node<AnyEvents>;
}

/** An asker, and so many other spaces in which a node `worker` lives, known to all of them. */
async function workersOf(count: number, urls: readonly string[] = [], security?: SecurityConfig) {
  const space = `several-${++spaces}`;
  const join = (url = server.url): { readonly space: Space; readonly transport: NatsJoin } => {
    const transport = natsTransport({ servers: url, space, reconnectTimeWait: 50 });
    const happen = initializeHappen({ transport, ...(security && { security }) });
    onTestFinished(async () => void (await happen.close({ timeout: 100 })));
    return { space: happen, transport };
  };
  const here = join();
  const asker = here.space.createNode('asker');
  // All that bear a name have its keys.
  const identity = createIdentity().export();
  const places = Array.from({ length: count }, (_, at): Place => {
    const joined = join(urls[at]);
    return { ...joined, worker: joined.space.createNode('worker', { identity }) };
  });
  await Promise.all([here, ...places].map((each) => each.space.ready()));
  const workersKnownTo = ({ transport }: Pick<Place, 'transport'>): number =>
    transport.directory.nodes().filter(({ id }) => id === 'worker').length;
  await until(() => [here, ...places].every((each) => workersKnownTo(each) === count));
  return { here, asker, places, space, workersKnownTo };
}

function timesOf(answers: readonly unknown[]): unknown {
  const times: Record<string, number> = {};
  for (const answer of answers) times[String(answer)] = (times[String(answer)] ?? 0) + 1;
  return times;
}

it.each([
  ['as they are', undefined],
  ['signed', { sign: true } satisfies SecurityConfig],
])('share what is sent at a time, each as much, frames %s', async (_how, security) => {
  const { asker, places } = await workersOf(3, [], security);
  places.forEach(({ worker }, at) => worker.on('work', () => `by ${at}`));
  const answers = await Promise.all(Array.from({ length: 60 }, () => asker.send('worker', { type: 'work' }).return()));
  expect(timesOf(answers)).toEqual({ 'by 0': 20, 'by 1': 20, 'by 2': 20 });
});

it('take what belongs together at one of them, and a repetition where the first one went', async () => {
  const { asker, places } = await workersOf(3);
  places.forEach(({ worker }, at) => worker.on('work', () => `by ${at}`));
  const byKey = async (key: string): Promise<unknown> => {
    const sends = Array.from({ length: 10 }, () => asker.send('worker', { type: 'work' }, { key }).return());
    const places = new Set(await Promise.all(sends));
    expect(places.size).toBe(1);
    return [...places][0];
  };
  const all = await Promise.all(Array.from({ length: 60 }, (_, customer) => byKey(`customer-${customer}`)));
  expect(new Set(all).size).toBe(3);

  const outcomes = Array.from({ length: 9 }, () =>
    asker
      .send('worker', { type: 'work' }, { dedupeKey: 'order-7' })
      .return()
      .catch(({ code }: { code: string }) => code),
  );
  expect((await Promise.all(outcomes)).filter((outcome) => outcome !== 'HAPPEN_DUPLICATE_EVENT')).toHaveLength(1);
});

it('hear, whichever has it, that a request is called off', async () => {
  const { asker, places } = await workersOf(3);
  let begun = 0;
  let aborted = 0;
  for (const { worker } of places) {
    worker.on('work', (_event, { signal }) => {
      begun++;
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          aborted++;
          resolve('aborted');
        });
      });
    });
  }
  const stop = new AbortController();
  const asked = Array.from({ length: 12 }, () =>
    asker
      .send('worker', { type: 'work' }, { signal: stop.signal })
      .return()
      .catch(({ code }: { code: string }) => code),
  );
  await until(() => begun === 12);
  stop.abort();
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['HAPPEN_CANCELLED']));
  await until(() => aborted === 12);
});

it.concurrent('fail what the one that dies had, and leave what the other has; it gets no more afterwards', async () => {
  const proxy = await startProxy({ to: server.url });
  onTestFinished(() => proxy.stop());
  const { here, asker, places, workersKnownTo } = await workersOf(2, [proxy.url]);
  const open: (() => void)[] = [];
  let begun = 0;
  places.forEach(({ worker }, at) =>
    worker.on('work', async () => {
      begun++;
      await new Promise<void>((resolve) => open.push(resolve));
      return `by ${at}`;
    }),
  );
  const asked = Array.from({ length: 4 }, () =>
    asker
      .send('worker', { type: 'work' }, { timeout: '60s' })
      .return()
      .catch(({ code }: { code: string }) => code),
  );
  await until(() => begun === 4);
  // To the server its connection is there: it goes on giving it its share of what is sent to nobody in particular.
  proxy.stall();
  await until(() => workersKnownTo(here) === 1);
  for (const goOn of open) goOn();
  expect((await Promise.all(asked)).sort()).toEqual(['HAPPEN_DISCONNECTED', 'HAPPEN_DISCONNECTED', 'by 1', 'by 1']);
  const later = Array.from({ length: 20 }, () => asker.send('worker', { type: 'work' }, { timeout: '60s' }).return());
  await until(() => begun === 24);
  for (const goOn of open) goOn();
  expect(new Set(await Promise.all(later))).toEqual(new Set(['by 1']));
});

it('get what was meant for one that does not have the node any more', async () => {
  const space = `several-${++spaces}`;
  await using one = await startedEnd(server.url, space);
  await using other = await startedEnd(server.url, space);
  const got: string[] = [];
  one.transport.attach({ kind: 'node', id: 'worker' }, (frame) => void got.push(new TextDecoder().decode(frame)));
  await one.flush();
  const text = new TextEncoder();
  await other.transport.publish({ kind: 'node', id: 'worker', instance: 'gone' }, text.encode('to another'));
  await until(() => got.length > 0);
  expect(got).toEqual(['to another']);
  await other.transport.publish({ kind: 'node', id: 'nobody', instance: 'gone' }, text.encode('to nobody'));
  await until(() => other.undeliverable.length > 0);
  expect(new TextDecoder().decode(other.undeliverable[0])).toBe('to nobody');
});
