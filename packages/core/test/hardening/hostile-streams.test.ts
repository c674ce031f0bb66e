import { describe, expect, it } from 'vitest';
import { type Address, type EventStream, initializeHappen, memoryHub, silentLogger } from '../../src/index.js';
import { systemClock } from '../../src/host/system-clock.js';
import { decodeFrame, encodeFrame } from '../../src/wire/frame.js';
import type { Message } from '../../src/wire/messages.js';
import { encodePayload } from '../../src/wire/payload-encoding.js';
import { codeOf, gate, until, upTo } from '../talking/observing.js';
import { type TestSpace, turn } from '../talking/worlds.js';
import { heldMegabytes } from './garbage.js';
import { forgedDelivery, forgedEvent, instanceName } from './intruder.js';

type AnyStream = EventStream<any, any>;

/** A space with a node, and a peer on the same hub that speaks frames by hand. */
async function world() {
  const hub = memoryHub();
  const space: TestSpace = initializeHappen({ transport: hub.transport() });
  await space.ready();
  const node = space.createNode('node');
  const transport = hub.transport();
  await transport.start({
    instance: instanceName(1),
    clock: systemClock,
    logger: silentLogger,
    undeliverable() {},
    status() {},
  });
  const received: { from: string; message: Message }[] = [];
  const take = (frame: Uint8Array): void => {
    const { from, messages } = decodeFrame(frame);
    for (const message of messages) received.push({ from, message });
  };
  transport.attach({ kind: 'node', id: 'peer' }, take);
  transport.attach({ kind: 'instance', id: instanceName(1) }, take);
  let sequence = 0;
  const publish = (to: Address, messages: Message[], from = instanceName(1)): void =>
    void transport.publish(to, encodeFrame({ from, sequence: ++sequence, messages }));
  const next = async <K extends Message['kind']>(
    kind: K,
  ): Promise<{ from: string; message: Extract<Message, { kind: K }> }> => {
    const found = () => received.findIndex(({ message }) => message.kind === kind);
    await until(`a ${kind} has come`, () => found() >= 0);
    return received.splice(found(), 1)[0] as never;
  };
  const listen = (type: string): void => void transport.listen('peer', [type], take);
  const pretendToBe = (instance: string): void => void transport.attach({ kind: 'instance', id: instance }, take);
  return { space, node, publish, next, listen, received, pretendToBe, link: () => space.metrics().link };
}

/** What the node receives is a stream that the peer makes. */
async function received(peer: Awaited<ReturnType<typeof world>>) {
  const asked = peer.node.send('peer', { type: 'give' }).then();
  const { from, message } = await peer.next('deliver');
  const { request } = message;
  const to = { kind: 'instance', id: from } as const;
  peer.publish(to, [{ kind: 'stream', request }]);
  const stream = (await asked) as AnyStream;
  return { stream, request, to };
}

const item = encodePayload(1);

async function taken(stream: AnyStream): Promise<void> {
  for await (const _item of stream);
}

