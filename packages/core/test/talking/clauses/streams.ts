import { expect } from 'vitest';
import type { EventStream, FlowContext, HappenEvent } from '../../../src/index.js';
import { virtualClock } from '../../../../testing/src/clock/virtual-clock.js';
import type { Clauses } from '../clause.js';
import { codeOf, failureOf, gate, unhandledRejections, until, upTo } from '../observing.js';
import { type OpenWorld, type TestNode, turn, type World } from '../worlds.js';

type Loose = Record<string, any>;
type AnyStream = EventStream<any, any>;

async function pair(open: OpenWorld): Promise<{ world: World; a: TestNode; b: TestNode }> {
  const world = await open();
  return { world, a: world.node('a'), b: world.node('b') };
}

/** Nothing runs or waits at a node any more, and its space has no stream open. */
function idle(world: World, node: TestNode): boolean {
  const { queues, streams } = world.spaceOf(node).metrics();
  const queue = queues[node.id];
  return queue !== undefined && queue.running === 0 && queue.waiting === 0 && streams.open === 0;
}

async function listOf(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** A generator without end that says when its `finally` has run, and how far it had come. */
function endless(): {
  readonly ended: Promise<number>;
  readonly reached: () => number;
  readonly signalled: Promise<unknown>;
  readonly handler: (event: unknown, context: { readonly signal: AbortSignal }) => AsyncGenerator<number>;
} {
  const ended = gate<number>();
  const signalled = gate<unknown>();
  let reached = 0;
  return {
    ended: ended.passed,
    reached: () => reached,
    signalled: signalled.passed,
    async *handler(_event, { signal }) {
      signal.addEventListener('abort', () => signalled.open(signal.reason));
      try {
        for (;;) yield ++reached;
      } finally {
        ended.open(reached);
      }
    },
  };
}

export const streamClauses: Clauses = {
  'TALK-6': {
    'gives what a generator yields, in order, and what it returns as the result': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      b.on('report', async function* ({ payload }) {
        for (let i = 1; i <= payload; i++) {
          await turn();
          yield { progress: i / payload };
        }
        return { url: '/report' };
      });
      const stream = await a.send(b, { type: 'report', payload: 4 });
      expect(await listOf(stream)).toEqual([
        { progress: 0.25 },
        { progress: 0.5 },
        { progress: 0.75 },
        { progress: 1 },
      ]);
      expect(await stream.result).toEqual({ url: '/report' });
      expect(await stream.next()).toEqual({ done: true, value: { url: '/report' } });
      await until('nothing is left', () => idle(world, b));
    },

    'gives the same by iterating over what send returns': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      b.on('count', function* ({ payload }, { expectsResponse }) {
        for (let i = 0; i < payload; i++) yield [i, expectsResponse];
      });
      const seen: unknown[] = [];
      for await (const item of a.send(b, { type: 'count', payload: 3 })) seen.push(item);
      expect(seen).toEqual([
        [0, true],
        [1, true],
        [2, true],
      ]);
    },

    'takes the items and resolves to the result with return, with and without a callback': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      let yielded = 0;
      b.on('count', function* () {
        for (; yielded < 1_000; yielded++) yield yielded;
        return 'all';
      });
      expect(await a.send(b, { type: 'count' }).return()).toBe('all');
      expect(yielded).toBe(1_000);
      expect(await a.send(b, { type: 'count' }).return((result: string) => result.length)).toBe(3);
      const handle = a.send(b, { type: 'count' });
      const [stream, result] = [handle.then(), handle.return()];
      expect(await listOf(await stream)).toEqual([]);
      expect(await result).toBe('all');
      expect(await handle.return()).toBe('all');
    },

    'takes any iterator object for a stream, also behind a promise and from an ordinary function': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      b.on('list', () => [1, 2][Symbol.iterator]());
      b.on('map', () => new Map([['k', 'v']]).entries());
      b.on('behind', async () => {
        await turn();
        return [3, 4].values();
      });
      b.on('promises', function* () {
        yield Promise.resolve(5);
        return Promise.resolve(6);
      });
      b.on('own', () => {
        let left = 3;
        return { next: () => ({ done: left-- === 0, value: left }), [Symbol.iterator]: () => [] };
      });
      expect(await listOf(a.send(b, { type: 'list' }))).toEqual([1, 2]);
      expect(await listOf(a.send(b, { type: 'map' }))).toEqual([['k', 'v']]);
      expect(await listOf(a.send(b, { type: 'behind' }))).toEqual([3, 4]);
      const promises = await a.send(b, { type: 'promises' });
      expect(await listOf(promises)).toEqual([5]);
      expect(await promises.result).toBe(6);
      expect(await listOf(a.send(b, { type: 'own' }))).toEqual([2, 1, 0]);
      await until('nothing is left', () => idle(world, b));
    },

    'asks the generator for nothing before the consumer does': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      let begun = false;
      b.on('lazy', async function* () {
        begun = true;
        yield 1;
      });
      b.on('other', () => 'other');
      const stream = await a.send(b, { type: 'lazy' });
      expect(await a.send(b, { type: 'other' })).toBe('other');
      expect(begun).toBe(false);
      expect(await stream.next()).toEqual({ done: false, value: 1 });
      expect(await listOf(stream)).toEqual([]);
    },

    'keeps the generator at the pace of its consumer': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const { handler, reached, ended } = endless();
      b.on('endless', handler);
      let taken = 0;
      for await (const item of a.send(b, { type: 'endless' })) {
        expect(item).toBe(++taken);
        await turn();
        // Within a space nothing is made ahead; across a transport a window is.
        expect(reached() - taken).toBeLessThanOrEqual(world.crosses ? 256 : 0);
        if (taken === 1_000) break;
      }
      expect(await ended).toBe(reached());
    },

    'runs the generator’s finally and aborts its signal when the consumer leaves the loop': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      using unhandled = unhandledRejections();
      const { handler, ended, signalled } = endless();
      b.on('endless', handler);
      const stream: AnyStream = await a.send(b, { type: 'endless' });
      const { result } = stream;
      for await (const item of stream) if (item === 3) break;
      await ended;
      expect(await signalled).toMatchObject({ code: 'HAPPEN_CANCELLED' });
      expect(await codeOf(result)).toBe('HAPPEN_CANCELLED');
      expect(await stream.next()).toEqual({ done: true, value: undefined });
      await until('nothing is left', () => idle(world, b));
      await turn();
      expect(unhandled.reasons).toEqual([]);
    },

    'ends a generator that nobody has pulled when its consumer leaves': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const { handler, reached } = endless();
      b.on('endless', handler);
      const stream: AnyStream = await a.send(b, { type: 'endless' });
      expect(await stream.return('mine')).toEqual({ done: true, value: 'mine' });
      await until('nothing is left', () => idle(world, b));
      expect(reached()).toBe(0);
      {
        await using disposed: AnyStream = await a.send(b, { type: 'endless' });
        expect(await disposed.next()).toEqual({ done: false, value: 1 });
      }
      await until('nothing is left', () => idle(world, b));
    },

    'throws in the loop what the generator throws, once, and tells of it': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      using unhandled = unhandledRejections();
      const errors = world.heard('node.error');
      b.on('breaks', function* () {
        yield 1;
        throw new RangeError('too far');
      });
      const stream: AnyStream = await a.send(b, { type: 'breaks' });
      const seen: unknown[] = [];
      const error = await failureOf(
        (async () => {
          for await (const item of stream) seen.push(item);
        })(),
      );
      expect(seen).toEqual([1]);
      expect(error).toMatchObject({
        code: 'HAPPEN_HANDLER_FAILED',
        details: { node: 'b', type: 'breaks', name: 'RangeError', message: 'too far' },
      });
      expect(await failureOf(stream.result)).toBe(error);
      expect(await stream.next()).toEqual({ done: true, value: undefined });
      expect(await codeOf(a.send(b, { type: 'breaks' }).return())).toBe('HAPPEN_HANDLER_FAILED');
      await until('it is told', () => errors.length === 2);
      expect(errors[0]?.payload).toMatchObject({ nodeId: 'b', code: 'HAPPEN_HANDLER_FAILED', type: 'breaks' });
      await until('nothing is left', () => idle(world, b));
      await turn();
      expect(unhandled.reasons).toEqual([]);
    },

    'tells of what a finally throws after the consumer has left, and of what is no iterator result': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const errors = world.heard('node.error');
      b.on('finally', function* () {
        try {
          for (;;) yield 1;
        } finally {
          // eslint-disable-next-line no-unsafe-finally -- what this is about
          throw new Error('in finally');
        }
      });
      b.on('nonsense', () => ({ next: () => 7, [Symbol.iterator]: () => [] }));
      for await (const _item of a.send(b, { type: 'finally' })) break;
      await until('it is told', () => errors.length === 1);
      expect(errors[0]?.payload).toMatchObject({ code: 'HAPPEN_HANDLER_FAILED', type: 'finally' });
      expect(await codeOf(a.send(b, { type: 'nonsense' }).return())).toBe('HAPPEN_HANDLER_FAILED');
      await until('nothing is left', () => idle(world, b));
    },

    'is cancelled by the signal of the request, pulled or not': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      for (const pulled of [true, false]) {
        const controller = new AbortController();
        const cleaned = gate();
        b.on(`waits.${pulled}`, async function* (_event, { signal }) {
          try {
            yield 1;
            await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
          } finally {
            cleaned.open();
          }
        });
        const stream: AnyStream = await a.send(b, { type: `waits.${pulled}` }, { signal: controller.signal });
        expect(await stream.next()).toEqual({ done: false, value: 1 });
        const next = pulled ? stream.next() : undefined;
        controller.abort();
        expect(await codeOf(next ?? stream.next())).toBe('HAPPEN_CANCELLED');
        expect(await codeOf(stream.result)).toBe('HAPPEN_CANCELLED');
        await cleaned.passed;
      }
      await until('nothing is left', () => idle(world, b));
    },

    'bounds each wait by the timeout, and not the whole': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      const sleep = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimer(ms, resolve));
      const cleaned = gate();
      b.on('slow', async function* ({ payload }) {
        try {
          for (const ms of payload) {
            await sleep(ms);
            yield ms;
          }
        } finally {
          cleaned.open();
        }
      });
      const all = listOf(a.send(b, { type: 'slow', payload: upTo(50).map(() => 90) }, { timeout: 100 }));
      for (let step = 0; step < 500; step++) await clock.advance(10);
      expect(await all).toHaveLength(50);
      const stream: AnyStream = await a.send(b, { type: 'slow', payload: [50, 500] }, { timeout: 100 });
      const first = stream.next();
      await clock.advance(60);
      expect(await first).toEqual({ done: false, value: 50 });
      const second = codeOf(stream.next());
      await clock.advance(99);
      await clock.advance(50);
      expect(await second).toBe('HAPPEN_TIMEOUT');
      await clock.advance(500);
      await cleaned.passed;
      await until('nothing is left', () => idle(world, b));
    },

    'gives what a generator asks for as long as its consumer waits, anew for each item': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const begun = gate();
      let failed: unknown;
      c.on('never', () => {
        begun.open();
        return new Promise(() => {});
      });
      b.on('slow', async function* (_event, context) {
        for (const item of upTo(3)) {
          await new Promise<void>((resolve) => void clock.setTimer(800, resolve));
          yield item;
        }
        failed = await codeOf((context.node as TestNode).send(c, { type: 'never' }));
      });
      const stream: AnyStream = await a.send(b, { type: 'slow' }, { timeout: 1_000 });
      for (const item of upTo(3)) {
        const next = stream.next();
        await clock.advance(800);
        expect(await next).toEqual({ done: false, value: item });
      }
      // The time of both is over in one moment: whether the consumer still hears of the end does not matter here.
      const last = stream.next().catch(() => {});
      await begun.passed;
      await clock.advance(900);
      expect(failed).toBeUndefined();
      await clock.advance(150);
      await last;
      await until('it has failed', () => failed !== undefined);
      expect(failed).toBe('HAPPEN_TIMEOUT');
    },

    'gives what a generator asks for in its finally a time of its own': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const begun = gate();
      const refunded = gate<unknown>();
      c.on('refund', async () => {
        begun.open();
        await new Promise<void>((resolve) => void clock.setTimer(20_000, resolve));
        return 'refunded';
      });
      b.on('charges', async function* (_event, context) {
        try {
          for (;;) yield 1;
        } finally {
          const asked = (context.node as TestNode).send(c, { type: 'refund' }).return();
          refunded.open(await asked.catch((error: { code: string }) => error.code));
        }
      });
      const stream: AnyStream = await a.send(b, { type: 'charges' }, { timeout: 1_000 });
      await stream.next();
      await stream.return();
      await begun.passed;
      await clock.advance(20_000);
      expect(await refunded.passed).toBe('refunded');
    },

    'ends a stream that is asked for and not pulled for its timeout': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const errors = world.heard('node.error');
      const [a, b] = [world.node('a'), world.node('b')];
      const { handler, ended } = endless();
      b.on('endless', handler);
      const forgotten: AnyStream = await a.send(b, { type: 'endless' }, { timeout: 1_000 });
      const left: AnyStream = await a.send(b, { type: 'endless' }, { timeout: 1_000 });
      expect(await left.next()).toEqual({ done: false, value: 1 });
      await clock.advance(999);
      expect(idle(world, b)).toBe(false);
      await clock.advance(20);
      await ended;
      expect(await codeOf(forgotten.next())).toBe('HAPPEN_TIMEOUT');
      expect(await codeOf(left.next())).toBe('HAPPEN_TIMEOUT');
      expect(await codeOf(left.result)).toBe('HAPPEN_TIMEOUT');
      await clock.advance(2_000);
      await until('nothing is left', () => idle(world, b));
      // Who has pulled once will look again; nobody may ever look at the other.
      await until('the forgotten one is told of', () => errors.length > 0);
      expect(errors.map(({ payload }) => payload)).toMatchObject([
        { nodeId: 'a', code: 'HAPPEN_TIMEOUT', type: 'endless' },
      ]);
    },

    'serves several calls of next in their order': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      b.on('count', function* () {
        yield* upTo(5);
        return 'end';
      });
      const stream: AnyStream = await a.send(b, { type: 'count' });
      const results = await Promise.all(upTo(7).map(() => stream.next()));
      expect(results.map(({ value }) => value)).toEqual([0, 1, 2, 3, 4, 'end', 'end']);
      b.on('waits', async function* (_event, { signal }) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        yield 'too late';
      });
      const left: AnyStream = await a.send(b, { type: 'waits' });
      const nexts = [left.next(), left.next()];
      await left.return();
      for (const next of [...nexts, left.next()]) expect(await next).toEqual({ done: true, value: undefined });
      await until('nothing is left', () => idle(world, b));
    },

    'goes on with the function that a generator returns, and with the stream that follows': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      async function* second(_event: unknown, context: Loose) {
        yield `second ${context['note']}`;
        return async () => 'done';
      }
      b.on('flow', async function* (_event, context: Loose) {
        yield 'first';
        context['note'] = 'noted';
        return () => async () => second;
      });
      b.on('late throw', function* () {
        yield 1;
        return () => {
          throw new Error('after the stream');
        };
      });
      const stream: AnyStream = await a.send(b, { type: 'flow' });
      expect(await listOf(stream)).toEqual(['first', 'second noted']);
      expect(await stream.result).toBe('done');
      expect(await a.send(b, { type: 'flow' }).return()).toBe('done');
      expect(await b.process({ type: 'flow' })).toBe('done');
      expect((await failureOf(a.send(b, { type: 'late throw' }).return())).details).toMatchObject({
        message: 'after the stream',
      });
      await until('nothing is left', () => idle(world, b));
    },

    'makes a stream that a handler returns its own answer, and ends it with it': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const { handler, ended } = endless();
      c.on('endless', handler);
      c.on('few', function* () {
        yield* [1, 2];
        return 'c';
      });
      b.on('handed on', () => b.send(c, { type: 'few' }));
      b.on('handed on.endless', async () => await b.send(c, { type: 'endless' }));
      b.on('changed', async function* () {
        const inner = await b.send(c, { type: 'few' });
        for await (const item of inner) yield item * 10;
        return `${await inner.result}, changed`;
      });
      const handedOn: AnyStream = await a.send(b, { type: 'handed on' });
      expect(await listOf(handedOn)).toEqual([1, 2]);
      expect(await handedOn.result).toBe('c');
      const changed: AnyStream = await a.send(b, { type: 'changed' });
      expect(await listOf(changed)).toEqual([10, 20]);
      expect(await changed.result).toBe('c, changed');
      for await (const item of a.send(b, { type: 'handed on.endless' })) if (item === 5) break;
      await ended;
      await until('nothing is left', () => idle(world, b) && idle(world, c));
    },

    'starts the next registration once a stream has been handed over': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const order: string[] = [];
      const second = gate();
      b.on('t', async function* () {
        order.push('first begins');
        yield 1;
        order.push('first goes on');
      });
      b.on('t', () => {
        order.push('second');
        second.open();
        return 'not the answer';
      });
      const stream: AnyStream = await a.send(b, { type: 't' });
      await second.passed;
      expect(await listOf(stream)).toEqual([1]);
      expect(order).toEqual(['second', 'first begins', 'first goes on']);
      await until('nothing is left', () => idle(world, b));
    },

    'drains a generator whose answer has been given by another registration': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const drained = gate();
      b.on('t', () => 'the answer');
      b.on('t', async function* () {
        yield 1;
        yield 2;
        drained.open();
      });
      expect(await a.send(b, { type: 't' })).toBe('the answer');
      await drained.passed;
    },

    'holds no slot while it waits for its consumer, but its key': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 1 } });
      b.on('stream', endless().handler);
      b.on('plain', ({ payload }) => payload);
      const stream: AnyStream = await a.send(b, { type: 'stream' }, { key: 'k' });
      expect(await stream.next()).toEqual({ done: false, value: 1 });
      expect(await a.send(b, { type: 'plain', payload: 'no key' })).toBe('no key');
      let answered = false;
      const sameKey = a.send(b, { type: 'plain', payload: 'same key' }, { key: 'k' }).return(() => (answered = true));
      // A sentinel: it was sent later, and waits for nobody.
      expect(await a.send(b, { type: 'plain', payload: 'other key' }, { key: 'other' })).toBe('other key');
      expect(answered).toBe(false);
      expect(world.spaceOf(b).metrics()).toMatchObject({
        queues: { b: { running: 0, waiting: 1 } },
        streams: { open: 1 },
      });
      await stream.return();
      expect(await sameKey).toBe(true);
      await until('nothing is left', () => idle(world, b));
    },

    'runs a generator without a consumer to its end, which holds a slot': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 1 } });
      const [goOn, done] = [gate(), gate<string[]>()];
      b.on('work', async function* (_event, { expectsResponse }) {
        const steps: string[] = [String(expectsResponse)];
        for (const step of ['one', 'two']) {
          steps.push(step);
          yield step;
          await goOn.passed;
        }
        done.open(steps);
      });
      b.on('plain', () => 'plain');
      a.send(b, { type: 'work' });
      await until('it runs', () => world.spaceOf(b).metrics().queues['b']?.running === 1);
      let answered = false;
      const waiting = a.send(b, { type: 'plain' }).return(() => (answered = true));
      await until('the other waits', () => world.spaceOf(b).metrics().queues['b']?.waiting === 1);
      expect(answered).toBe(false);
      goOn.open();
      expect(await done.passed).toEqual(['false', 'one', 'two']);
      expect(await waiting).toBe(true);
    },

    'resolves process to the result, and lets the event loop turn meanwhile': async (open) => {
      const { world, b } = await pair(open);
      await using _ = world;
      const alarm = (): { rang: boolean } => {
        const bell = { rang: false };
        setTimeout(() => (bell.rang = true), 1);
        return bell;
      };
      const end = Date.now() + 5_000;
      b.on('sync', function* ({ payload }) {
        while (!payload.rang && Date.now() < end) yield 1;
        return 'sync';
      });
      b.on('async', async function* ({ payload }) {
        while (!payload.rang && Date.now() < end) yield 1;
        return 'async';
      });
      for (const type of ['sync', 'async']) {
        const payload = alarm();
        expect(await b.process({ type, payload })).toBe(type);
        expect(payload.rang, type).toBe(true);
      }
      b.on('fails', function* () {
        yield 1;
        throw new Error('no');
      });
      expect(await codeOf(b.process({ type: 'fails' }))).toBe('HAPPEN_HANDLER_FAILED');
    },

    'lets the event loop turn while a fast consumer takes from a fast generator': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      b.on('fast', function* () {
        for (;;) yield 1;
      });
      let rang = false;
      setTimeout(() => (rang = true), 1);
      const end = Date.now() + 5_000;
      for await (const _item of a.send(b, { type: 'fast' })) if (rang || Date.now() > end) break;
      expect(rang).toBe(true);
    },

    'refuses a generator in processSync, of either kind': async (open) => {
      const { world, b } = await pair(open);
      await using _ = world;
      b.on('sync', function* countUp() {
        yield 1;
      });
      b.on('async', async function* countUp() {
        yield 1;
      });
      for (const type of ['sync', 'async']) {
        expect(() => b.processSync({ type }), type).toThrow(
          expect.objectContaining({ code: 'HAPPEN_ASYNCHRONOUS_STEP', details: { type, step: 'countUp' } }),
        );
      }
      await until('nothing is left', () => idle(world, b));
    },

    'causes what the generator emits by its event, and what the consumer emits by his': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const heard: HappenEvent[] = [];
      c.on('note', (event) => void heard.push(event));
      let asked: string | undefined;
      b.on('source', async function* (event, context) {
        asked = event.context.causal.id;
        for (let i = 0; i < 3; i++) {
          world.within(b, context).send(c, { type: 'note', payload: `generator ${i}` });
          await turn();
          world.within(b, context).send(c, { type: 'note', payload: `generator ${i} later` });
          yield i;
        }
      });
      a.on('consume', async (_event, context) => {
        const node = world.within(a, context);
        for await (const item of node.send(b, { type: 'source' }))
          node.send(c, { type: 'note', payload: `consumer ${item}` });
      });
      let consuming: string | undefined;
      a.on('consume', ({ context }) => {
        consuming = context.causal.id;
      });
      await a.send(a, { type: 'consume' });
      await until('all is heard', () => heard.length === 9);
      for (const { payload, context } of heard) {
        const cause = payload.startsWith('generator') ? asked : consuming;
        expect(context.causal.causationId, payload).toBe(cause);
      }
    },

    'isolates each item as it does answers, and refuses what could not cross a wire': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const cleaned = gate();
      b.on('same', function* () {
        const state = { count: 0 };
        for (;;) {
          state.count++;
          yield state;
        }
      });
      b.on('unfit', function* () {
        try {
          yield { ok: true };
          yield { call: () => {} };
        } finally {
          cleaned.open();
        }
      });
      const shared = world.isolation === 'trust' && !world.crosses;
      const stream: AnyStream = await a.send(b, { type: 'same' });
      const first = (await stream.next()).value;
      await stream.next();
      expect(first.count).toBe(shared ? 2 : 1);
      await stream.return();
      const unfit: AnyStream = await a.send(b, { type: 'unfit' });
      await unfit.next();
      if (shared) {
        await unfit.next();
        await unfit.return();
      } else {
        const error = await failureOf(unfit.next());
        expect(error).toMatchObject({ code: 'HAPPEN_NOT_SERIALISABLE', details: { path: 'item.call' } });
      }
      await cleaned.passed;
      await until('nothing is left', () => idle(world, b));
    },

    'signals streams when the space closes, and lets them end': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const begun = gate();
      b.on('patient', async function* (_event, { signal }) {
        for (let i = 0; !signal.aborted; i++) {
          yield i;
          begun.open();
        }
        return signal.reason.code;
      });
      b.on('alone', async function* (_event, { signal }) {
        while (!signal.aborted) {
          await turn();
          yield 1;
        }
      });
      b.send(b, { type: 'alone' });
      const result = a.send(b, { type: 'patient' }).return();
      await begun.passed;
      const { unfinished } = await world.spaceOf(b).close();
      expect(unfinished).toEqual([]);
      expect(await result).toBe('HAPPEN_CLOSED');
    },

    'signals streams that begin while the space is closing as well': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const [begun, closing] = [gate(), gate()];
      b.on('late', async () => {
        begun.open();
        await closing.passed;
        return async function* (_event: unknown, { signal }: FlowContext): AsyncGenerator<number, string> {
          while (!signal.aborted) yield 1;
          return signal.reason.code as string;
        };
      });
      const result = a.send(b, { type: 'late' }).return();
      await begun.passed;
      const closed = world.spaceOf(b).close();
      closing.open();
      expect((await closed).unfinished).toEqual([]);
      expect(await result).toBe('HAPPEN_CLOSED');
    },

    'breaks streams off when the time for closing is over': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      using unhandled = unhandledRejections();
      const { handler, ended } = endless();
      b.on('endless', handler);
      const stream: AnyStream = await a.send(b, { type: 'endless' });
      expect(await stream.next()).toEqual({ done: false, value: 1 });
      const { unfinished } = await world.spaceOf(b).close({ timeout: 10 });
      expect(unfinished).toMatchObject([{ nodeId: 'b', type: 'endless' }]);
      await ended;
      let error: unknown;
      while (error === undefined) {
        try {
          if ((await stream.next()).done === true) break;
        } catch (thrown) {
          error = thrown;
        }
      }
      expect(error).toMatchObject({ code: 'HAPPEN_CLOSED' });
      await turn();
      expect(unhandled.reasons).toEqual([]);
    },

    'refuses to iterate over an answer that is no stream': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      b.on('plain', () => [1, 2]);
      expect(await codeOf(listOf(a.send(b, { type: 'plain' })))).toBe('HAPPEN_NOT_A_STREAM');
      expect(await codeOf(listOf(a.send(b, { type: 'unknown' })))).toBe('HAPPEN_NO_HANDLER');
      const late = a.send(b, { type: 'plain' });
      await turn();
      expect(await codeOf(listOf(late))).toBe('HAPPEN_ASKED_TOO_LATE');
    },

    'leaves nothing behind of thousands of streams opened and abandoned': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const a = world.node('a');
      const b = world.node('b');
      let running = 0;
      b.on('endless', async function* () {
        running++;
        try {
          for (;;) yield 1;
        } finally {
          running--;
        }
      });
      const streams: AnyStream[] = await Promise.all(
        upTo(3_000).map((i) => a.send(b, { type: 'endless' }, { timeout: 1_000 + (i % 7) })),
      );
      // Half of them have begun.
      for (let i = 0; i < streams.length; i += 2) await streams[i]?.next();
      expect(running).toBe(1_500);
      for (let step = 0; step < 30; step++) await clock.advance(100);
      await until('nothing is left', () => idle(world, b));
      expect(running).toBe(0);
      expect(clock.pending().filter(({ background }) => !background)).toEqual([]);
    },
  },
};
