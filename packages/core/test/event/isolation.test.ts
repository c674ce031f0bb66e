import { afterEach, describe, expect, it, vi } from 'vitest';
import fc from 'fast-check';
import { copyValue, freezeInPlace } from '../../src/event/isolation.js';
import { initializeHappen, type Isolation } from '../../src/index.js';

afterEach(() => void vi.unstubAllEnvs());

/** Every object within a value, with whether it is of a kind that can be frozen. */
function* objectsIn(value: unknown): Generator<{ readonly object: object; readonly freezable: boolean }> {
  if (typeof value !== 'object' || value === null) return;
  const prototype: unknown = Object.getPrototypeOf(value);
  const freezable = Array.isArray(value) || prototype === Object.prototype || prototype === null;
  yield { object: value, freezable };
  if (ArrayBuffer.isView(value) || value instanceof Date) return;
  if (value instanceof Map) for (const entry of value) for (const part of entry) yield* objectsIn(part);
  else if (value instanceof Set) for (const item of value) yield* objectsIn(item);
  else for (const member of Object.values(value)) yield* objectsIn(member);
}

const { payload } = fc.letrec<{ payload: unknown }>((tie) => ({
  payload: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null), fc.bigInt()),
    fc.array(tie('payload'), { maxLength: 4 }),
    fc.dictionary(
      fc.string({ maxLength: 4 }).filter((key) => key !== '__proto__'),
      tie('payload'),
      { maxKeys: 4 },
    ),
    fc.oneof(
      fc.date({ noInvalidDate: true }),
      fc.uint8Array({ maxLength: 4 }),
      fc.float64Array({ maxLength: 2 }),
      fc.array(tie('payload'), { maxLength: 3 }).map((items) => new Set(items)),
      fc.array(fc.tuple(fc.string(), tie('payload')), { maxLength: 3 }).map((entries) => new Map(entries)),
    ),
  ),
}));

describe('freezing in place', () => {
  it('freezes every plain object and array, at any depth, and tells whether there is anything else', () => {
    fc.assert(
      fc.property(payload, (value) => {
        // beyond what can't be frozen, a receiver's copy takes over
        const before = [...objectsIn(value)];
        const needsCopies = freezeInPlace(value);
        expect(needsCopies).toBe(before.some(({ freezable }) => !freezable));
        if (!needsCopies) for (const { object } of before) expect(Object.isFrozen(object)).toBe(true);
      }),
    );
  });
});

describe('a copy', () => {
  it('equals what it was made of and shares no object with it', () => {
    fc.assert(
      fc.property(payload, fc.boolean(), (value, frozen) => {
        const copy = copyValue(value, frozen);
        expect(copy).toEqual(value);
        const originals = new Set([...objectsIn(value)].map(({ object }) => object));
        for (const { object, freezable } of objectsIn(copy)) {
          expect(originals.has(object)).toBe(false);
          if (freezable) expect(Object.isFrozen(object)).toBe(frozen);
        }
      }),
    );
  });

  it('keeps an object without prototype one, and leaves out what is undefined, as a wire does', () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1, gone: undefined });
    const copy = copyValue(bare, true) as object;
    expect(Object.getPrototypeOf(copy)).toBeNull();
    expect(Object.keys(copy)).toEqual(['a']);
  });
});

/** Two nodes that keep what they receive of a broadcast, under one kind of isolation. */
async function broadcastOf(payload: unknown, isolation: Isolation, context?: object) {
  const { createNode } = initializeHappen({ isolation });
  const received: { payload: any; context: any; event: any }[] = [];
  for (const id of ['one', 'two']) {
    createNode(id).on('x', (event) => void received.push({ payload: event.payload, context: event.context, event }));
  }
  await createNode('sender')
    .broadcast(context === undefined ? { type: 'x', payload } : { type: 'x', payload, context })
    .sent();
  return received as [(typeof received)[0], (typeof received)[0]];
}