describe('a producer from elsewhere', () => {
  it('gets credit only when the consumer wants an item', async () => {
    const peer = await world();
    const { stream, request, to } = await received(peer);
    await turn();
    expect(peer.received).toEqual([]);
    const first = stream.next();
    expect((await peer.next('credit')).message).toEqual({ kind: 'credit', request, items: 256, bytes: 262_144 });
    peer.publish(to, [{ kind: 'items', request, first: 0, items: [item] }]);
    expect(await first).toEqual({ done: false, value: 1 });
  });

  it.each<[string, (request: number) => Message[]]>([
    [
      'sends more items than granted',
      (request) => [{ kind: 'items', request, first: 0, items: upTo(257).map(() => item) }],
    ],
    [
      'sends an item far beyond those granted',
      (request) => [{ kind: 'items', request, first: 2 ** 50, items: [item] }],
    ],
    [
      'sends more bytes than granted',
      (request) =>
        [0, 1].map((first) => ({ kind: 'items', request, first, items: [encodePayload('x'.repeat(900_000))] })),
    ],
    [
      'sends an item that can not be read',
      (request) => [{ kind: 'items', request, first: 0, items: [Uint8Array.of(0xc1)] }],
    ],
    ['ends with more items than granted', (request) => [{ kind: 'end', request, count: 257, value: item }]],
    [
      'ends with less items than it has sent',
      (request) => [
        { kind: 'items', request, first: 3, items: [item] },
        { kind: 'end', request, count: 3, value: item },
      ],
    ],
    ['ends with what can not be read', (request) => [{ kind: 'end', request, count: 0, value: Uint8Array.of(0xc1) }]],
    [
      'sends items after the end',
      (request) => [
        { kind: 'end', request, count: 5, value: item },
        { kind: 'items', request, first: 5, items: [item] },
      ],
    ],
  ])('is cut off if it %s', async (_name, messages) => {
    const peer = await world();
    const { stream, request, to } = await received(peer);
    const all = codeOf(taken(stream));
    await peer.next('credit');
    for (const message of messages(request)) peer.publish(to, [message]);
    expect(await all).toBe('HAPPEN_MALFORMED_FRAME');
    await until('it is counted', () => peer.link()?.malformed === 1);
    expect(await codeOf(stream.result)).toBe('HAPPEN_MALFORMED_FRAME');
  });

  it('is not heard before it has credit', async () => {
    const peer = await world();
    const { stream, request, to } = await received(peer);
    peer.publish(to, [{ kind: 'items', request, first: 0, items: [item] }]);
    await until('it is counted', () => peer.link()?.malformed === 1);
    expect(await codeOf(stream.next())).toBe('HAPPEN_MALFORMED_FRAME');
    expect((await peer.next('cancel')).message).toMatchObject({ request });
  });

  it('can not put anything into the stream of another', async () => {
    const peer = await world();
    const { stream, request, to } = await received(peer);
    const next = stream.next();
    await peer.next('credit');
    peer.publish(to, [{ kind: 'items', request, first: 0, items: [encodePayload('forged')] }], instanceName(2));
    await until('it is counted', () => peer.link()?.strayStreamMessages === 1);
    peer.publish(to, [{ kind: 'items', request, first: 0, items: [item] }]);
    expect(await next).toEqual({ done: false, value: 1 });
  });

  it('is counted and forgotten when it goes on for a consumer that has left', async () => {
    const peer = await world();
    const { stream, request, to } = await received(peer);
    void stream.next();
    await peer.next('credit');
    await stream.return();
    await peer.next('cancel');
    const before = await heldMegabytes();
    const items = upTo(64).map(() => encodePayload('x'.repeat(1_000)));
    for (const i of upTo(1_000)) {
      peer.publish(to, [{ kind: 'items', request, first: i * 64, items }]);
      if (i % 50 === 0) await turn();
    }
    await until('all is counted', () => peer.link()?.strayStreamMessages === 1_000);
    expect((await heldMegabytes()) - before).toBeLessThan(5);
  });

  it('is told to stop when its answer comes too late', async () => {
    const peer = await world();
    const asked = codeOf(peer.node.send('peer', { type: 'give' }, { timeout: 20 }));
    const { from, message } = await peer.next('deliver');
    expect(await asked).toBe('HAPPEN_TIMEOUT');
    await peer.next('cancel');
    peer.publish({ kind: 'instance', id: from }, [{ kind: 'stream', request: message.request }]);
    expect((await peer.next('cancel')).message).toMatchObject({ request: message.request });
    expect(peer.link()?.lateReplies).toBe(1);
  });

  it('takes a failure that has overtaken the beginning of its stream for the answer', async () => {
    const peer = await world();
    const asked = codeOf(peer.node.send('peer', { type: 'give' }));
    const { from, message } = await peer.next('deliver');
    const { request } = message;
    const error = { name: 'Error', message: 'no', code: undefined, details: undefined, cause: undefined };
    peer.publish({ kind: 'instance', id: from }, [
      { kind: 'broken', request, count: 0, error },
      { kind: 'stream', request },
    ]);
    expect(await asked).toBe('HAPPEN_HANDLER_FAILED');
  });
});

