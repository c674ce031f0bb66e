import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../../testing/src/clock/virtual-clock.js';
import { defineTransport, initializeHappen, memoryHub, type SystemEvent, type Transport } from '../../src/index.js';
import { pair } from './hub-pair.js';
import { codeOf, failureOf, type Gate, gate, unhandledRejections, until, upTo } from './observing.js';
import { type TestSpace, turn } from './worlds.js';

function heard(space: TestSpace, pattern: string): SystemEvent[] {
  const events: SystemEvent[] = [];
  space.on(pattern, (event) => void events.push(event));
  return events;
}

describe('a hub that hands frames over twice', () => {
  it('has every event handled once and every request answered once', async () => {
    await using world = await pair({ duplicate: 1 });
    const { a, b, clock, hub, spaces } = world;
    const handled = new Map<string, number>();
    const count = (name: string): void => void handled.set(name, (handled.get(name) ?? 0) + 1);
    b.on('asked', ({ payload }) => {
      count(`asked ${payload}`);
      return payload;
    });
    b.on('sent', ({ payload }) => count(`sent ${payload}`));
    b.on('news', ({ payload }) => count(`news ${payload}`));
    await turn();
    const answers = [];
    for (const n of upTo(100)) {
      answers.push(a.send(b, { type: 'asked', payload: n }).return());
      a.send(b, { type: 'sent', payload: n });
      a.broadcast({ type: 'news', payload: n });
      if (n % 7 === 0) await clock.advance(3);
    }
    expect(await world.settled(Promise.all(answers))).toEqual(upTo(100));
    await clock.advance(100);
    expect(handled.size).toBe(300);
    expect([...handled.values()].filter((times) => times !== 1)).toEqual([]);
    expect(hub.counts().duplicated).toBeGreaterThan(0);
    expect(spaces[1].metrics().link?.repeated).toBeGreaterThan(0);
  });
});

describe('a hub that loses frames', () => {
  it('lets a request whose frame is lost time out, and tells nobody of what was sent without asking', async () => {
    await using world = await pair({ drop: 1 });
    const { a, b, spaces } = world;
    const errors = heard(spaces[0], 'node.error');
    b.on('t', () => 'never');
    a.send(b, { type: 't' });
    expect(await world.settled(codeOf(a.send(b, { type: 't' }, { timeout: 1_000 })))).toBe('HAPPEN_TIMEOUT');
    expect(errors).toEqual([]);
  });

  it('answers each of many requests rightly, or lets it time out; none is handled twice', async () => {
    await using world = await pair({ drop: 0.2, seed: 7 });
    const { a, b, hub } = world;
    const handled: number[] = [];
    b.on('double', ({ payload }) => {
      handled.push(payload);
      return payload * 2;
    });
    const fates = [];
    for (const n of upTo(300)) {
      fates.push(
        a
          .send(b, { type: 'double', payload: n }, { timeout: 1_000 })
          .return()
          .catch((error: { code: string }) => error.code),
      );
      await turn();
    }
    const found = await world.settled(Promise.all(fates));
    expect(found.filter((fate, n) => fate !== n * 2 && fate !== 'HAPPEN_TIMEOUT')).toEqual([]);
    const lost = found.filter((fate) => fate === 'HAPPEN_TIMEOUT').length;
    expect(lost).toBeGreaterThan(30);
    expect(lost).toBeLessThan(200);
    expect(new Set(handled).size).toBe(handled.length);
    expect(hub.counts().dropped).toBeGreaterThan(0);
  });

  it('aborts the handler\u2019s signal at the asker\u2019s deadline though the asker can\u2019t be heard', async () => {
    await using world = await pair();
    const { a, b, clock, hub, transports } = world;
    const begun = gate();
    const aborted = gate<unknown>();
    b.on('t', (_event, context) => {
      context.signal.addEventListener('abort', () => aborted.open(context.signal.reason));
      begun.open();
      return new Promise(() => {});
    });
    const asked = codeOf(a.send(b, { type: 't' }, { timeout: 1_000 }));
    await begun.passed;
    hub.cut(...transports);
    await clock.advance(1_100);
    expect(await asked).toBe('HAPPEN_TIMEOUT');
    expect(await aborted.passed).toMatchObject({ code: 'HAPPEN_TIMEOUT' });
  });
});