describe('isolation: freeze', () => {
  it('lets nobody change a plain payload, the sender neither', async () => {
    const payload = { items: [{ id: 1 }], note: 'x' };
    const [one, two] = await broadcastOf(payload, 'freeze');
    for (const view of [payload, one.payload, two.payload]) {
      expect(() => {
        view.note = 'changed';
      }).toThrow(TypeError);
      expect(() => view.items.push({ id: 2 })).toThrow(TypeError);
      expect(() => {
        view.items[0].id = 2;
      }).toThrow(TypeError);
      expect(() => {
        delete view.items;
      }).toThrow(TypeError);
    }
    expect(one.payload).toBe(payload);
  });

  it('lets nobody change the event or its context', async () => {
    const [one] = await broadcastOf({}, 'freeze', { user: { id: 1 }, origin: { tags: ['a'] } });
    for (const change of [
      () => Object.assign(one.event, { type: 'y' }),
      () => Object.assign(one.event, { payload: 1 }),
      () => Object.assign(one.context, { extra: 1 }),
      () => Object.assign(one.context.user, { id: 2 }),
      () => Object.assign(one.context.origin, { nodeId: 'x' }),
      () => one.context.origin.tags.push('b'),
    ]) {
      expect(change).toThrow(TypeError);
    }
  });

  it('gives each receiver a copy of what can not be frozen', async () => {
    const payload = { at: new Date(0), tags: new Map([['a', [1]]]), bytes: Uint8Array.of(1, 2), seen: new Set([1]) };
    const [one, two] = await broadcastOf(payload, 'freeze');
    one.payload.at.setTime(5);
    one.payload.tags.set('b', []);
    one.payload.bytes[0] = 9;
    one.payload.seen.clear();
    payload.at.setTime(7);
    payload.bytes[1] = 9;
    expect(two.payload).toEqual({
      at: new Date(0),
      tags: new Map([['a', [1]]]),
      bytes: Uint8Array.of(1, 2),
      seen: new Set([1]),
    });
    expect(() => {
      one.payload.at = new Date();
    }).toThrow(TypeError);
  });

  it('does not freeze what the sender keeps beside the payload', async () => {
    const context = { user: { id: 1 }, tags: ['a'] };
    const [one] = await broadcastOf(1, 'freeze', context);
    context.user.id = 2;
    context.tags.push('b');
    expect(one.context).toMatchObject({ user: { id: 1 }, tags: ['a'] });
  });
});

describe('isolation: copy', () => {
  it('lets everybody do as he likes with his own', async () => {
    const payload = { items: [1], at: new Date(0) };
    const { createNode } = initializeHappen({ isolation: 'copy' });
    const received: any[] = [];
    for (const id of ['one', 'two']) createNode(id).on('x', (event) => void received.push(event.payload));
    const sent = createNode('sender').broadcast({ type: 'x', payload }).sent();
    payload.items.push(2);
    await sent;
    received[0].items.push(3);
    received[0].at.setTime(5);
    expect(received).toEqual([
      { items: [1, 3], at: new Date(5) },
      { items: [1], at: new Date(0) },
    ]);
    expect(payload).toEqual({ items: [1, 2], at: new Date(0) });
  });
});

describe('isolation: trust', () => {
  it('hands the very payload over, unchecked', async () => {
    const payload = { run: () => 'a function', self: undefined as unknown };
    payload.self = payload;
    const [one, two] = await broadcastOf(payload, 'trust');
    expect(one.payload).toBe(payload);
    expect(two.payload).toBe(payload);
    expect(Object.isFrozen(payload)).toBe(false);
  });
});

describe('what could not leave the process', () => {
  const circular: { self?: unknown } = {};
  circular.self = circular;
  const deep = Array.from({ length: 70 }).reduce<unknown>((inner) => [inner], 0);

  it.each<[string, unknown, string]>([
    ['a function', { on: { click() {} } }, 'payload.on.click'],
    ['a symbol', [Symbol('x')], 'payload[0]'],
    ['an instance of a class', { order: new (class Order {})() }, 'payload.order'],
    ['undefined in a list', { list: [1, undefined] }, 'payload.list[1]'],
    ['an invalid date', { 'due at': new Date(Number.NaN) }, 'payload["due at"]'],
    ['a promise', Promise.resolve(1), 'payload'],
    ['a loop', circular, 'payload.self'],
    ['a list in seventy lists', deep, 'payload[0]'],
    ['a key of prototypes', JSON.parse('{"a":{"__proto__":1}}'), 'payload.a.__proto__'],
  ])('is refused within it as well, where it is checked: %s', async (_, payload, path) => {
    for (const isolation of ['freeze', 'copy'] as const) {
      const { createNode } = initializeHappen({ isolation });
      const node = createNode('node');
      node.on('x', () => payload);
      const refusal = { code: 'HAPPEN_NOT_SERIALISABLE', details: { path: expect.stringContaining(path) as string } };
      await expect(node.send({ type: 'x', payload }).return()).rejects.toMatchObject(refusal);
      const resultPath = path.replace('payload', 'result');
      if (!(payload instanceof Promise)) {
        await expect(node.send({ type: 'x' }).return()).rejects.toMatchObject({
          ...refusal,
          details: { path: expect.stringContaining(resultPath) as string },
        });
      }
      await expect(node.send({ type: 'x', context: { note: payload } }).return()).rejects.toMatchObject({
        ...refusal,
        details: { path: expect.stringContaining(path.replace('payload', 'context.note')) as string },
      });
    }
  });
});

describe('without a word about isolation', () => {
  const receivedBy = async () => {
    const { createNode } = initializeHappen();
    const node = createNode('node');
    const payload = { a: 1 };
    node.on('x', (event) => Object.isFrozen(event.payload));
    return node.send({ type: 'x', payload });
  };

  it('it is freeze, but trust in production', async () => {
    expect(await receivedBy()).toBe(true);
    vi.stubEnv('NODE_ENV', 'production');
    expect(await receivedBy()).toBe(false);
    vi.stubEnv('NODE_ENV', 'staging');
    expect(await receivedBy()).toBe(true);
  });
});
