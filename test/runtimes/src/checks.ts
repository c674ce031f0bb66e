/**
 * What core does, as data: the same in every runtime, whatever its clock and its chance. It takes nothing from the runtime but
 * what every one of them has.
 */
import {
  createIdentity,
  initializeHappen,
  isHappenError,
  memoryHub,
  type Node,
  type Space,
  type SpaceConfig,
} from '@happen/core';
import { type MessagePortLike, messagePortHub, messagePortTransport } from '@happen/core/message-port';

export interface Findings {
  readonly [name: string]: unknown;
}

/** Runs everything that needs one thread only. */
export async function findings(): Promise<Findings> {
  return {
    ...(await withinOneSpace()),
    ...(await causes()),
    ...(await acrossAHub()),
    ...(await acrossASignedHub()),
    ...(await acrossAChannel()),
  };
}

async function withinOneSpace(): Promise<Findings> {
  const happen = initializeHappen();
  const [a, b] = [happen.createNode('a'), happen.createNode('b')];
  b.on('sum', (event) => () => (event.payload as number[]).reduce((sum, n) => sum + n, 0));
  b.on('fail', () => {
    throw new TypeError('no');
  });
  const heard: unknown[] = [];
  for (const node of [a, b]) node.on('news.*', ({ type, payload }) => void heard.push([node.id, type, payload]));
  await a.broadcast({ type: 'news.flash', payload: 1 }).sent();
  const found = {
    answer: await a.send(b, { type: 'sum', payload: [1, 2, 3] }),
    failure: await codeOf(a.send(b, { type: 'fail' })),
    nobody: await codeOf(a.send('nobody', { type: 't' })),
    timeout: await codeOf(a.send(silent(happen), { type: 't' }, { timeout: 5 })),
    heard,
  };
  return { ...found, closed: await happen.close({ timeout: 1 }).then(({ unfinished }) => unfinished.length) };
}

function silent(happen: Space): Node {
  const node = happen.createNode('silent');
  node.on('t', () => new Promise(() => {}));
  return node as never;
}

/** Causes that are carried by `context.node`, which every runtime can do. */
async function causes(): Promise<Findings> {
  const { createNode, close } = initializeHappen(repeatable());
  const [a, b, c] = [createNode('a'), createNode('b'), createNode('c')];
  const chain: unknown[] = [];
  b.on('second', async (event, { node }) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return node.send(c, { type: 'third', payload: event.payload });
  });
  c.on('third', ({ context: { causal } }) => {
    chain.push(causal.path, causal.depth, causal.correlationId, causal.causationId, causal.hash);
  });
  await a.send(b, { type: 'second', payload: everything() });
  await close();
  return { chain };
}

async function acrossAHub(): Promise<Findings> {
  const hub = memoryHub();
  const [near, far] = [hub.transport(), hub.transport()].map((transport) => initializeHappen({ transport }));
  return { hub: await talk(near as Space, far as Space) };
}

/** By the runtime's own Ed25519: a key that is pinned speaks for its node, another one does not. */
async function acrossASignedHub(): Promise<Findings> {
  const hub = memoryHub();
  const identity = createIdentity(new Uint8Array(32).fill(1));
  const keys = { trusted: await identity.publicKey() };
  const space = (security: SpaceConfig<[]>['security']): Space =>
    initializeHappen({ transport: hub.transport(), security });
  const [near, far] = [space({ sign: true }), space({ sign: true })];
  const signed = await talk(near, far);
  const [asking, strict] = [space({ sign: true }), space({ sign: true, keys })];
  await Promise.all([asking.ready(), strict.ready()]);
  strict.createNode('strict').on('t', ({ payload }) => payload);
  const stranger = asking.createNode('stranger');
  const trusted = asking.createNode('trusted', { identity });
  const unheard = codeOf(stranger.send('strict', { type: 't', payload: 1 }, { timeout: 500 }));
  const found = { heard: await trusted.send('strict', { type: 't', payload: 2 }), unheard: await unheard };
  const refused = strict.metrics().link?.refused['unknown-sender'];
  await Promise.all([asking.close(), strict.close()]);
  return { signed, pinned: { ...found, refused } };
}