describe('a hub that delays and reorders frames', () => {
  it('gives every request its own answer', async () => {
    await using world = await pair({ delayMs: [1, 50], reorder: 0.5, duplicate: 0.3, seed: 3 });
    const { a, b, clock, hub } = world;
    b.on('double', async ({ payload }) => {
      if (payload % 3 === 0) await turn();
      return payload * 2;
    });
    a.on('triple', ({ payload }) => payload * 3);
    const answers = [];
    for (const n of upTo(300)) {
      answers.push(
        a.send(b, { type: 'double', payload: n }).return(),
        b.send(a, { type: 'triple', payload: n }).return(),
      );
      if (n % 3 === 0) await clock.advance(2);
    }
    expect(await world.settled(Promise.all(answers))).toEqual(upTo(300).flatMap((n) => [n * 2, n * 3]));
    expect(hub.counts().reordered).toBeGreaterThan(0);
  });

  it('keeps the order of what one node sends to another when nothing is reordered', async () => {
    await using world = await pair({ delayMs: [1, 50], seed: 5 });
    const { a, b, clock } = world;
    const arrived: number[] = [];
    b.on('t', ({ payload }) => void arrived.push(payload));
    for (const n of upTo(200)) {
      a.send(b, { type: 't', payload: n });
      if (n % 5 === 0) await clock.advance(1);
    }
    await world.settled(a.send(b, { type: 't', payload: 200 }).return());
    expect(arrived).toEqual(upTo(201));
  });

  it('counts an answer that comes too late, and changes nothing by it', async () => {
    await using world = await pair({ delayMs: 400 });
    const { a, b, clock, spaces } = world;
    b.on('t', () => 'late');
    expect(await world.settled(codeOf(a.send(b, { type: 't' }, { timeout: 500 })))).toBe('HAPPEN_TIMEOUT');
    await clock.advance(1_000);
    expect(spaces[0].metrics().link?.lateReplies).toBe(1);
    expect(await world.settled(a.send(b, { type: 't' }))).toBe('late');
  });
});

describe('a hub that is cut in two', () => {
  it('lets requests across the cut time out, goes on within each half, and heals', async () => {
    await using world = await pair();
    const { a, b, hub, transports, spaces } = world;
    const neighbour = spaces[0].createNode('neighbour');
    const heardNews: string[] = [];
    for (const node of [neighbour, b]) {
      node.on('t', () => node.id);
      node.on('news', ({ payload }) => void heardNews.push(`${node.id} ${payload}`));
    }
    await turn();
    hub.cut(...transports);
    expect(await a.send(neighbour, { type: 't' })).toBe('neighbour');
    a.broadcast({ type: 'news', payload: 'while cut' });
    expect(await world.settled(codeOf(a.send(b, { type: 't' }, { timeout: 1_000 })))).toBe('HAPPEN_TIMEOUT');
    hub.heal();
    expect(await a.send(b, { type: 't' })).toBe('b');
    a.broadcast({ type: 'news', payload: 'healed' });
    await until('it is heard', () => heardNews.length === 3);
    expect(heardNews.sort()).toEqual(['b healed', 'neighbour healed', 'neighbour while cut']);
  });
});

