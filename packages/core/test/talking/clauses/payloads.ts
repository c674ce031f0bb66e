import { expect } from 'vitest';
import type { Clauses } from '../clause.js';
import { codeOf, failureOf, upTo } from '../observing.js';
import type { TestNode, World } from '../worlds.js';

/** Enough to find what only happens in a crowd; fewer where the same code has been through it in another world. */
function crowd(world: World): number {
  return world.isolation === 'freeze' && world.tracking === 'automatic' ? 10_000 : 1_000;
}

/** Whether anything looks at what is sent between neighbours of this world. */
function checked(world: World): boolean {
  return world.crosses || world.isolation !== 'trust';
}

const kinds: Readonly<Record<string, unknown>> = {
  nothing: null,
  yes: true,
  integer: 2 ** 53 - 1,
  fraction: -1.5e-300,
  'negative zero': -0,
  'no number': Number.NaN,
  infinite: -Infinity,
  text: 'grüße \u{1F600} \u0000',
  'empty text': '',
  list: [1, [2, []], {}],
  object: { a: { 'key with spaces': 1, '': 2, '0': 3 } },
  Date: new Date(1_767_225_600_123),
  'Date before 1970': new Date(-1),
  bigint: -(2n ** 200n),
  Map: new Map<unknown, unknown>([
    ['a', 1],
    [2, new Map([[{ deep: true }, new Date(0)]])],
  ]),
  Set: new Set<unknown>([1, 'a', [2]]),
  Uint8Array: new Uint8Array([0, 255]),
  Int8Array: new Int8Array([-128]),
  Uint8ClampedArray: new Uint8ClampedArray([255]),
  Int16Array: new Int16Array([-300]),
  Uint16Array: new Uint16Array([300]),
  Int32Array: new Int32Array([-(2 ** 31)]),
  Uint32Array: new Uint32Array([2 ** 32 - 1]),
  Float32Array: new Float32Array([0.5]),
  Float64Array: new Float64Array([Math.PI]),
  BigInt64Array: new BigInt64Array([-1n]),
  BigUint64Array: new BigUint64Array([2n ** 64n - 1n]),
  'part of a buffer': new Uint16Array(new Uint16Array([1, 2, 3, 4]).buffer, 2, 2),
};