describe('a consumer from elsewhere', () => {
  async function consuming(given: Partial<Parameters<typeof forgedDelivery>[0]> = {}) {
    const peer = await world();
    const ended = gate();
    let yielded = 0;
    peer.node.on('endless', async function* () {
      try {
        for (;;) yield ++yielded;
      } finally {
        ended.open();
      }
    });
    const request = 7;
    peer.publish({ kind: 'node', id: 'node' }, [
      forgedDelivery({ target: 'node', events: [forgedEvent('endless')], request, remainingMs: 10_000, ...given }),
    ]);
    const { from } = await peer.next('stream');
    return {
      ...peer,
      ended: ended.passed,
      yielded: () => yielded,
      request,
      to: { kind: 'instance', id: from } as const,
    };
  }

  it('gets what it grants and no more, and a grant of everything only in parts', async () => {
    const { publish, next, request, to, yielded, received: rest } = await consuming();
    await turn();
    expect(yielded()).toBe(0);
    publish(to, [{ kind: 'credit', request, items: 3, bytes: 3 }]);
    expect((await next('items')).message).toMatchObject({ first: 0, items: [1, 2, 3].map((n) => encodePayload(n)) });
    publish(to, [{ kind: 'credit', request, items: 2, bytes: 5 }]);
    publish(to, [{ kind: 'credit', request, items: 100, bytes: 4 }]);
    publish(to, [{ kind: 'credit', request, items: 4, bytes: 0 }]);
    expect((await next('items')).message).toMatchObject({ first: 3 });
    const most = Number.MAX_SAFE_INTEGER;
    publish(to, [{ kind: 'credit', request, items: most, bytes: most }]);
    await until('a part has come', () => yielded() === 5 + 4_096);
    await turn();
    expect(yielded()).toBe(5 + 4_096);
    expect(rest.length).toBeGreaterThan(0);
  });

  it('is counted when it grants credit for what is no stream of its own', async () => {
    const { publish, request, to, link, yielded } = await consuming();
    publish(to, [{ kind: 'credit', request: request + 1, items: 10, bytes: 10 }]);
    await until('it is counted', () => link()?.strayStreamMessages === 1);
    expect(yielded()).toBe(0);
  });

  it('finds the stream of a broadcast over that there is not, and subscribes once to one that there is', async () => {
    const peer = await world();
    let made = 0;
    peer.node.on('metrics', async function* () {
      for (;;) {
        await turn();
        yield ++made;
      }
    });
    peer.listen('metrics');
    await turn();
    peer.node.broadcast({ type: 'metrics' });
    const { from, message } = await peer.next('deliver');
    const to = { kind: 'instance', id: from } as const;
    peer.publish(to, [{ kind: 'subscribe', request: 3, stream: message.request + 1 }]);
    expect((await peer.next('end')).message).toEqual({ kind: 'end', request: 3, count: 0, value: new Uint8Array(0) });
    const subscribe = { kind: 'subscribe', request: 4, stream: message.request } as const;
    peer.publish(to, [subscribe, subscribe, { kind: 'credit', request: 4, items: 3, bytes: 100 }]);
    const items: Uint8Array[] = [];
    while (items.length < 3) items.push(...(await peer.next('items')).message.items);
    expect(items).toEqual([1, 2, 3].map((n) => encodePayload(n)));
    await turn();
    expect(made).toBe(3);
    peer.publish(to, [{ kind: 'cancel', request: 4, reason: '' }]);
    await peer.space.close({ timeout: 5_000 });
    expect(peer.space.metrics().streams.open).toBe(0);
  });

  it('ends the generator by saying so, and by saying nothing', async () => {
    const one = await consuming();
    one.publish(one.to, [{ kind: 'cancel', request: one.request, reason: 'HAPPEN_CANCELLED' }]);
    await until('it is over', () => one.space.metrics().streams.open === 0);
    const other = await consuming({ remainingMs: 50 });
    other.publish(other.to, [{ kind: 'credit', request: other.request, items: 1, bytes: 100 }]);
    await other.ended;
    expect((await other.next('broken')).message).toMatchObject({ count: 1, error: { code: 'HAPPEN_TIMEOUT' } });
    await until('it is over', () => other.space.metrics().streams.open === 0);
  });

  it('holds so many streams open and no more, and leaves room for others', async () => {
    const peer = await world();
    const to = { kind: 'node', id: 'node' } as const;
    peer.node.on('endless', async function* () {
      for (;;) yield 1;
    });
    const ask = (count: number, first: number, from?: string): void => {
      for (const i of upTo(count)) {
        const terms = { target: 'node', events: [forgedEvent('endless')], request: first + i, remainingMs: 0 };
        peer.publish(to, [forgedDelivery(terms)], from);
      }
    };
    const open = (): number => peer.space.metrics().streams.open;
    ask(10_000, 1);
    await until('all are open', () => open() === 10_000);
    ask(500, 10_001);
    const { message, from } = await peer.next('failure');
    expect(message.error).toMatchObject({ code: 'HAPPEN_QUEUE_FULL', details: { limit: 10_000 } });
    await until(
      'all have been told',
      () => peer.received.filter((one) => one.message.kind === 'failure').length === 499,
    );
    expect(open()).toBe(10_000);
    peer.pretendToBe(instanceName(2));
    ask(1, 1, instanceName(2));
    await until('another has one', () => open() === 10_001);
    const instance = { kind: 'instance', id: from } as const;
    peer.publish(instance, [{ kind: 'cancel', request: 1, reason: '' }]);
    await until('there is room', () => open() === 10_000);
    ask(2, 20_001);
    await until('one of them is open', () => open() === 10_001);
    await peer.next('failure');
    expect(open()).toBe(10_001);
  });
});