describe('a transport that is disconnected', () => {
  it('fails requests at once, tells of other losses, keeps the half at hand going, and comes back', async () => {
    await using world = await pair();
    using rejections = unhandledRejections();
    const { a, b, hub, transports, spaces } = world;
    const errors = heard(spaces[0], 'node.error');
    const neighbour = spaces[0].createNode('neighbour');
    const news: string[] = [];
    for (const node of [neighbour, b]) {
      node.on('t', () => node.id);
      node.on('news', () => void news.push(node.id));
    }
    await turn();
    hub.disconnect(transports[0], 'the cable was pulled');
    expect(await failureOf(a.send(b, { type: 't' }))).toMatchObject({ code: 'HAPPEN_DISCONNECTED', transient: true });
    expect(await codeOf(a.send(b, { type: 't' }).sent())).toBe('HAPPEN_DISCONNECTED');
    expect(errors).toEqual([]);
    a.send(b, { type: 't' });
    await until('it is told', () => errors.length === 1);
    a.broadcast({ type: 'news' });
    await until('it is told', () => errors.length === 2);
    expect(errors.map(({ payload }) => (payload as { code: string }).code)).toEqual([
      'HAPPEN_DISCONNECTED',
      'HAPPEN_DISCONNECTED',
    ]);
    expect(news).toEqual(['neighbour']);
    expect(await a.send(neighbour, { type: 't' })).toBe('neighbour');
    hub.reconnect(transports[0]);
    expect(await a.send(b, { type: 't' })).toBe('b');
    expect(rejections.reasons).toEqual([]);
  });

  it('tells how the connection stands as system.connection-status, to happen.on and to nodes', async () => {
    const hub = memoryHub();
    const transport = hub.transport();
    await using space = initializeHappen({ transport });
    const node = space.createNode('n');
    const [told, toNode]: [unknown[], unknown[]] = [[], []];
    space.on('system.connection-status', ({ payload }) => void told.push(payload));
    node.on('system.*', ({ payload }) => void toNode.push(payload));
    await space.ready();
    hub.disconnect(transport, 'maintenance');
    hub.reconnect(transport);
    await turn();
    const expected = [
      { status: 'connected' },
      { status: 'disconnected', reason: 'maintenance' },
      { status: 'reconnected' },
    ];
    expect(told).toEqual(expected);
    expect(toNode).toEqual(expected);
    await space.close();
    await turn();
    expect(told).toEqual([...expected, { status: 'closed' }]);
  });
});

describe('a transport that is not there yet', () => {
  /** Starts only when told to. */
  function held(transport: Transport): { transport: Transport; start: Gate } {
    const start = gate();
    const slow: Transport = {
      name: 'slow',
      supports: transport.supports,
      start: async (host) => {
        await start.passed;
        await transport.start(host);
      },
      stop: () => transport.stop(),
      attach: (address, receive) => transport.attach(address, receive),
      listen: (group, patterns, receive) => transport.listen(group, patterns, receive),
      publish: (to, frame) => transport.publish(to, frame),
    };
    return { transport: defineTransport(slow), start };
  }

  it('lets nodes of the process talk, and holds what is to leave until it is', async () => {
    const hub = memoryHub();
    const slow = held(hub.transport());
    await using near = initializeHappen({ transport: slow.transport as never });
    await using far = initializeHappen({ transport: hub.transport() });
    const [a, b] = [near.createNode('a'), near.createNode('b')];
    const arrived: unknown[] = [];
    far.createNode('far').on('t', ({ payload }) => {
      arrived.push(payload);
      return payload;
    });
    await far.ready();
    b.on('t', () => 'here');
    expect(await a.send(b, { type: 't' })).toBe('here');
    const asked = a.send('far', { type: 't', payload: 1 }).return();
    a.send('far', { type: 't', payload: 2 });
    await turn();
    expect(arrived).toEqual([]);
    slow.start.open();
    await near.ready();
    expect(await asked).toBe(1);
    expect(arrived).toEqual([1, 2]);
  });

  it('fails what is to leave when it can\u2019t be started, and lets the process go on', async () => {
    const hub = memoryHub();
    const slow = held(hub.transport());
    const warned: string[] = [];
    using rejections = unhandledRejections();
    const logger = {
      debug() {},
      info() {},
      warn: (_: object, message: string) => void warned.push(message),
      error() {},
    };
    await using near = initializeHappen({ transport: slow.transport as never, logger });
    const status = heard(near as TestSpace, 'system.connection-status');
    const [a, b] = [near.createNode('a'), near.createNode('b')];
    b.on('t', () => 'here');
    const waiting = codeOf(a.send('far', { type: 't' }));
    await turn();
    slow.start.fail(new Error('no route'));
    expect(await waiting).toBe('HAPPEN_DISCONNECTED');
    expect(await failureOf(near.ready())).toMatchObject({
      code: 'HAPPEN_DISCONNECTED',
      cause: expect.objectContaining({ message: 'no route' }),
    });
    expect(await codeOf(a.send('far', { type: 't' }))).toBe('HAPPEN_DISCONNECTED');
    expect(await a.send(b, { type: 't' })).toBe('here');
    await until('it is told', () => status.length > 0);
    expect(status.at(-1)?.payload).toMatchObject({ status: 'closed' });
    expect(warned).toHaveLength(1);
    expect(rejections.reasons).toEqual([]);
  });

  it('fails what is held when the space is closed first', async () => {
    const slow = held(memoryHub().transport());
    using rejections = unhandledRejections();
    const near = initializeHappen({ transport: slow.transport as never });
    const a = near.createNode('a');
    const waiting = codeOf(a.send('far', { type: 't' }));
    await turn();
    await near.close();
    expect(await waiting).toBe('HAPPEN_CLOSED');
    slow.start.open();
    await near.ready().catch(() => {});
    await turn();
    expect(rejections.reasons).toEqual([]);
  });
});