async function acrossAChannel(): Promise<Findings> {
  const { port1, port2 } = new MessageChannel();
  const [near, far] = [port1, port2].map((port) => initializeHappen({ transport: messagePortTransport(port) }));
  const found = await talk(near as Space, far as Space);
  for (const port of [port1, port2]) port.close();
  return { channel: found };
}

async function talk(near: Space, far: Space): Promise<unknown> {
  const heard: unknown[] = [];
  const echo = far.createNode('echo');
  echo.on('t', ({ payload }) => payload);
  echo.on('news', ({ payload }) => void heard.push(payload));
  await Promise.all([near.ready(), far.ready()]);
  const asker = near.createNode('asker');
  const answer = await asker.send('echo', { type: 't', payload: everything() });
  asker.broadcast({ type: 'news', payload: 5 });
  const long = (await asker.send('echo', { type: 't', payload: new Uint8Array(100_000).fill(7) })) as Uint8Array;
  const found = {
    answer: told(answer),
    long: [long.length, long.every((byte) => byte === 7)],
    nobody: await codeOf(asker.send('nobody', { type: 't' })),
    heard,
    malformed: far.metrics().link?.malformed,
    mismatches: far.metrics().link?.hashMismatches,
  };
  await Promise.all([near.close(), far.close()]);
  return found;
}

/** What a node in another thread is asked; `serve` answers there. */
export async function askAcross(port: MessagePortLike): Promise<Findings> {
  const happen = initializeHappen({ transport: messagePortTransport(port) });
  const found = await ask(happen, 'thread');
  await happen.close();
  return found;
}

/** The same for two threads at a hub, which also reach each other. */
export async function askAcrossHub(ports: readonly MessagePortLike[]): Promise<Findings> {
  const hub = messagePortHub();
  for (const port of ports) hub.connect(port);
  const happen = initializeHappen({ transport: hub.transport() });
  const asker = happen.createNode('asker');
  const found = {
    first: await asker.send('thread', { type: 't', payload: 1 }),
    passedOn: await asker.send('other-thread', { type: 'pass on', payload: 'thread' }),
    malformed: hub.counts().malformed,
  };
  await happen.close();
  hub.close();
  return found;
}

async function ask(happen: Space, id: string): Promise<Findings> {
  const asker = happen.createNode('asker');
  return {
    answer: told(await asker.send(id, { type: 't', payload: everything() })),
    sender: await asker.send(id, { type: 'sender' }),
    findings: await asker.send(id, { type: 'findings' }),
    nobody: await codeOf(asker.send('nobody', { type: 't' })),
  };
}

/** The node of another thread: to be called there, with its side of the port. */
export function serve(port: MessagePortLike, id = 'thread'): void {
  const happen = initializeHappen({ transport: messagePortTransport(port) });
  const node = happen.createNode(id);
  node.on('t', ({ payload }) => payload);
  node.on('sender', ({ context: { causal } }) => causal.sender);
  node.on('never', () => new Promise(() => {}));
  node.on('findings', () => findings());
  node.on('pass on', ({ payload }, context) =>
    context.node.send(payload as string, { type: 't', payload: 'passed on' }),
  );
}

/** One of each kind of value that crosses a wire. */
function everything(): unknown {
  return {
    text: 'ünï 😀',
    number: -0.5,
    big: 2n ** 70n,
    date: new Date(86_400_000),
    map: new Map<unknown, unknown>([[1, { deep: [true, null] }]]),
    set: new Set(['a', 'b']),
    bytes: new Uint8Array([0, 127, 255]),
    error: new RangeError('too far'),
  };
}

/** The same in a form that JSON can hold. */
function told(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Map) return [...value].map(told);
  if (value instanceof Set) return [...value].map(told);
  if (value instanceof Uint8Array) return Array.from(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (Array.isArray(value)) return value.map(told);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, told(item)]));
}

async function codeOf(answer: PromiseLike<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    return isHappenError(error) ? error.code : String(error);
  }
}

/** A space whose ids, times and hashes come out the same each time. */
function repeatable(): Parameters<typeof initializeHappen>[0] {
  let count = 0;
  return {
    ids: () => `event-${++count}`,
    clock: {
      now: () => 1_700_000_000_000,
      setTimer(delayMs, callback) {
        const timer = setTimeout(callback, delayMs);
        return { clear: () => clearTimeout(timer) };
      },
    },
  };
}