export const payloadClauses: Clauses = {
  'TALK-5': {
    'carries every kind of value there and back': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', ({ payload }) => payload);
      b.on('kind', ({ payload }) => Object.prototype.toString.call(payload));
      for (const [name, value] of Object.entries(kinds)) {
        const back = await a.send(b, { type: 't', payload: value });
        expect(back, name).toStrictEqual(value);
        expect(await a.send(b, { type: 'kind', payload: value }), name).toBe(Object.prototype.toString.call(value));
      }
      expect(await a.send(b, { type: 't', payload: kinds })).toStrictEqual(kinds);
      expect(await a.send(b, { type: 't', payload: Object.values(kinds) })).toStrictEqual(Object.values(kinds));
    },

    'carries nothing at all': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', (event) => [event.payload === undefined, 'payload' in event]);
      expect(await a.send(b, { type: 't' })).toEqual([true, true]);
      expect(await a.send(b, { type: 't', payload: undefined })).toEqual([true, true]);
      b.on('back', () => undefined);
      expect(await a.send(b, { type: 'back' })).toBeUndefined();
    },

    'leaves out members that are undefined': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', ({ payload }) => JSON.stringify([payload, payload.gone === undefined]));
      b.on('back', () => ({ here: 1, gone: undefined }));
      expect(await a.send(b, { type: 't', payload: { here: 1, gone: undefined, deep: [{ gone: undefined }] } })).toBe(
        '[{"here":1,"deep":[{}]},true]',
      );
      const back = await a.send(b, { type: 'back' });
      expect('gone' in back).toBe(!checked(world));
    },

    'carries errors with name, message, code, details and causes': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', ({ payload }) => ({
        back: payload,
        kind: payload instanceof Error,
        name: payload.name,
        message: payload.message,
      }));
      const sent = Object.assign(new RangeError('too many', { cause: new TypeError('of that') }), {
        code: 'E_MANY',
        details: { n: 7 },
      });
      const { back, ...seen } = await a.send(b, { type: 't', payload: sent });
      expect(seen).toEqual({ kind: true, name: 'RangeError', message: 'too many' });
      expect(back).toBeInstanceOf(Error);
      expect(back).toMatchObject({ name: 'RangeError', message: 'too many', code: 'E_MANY', details: { n: 7 } });
      expect(back.cause).toBeInstanceOf(Error);
      expect(back.cause).toMatchObject({ name: 'TypeError', message: 'of that' });
      if (checked(world)) expect(Object.keys(back).sort()).toEqual(['code', 'details']);
    },

    'carries a received event as the data it is, there and back': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      b.on('t', (event, context) =>
        (context.node as TestNode)
          .send(c, { type: 'report', payload: { about: event } })
          .return((back) => [event.context.causal.id, back]),
      );
      c.on('report', ({ payload }) => payload.about);
      const [id, back] = await a.send(b, { type: 't', payload: { n: 1 }, context: { user: { id: 'u' } } });
      expect(back).toMatchObject({
        type: 't',
        payload: { n: 1 },
        context: {
          user: { id: 'u' },
          origin: { nodeId: 'a' },
          causal: { id, sender: 'a', correlationId: id, depth: 0 },
        },
      });
      expect(back.context.causal.path).toEqual([]);
      expect(back.context.causal.hash).toMatch(/^[0-9a-f]{64}$/);
    },

    'carries an error of Happen as one': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', ({ payload }) => payload);
      const sent = await failureOf(a.send('nobody', { type: 't' }));
      const back = await a.send(b, { type: 't', payload: sent });
      expect(back).toMatchObject({
        name: 'HappenError',
        code: 'HAPPEN_NO_SUCH_NODE',
        details: { node: 'nobody' },
        transient: true,
      });
    },

    'refuses what has no place on a wire, naming its path, also where nothing crosses one': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', () => 'taken');
      class Own {
        n = 1;
      }
      const circular: { self?: unknown } = {};
      circular.self = circular;
      const refused: readonly [string, unknown, string][] = [
        ['function', { run() {} }, 'payload.run'],
        ['symbol', { s: Symbol('s') }, 'payload.s'],
        ['symbol key', { [Symbol('s')]: 1 }, 'payload'],
        ['instance', { own: new Own() }, 'payload.own'],
        ['invalid Date', [new Date(Number.NaN)], 'payload[0]'],
        ['undefined in a list', [1, undefined], 'payload[1]'],
        ['hole in a list', [1, , 2], 'payload[1]'],
        ['promise', { later: Promise.resolve(1) }, 'payload.later'],
        ['WeakMap', new WeakMap(), 'payload'],
        ['regular expression', /x/, 'payload'],
        ['half a surrogate pair', { text: '\uD800' }, 'payload.text'],
        ['forbidden key', JSON.parse('{"__proto__": 1}'), 'payload.__proto__'],
        ['forbidden key in depth', { a: [{ constructor: 1 }] }, 'payload.a[0].constructor'],
        ['in a Map', new Map([['k', () => {}]]), 'payload.entries()[0][1]'],
        ['in a Set', new Set([() => {}]), 'payload.values()[0]'],
        [
          'getter that throws',
          {
            get bad() {
              throw new Error('no');
            },
          },
          'payload.bad',
        ],
        ['DataView', new DataView(new ArrayBuffer(1)), 'payload'],
        ['ArrayBuffer', new ArrayBuffer(1), 'payload'],
      ];
      for (const [name, payload, path] of refused) {
        const asked = a.send(b, { type: 't', payload });
        if (!checked(world)) {
          expect(await asked, name).toBe('taken');
          continue;
        }
        const error = await failureOf(asked);
        expect(error, name).toMatchObject({ code: 'HAPPEN_NOT_SERIALISABLE', details: { path } });
        expect(error.message).toContain(path);
      }
      if (checked(world))
        expect(await failureOf(a.send(b, { type: 't', payload: circular }))).toMatchObject({
          code: 'HAPPEN_NOT_SERIALISABLE',
        });
      expect(await a.send(b, { type: 't' })).toBe('taken');
    },

    'refuses in the context what could not cross, also where nothing crosses': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', () => 'taken');
      const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
      const notSerialisable: readonly [string, object, string][] = [
        ['forbidden key', { constructor: 1 }, 'context.constructor'],
        ['forbidden key of the origin', { origin: { prototype: 1 } }, 'context.origin.prototype'],
        ['half a surrogate pair in a key', { '\uD800': 1 }, 'context["\\ud800"]'],
        ['too deep', { a: nested(64) }, `context.a${'[0]'.repeat(63)}`],
      ];
      for (const [name, context, path] of notSerialisable) {
        const asked = a.send(b, { type: 't', context });
        if (!checked(world)) expect(await asked, name).toBe('taken');
        else expect(await failureOf(asked), name).toMatchObject({ code: 'HAPPEN_NOT_SERIALISABLE', details: { path } });
      }
      const tooLarge: readonly [string, object][] = [
        ['too many values', { a: upTo(60_000) }],
        ['too many keys', Object.fromEntries(upTo(30_000).map((number) => [`key ${number}`, number]))],
        ['too long in all', { a: 'x'.repeat(600_000), b: 'x'.repeat(600_000) }],
      ];
      for (const [name, context] of tooLarge) {
        const asked = a.send(b, { type: 't', context });
        if (!checked(world)) expect(await asked, name).toBe('taken');
        else expect(await codeOf(asked), name).toBe('HAPPEN_PAYLOAD_TOO_LARGE');
      }
      expect(await a.send(b, { type: 't', context: { a: nested(63), b: upTo(40_000) } })).toBe('taken');
    },

    'refuses results by the same rules': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const results: Record<string, [unknown, string]> = {
        instance: [{ a: new (class Own {})() }, 'result.a'],
        weak: [[new WeakSet()], 'result[0]'],
        date: [new Date(Number.NaN), 'result'],
        // It has passed all checks but the last, which is to copy it.
        gone: [transferred(), 'result'],
      };
      b.on('t', ({ payload }) => results[payload]?.[0]);
      for (const [name, [, path]] of Object.entries(results)) {
        const asked = a.send(b, { type: 't', payload: name });
        if (!checked(world)) await asked;
        else expect(await failureOf(asked), name).toMatchObject({ code: 'HAPPEN_NOT_SERIALISABLE', details: { path } });
      }
    },

    'takes errors as results and items whose getters throw, as far as they can be read': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const broken = (key: string): Error =>
        Object.defineProperty(new Error('sound'), key, {
          get() {
            throw new Error(`no ${key}`);
          },
        });
      b.on('t', ({ payload }) => broken(payload as string));
      b.on('s', function* ({ payload }) {
        yield broken(payload as string);
        return broken(payload as string);
      });
      for (const payload of ['name', 'message', 'stack']) {
        const result: unknown = await a.send(b, { type: 't', payload });
        const items: unknown[] = [];
        for await (const item of a.send(b, { type: 's', payload })) items.push(item);
        for (const one of [result, ...items]) expect(one, payload).toBeInstanceOf(Error);
        if (checked(world)) expect((result as Error).name, payload).toBe('Error');
        expect(items).toHaveLength(1);
      }
    },

    'carries payloads of up to 900 kB': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', ({ payload }) => payload);
      const bytes = new Uint8Array(900_000).map((_, index) => index % 251);
      expect(Buffer.compare(await a.send(b, { type: 't', payload: bytes }), bytes)).toBe(0);
      const text = 'ä'.repeat(400_000);
      expect((await a.send(b, { type: 't', payload: { text } })).text === text).toBe(true);
      const numbers = upTo(50_000);
      expect(await a.send(b, { type: 't', payload: numbers })).toEqual(numbers);
    },

    'takes as much as the limits of the config say': async (open) => {
      await using world = await open({ config: { limits: { maxPayloadBytes: 100, maxItems: 10, maxDepth: 3 } } });
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', () => 'taken');
      for (const [payload, code] of [
        ['x'.repeat(200), 'HAPPEN_PAYLOAD_TOO_LARGE'],
        [upTo(20), 'HAPPEN_PAYLOAD_TOO_LARGE'],
        [[[[[1]]]], 'HAPPEN_NOT_SERIALISABLE'],
      ] as const) {
        const asked = a.send(b, { type: 't', payload });
        if (checked(world)) expect(await failureOf(asked)).toMatchObject({ code });
        else expect(await asked).toBe('taken');
      }
      expect(await a.send(b, { type: 't', payload: [[[1]]] })).toBe('taken');
    },

    'answers thousands of requests at once, each with its own result': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('double', ({ payload }) => payload * 2);
      const answers = await Promise.all(upTo(crowd(world)).map((n) => a.send(b, { type: 'double', payload: n })));
      expect(answers.every((answer, n) => answer === n * 2)).toBe(true);
    },

    'answers a thousand asynchronous requests at once': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('double', async ({ payload }) => {
        if (payload % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
        return payload * 2;
      });
      const answers = await Promise.all(upTo(1_000).map((n) => a.send(b, { type: 'double', payload: n })));
      expect(answers.every((answer, n) => answer === n * 2)).toBe(true);
      expect(world.spaceOf(b).metrics().queues['b']).toEqual({ running: 0, waiting: 0 });
    },
  },
};

/** A list of bytes whose memory has gone elsewhere. */
function transferred(): Uint8Array {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}