describe('a wire on which bytes are changed', () => {
  /** Changes the text of payloads on their way out. */
  function tampering(transport: Transport): Transport {
    return defineTransport({
      name: 'tampering',
      supports: transport.supports,
      start: (host) => transport.start(host),
      stop: () => transport.stop(),
      attach: (address, receive) => transport.attach(address, receive),
      listen: (group, patterns, receive) => transport.listen(group, patterns, receive),
      publish: (to, frame) => {
        const changed = Buffer.from(frame);
        for (let at = changed.indexOf('genuine'); at >= 0; at = changed.indexOf('genuine'))
          changed.write('Genuine', at);
        return transport.publish(to, new Uint8Array(changed));
      },
    });
  }

  it('hands no changed event to a handler, counts it, and tells the asker', async () => {
    await using world = await pair({}, tampering);
    const { a, b, spaces } = world;
    const arrived: unknown[] = [];
    b.on('t', ({ payload }) => {
      arrived.push(payload);
      return 'answer';
    });
    a.send(b, { type: 't', payload: 'genuine' });
    expect(await failureOf(a.send(b, { type: 't', payload: { text: 'genuine' } }))).toMatchObject({
      code: 'HAPPEN_HASH_MISMATCH',
      transient: true,
    });
    expect(await a.send(b, { type: 't', payload: 'plain' })).toBe('answer');
    expect(arrived).toEqual(['plain']);
    expect(spaces[1].metrics().link?.hashMismatches).toBe(2);
  });

  it('drops and counts what is no frame at all', async () => {
    const hub = memoryHub();
    await using space = initializeHappen({ transport: hub.transport() });
    const b = space.createNode('b');
    b.on('t', () => 'ok');
    await space.ready();
    const peer = hub.transport();
    await peer.start({
      instance: 'peer',
      clock: virtualClock(),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      undeliverable() {},
      status() {},
    });
    for (const bytes of [[], [0], [255, 255, 255], upTo(200)])
      await peer.publish({ kind: 'node', id: 'b' }, Uint8Array.from(bytes));
    await until('all are counted', () => space.metrics().link?.malformed === 4);
    expect(await b.send({ type: 't' })).toBe('ok');
    await peer.stop();
  });
});

describe('everything sent within a turn', () => {
  it('travels in few frames', async () => {
    await using world = await pair();
    const { a, b, spaces } = world;
    b.on('t', ({ payload }) => payload);
    const before = spaces[0].metrics().link?.framesSent ?? 0;
    await Promise.all(upTo(1_000).map((n) => a.send(b, { type: 't', payload: n })));
    expect((spaces[0].metrics().link?.framesSent ?? 0) - before).toBeLessThan(20);
    expect(spaces[1].metrics().link?.framesSent).toBeLessThan(20);
  });
});

describe('a node that lives in several spaces', () => {
  it('has each event handled in one of them', async () => {
    const hub = memoryHub();
    await using near = initializeHappen({ transport: hub.transport() });
    const a = near.createNode('a');
    await using one = initializeHappen({ transport: hub.transport() });
    await using two = initializeHappen({ transport: hub.transport() });
    const handled: string[] = [];
    for (const [name, space] of [
      ['one', one],
      ['two', two],
    ] as const) {
      const worker = space.createNode('worker');
      worker.on('t', () => void handled.push(name));
      worker.on('news', () => void handled.push(`${name} news`));
    }
    await Promise.all([near, one, two].map(({ ready }) => ready()));
    for (const _ of upTo(10)) await a.send('worker', { type: 't' });
    expect(handled).toHaveLength(10);
    expect(new Set(handled)).toEqual(new Set(['one', 'two']));
    await a.broadcast({ type: 'news' }).sent();
    await a.send('worker', { type: 't' });
    await a.send('worker', { type: 't' });
    expect(handled.filter((name) => name.endsWith('news'))).toHaveLength(1);
  });
});
