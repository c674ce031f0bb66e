import { expect } from 'vitest';
import { createNodeArray, type HappenEvent, initializeHappen } from '../../../src/index.js';
import type { Clauses } from '../clause.js';
import { codeOf, failureOf, gate, until, upTo } from '../observing.js';
import { type TestNode, type TestSpace, turn } from '../worlds.js';

const nowhere = initializeHappen() as TestSpace;

export const confluenceClauses: Clauses = {
  'TALK-7': {
    'hands a batch to one run of the handler, as a list': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', (events: unknown, context) => {
        const list = events as HappenEvent[];
        return {
          payloads: list.map(({ payload }) => payload),
          causal: context.events?.map(({ causal }, index) => causal.id === list[index]?.context.causal.id),
          isLast: context.causal.id === list.at(-1)?.context.causal.id,
          sender: context.sender,
          receivedAt: typeof context.receivedAt,
        };
      });
      const events = [1, 2, 3].map((payload) => ({ type: 't', payload }));
      const expected = { payloads: [1, 2, 3], causal: [true, true, true], isLast: true, receivedAt: 'number' };
      expect(await a.send(b, events)).toEqual({ ...expected, sender: 'a' });
      expect(await b.send(events)).toEqual({ ...expected, sender: 'b' });
      expect(await b.process(events)).toEqual({ ...expected, sender: 'b' });
      expect(await a.send(b, [{ type: 't', payload: 1 }])).toMatchObject({ payloads: [1] });
    },

    'takes a batch of thousands': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', (events: unknown) => (events as HappenEvent[]).reduce((sum, { payload }) => sum + payload, 0));
      expect(
        await a.send(
          b,
          upTo(3_000).map((payload) => ({ type: 't', payload })),
        ),
      ).toBe((3_000 * 2_999) / 2);
    },

    'is asked for its answers in time or not at all': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('*', () => 1);
      const handles = [a.send([b], { type: 't' }), a.send(b, [{ type: 't' }, { type: 'u' }])];
      await turn();
      for (const handle of handles) {
        expect(await failureOf(handle.return())).toMatchObject({ code: 'HAPPEN_ASKED_TOO_LATE' });
      }
    },

    'splits a batch of several types, in order, into a list of results': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('*', (events: unknown) => (events as HappenEvent[]).map(({ type, payload }) => `${type}${payload}`).join());
      const events = [
        ['x', 1],
        ['y', 2],
        ['x', 3],
        ['z', 4],
        ['y', 5],
      ].map(([type, payload]) => ({ type: type as string, payload }));
      const expected = ['x1,x3', 'y2,y5', 'z4'];
      expect(await a.send(b, events)).toEqual(expected);
      expect(await b.send(events).return()).toEqual(expected);
      expect(await b.process(events)).toEqual(expected);
    },

    'rejects a batch of several types when one of them failed': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('x', () => 1);
      expect(await failureOf(a.send(b, [{ type: 'x' }, { type: 'y' }]))).toMatchObject({ code: 'HAPPEN_NO_HANDLER' });
    },

    'refuses an empty batch': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      expect(await failureOf(a.send(b, []))).toMatchObject({ code: 'HAPPEN_INVALID_EVENT' });
      expect(await failureOf(a.send([]))).toMatchObject({ code: 'HAPPEN_INVALID_EVENT' });
    },

    'refuses a list of no targets, and one that names a node twice': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      let runs = 0;
      b.on('t', () => ++runs);
      for (const event of [{ type: 't' }, [{ type: 't' }]] as { type: string }[]) {
        expect(await codeOf(a.send([], event))).toBe('HAPPEN_INVALID_EVENT');
        expect(await failureOf(a.send([b, 'b'], event))).toMatchObject({
          code: 'HAPPEN_INVALID_EVENT',
          details: { node: 'b' },
        });
      }
      expect(await a.send(b, { type: 't' })).toBe(1);
    },

    'refuses a batch of more than 10 000 events of a type, wherever it goes': async (open) => {
      await using world = await open({ config: { limits: { maxFrameBytes: 4_000_000 } } });
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('*', (events: unknown) => (events as HappenEvent[]).length);
      const events = upTo(10_001).map(() => ({ type: 't' }));
      const refusal = {
        code: 'HAPPEN_PAYLOAD_TOO_LARGE',
        details: { path: 'batch', unit: 'events', limit: 10_000 },
      };
      expect(await failureOf(a.send(b, events))).toMatchObject(refusal);
      expect((await failureOf(a.send([b], events))).cause).toMatchObject(refusal);
      expect(await failureOf(b.process(events))).toMatchObject(refusal);
      // Each type is a batch of its own.
      expect(await b.process(events.map((_, index) => ({ type: index < 5_000 ? 't' : 'u' })))).toEqual([5_000, 5_001]);
    },

    'refuses a batch that no frame could hold, where payloads are checked': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', (events: unknown) => (events as HappenEvent[]).length);
      const many = upTo(9_000).map(() => ({ type: 't' }));
      const long = upTo(8).map(() => ({ type: 't', payload: 'x'.repeat(150_000) }));
      for (const events of [many, long]) {
        if (world.crosses || world.isolation !== 'trust') {
          expect(await codeOf(a.send(b, events))).toBe('HAPPEN_PAYLOAD_TOO_LARGE');
        } else {
          expect(await a.send(b, events)).toBe(events.length);
        }
      }
      expect(await a.send(b, long.slice(2))).toBe(6);
      if (world.isolation === 'trust') return;
      // The refusal says how many would do.
      const most = Number(/Send up to (\d+) at once/.exec((await failureOf(a.send(b, many))).message)?.[1]);
      expect(most).toBeGreaterThan(5_000);
      expect(await a.send(b, many.slice(0, most))).toBe(most);
    },

    'says which event of a batch can not be sent': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('*', () => 1);
      const events = [{ type: 't' }, { type: 'u' }, { type: 't', payload: { call: () => 1 } }];
      if (world.crosses || world.isolation !== 'trust') {
        expect(await failureOf(a.send(b, events))).toMatchObject({
          code: 'HAPPEN_NOT_SERIALISABLE',
          details: { path: 'events[2].payload.call' },
        });
      }
    },

    'lets the handler of the largest batch send, with every event of it as a cause': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      c.on('told', ({ context }) => [context.causal.causes?.length, context.causal.causationId]);
      b.on('t', async (events: unknown, context) => {
        const told = await (context.node as TestNode).send(c, { type: 'told' });
        return [told, (events as HappenEvent[]).at(-1)?.context.causal.id];
      });
      const [[count, last], id] = await b.process(upTo(10_000).map(() => ({ type: 't' })));
      expect([count, last]).toEqual([10_000, id]);
      expect(a.id).toBe('a');
    },

    'sends to a thousand nodes': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const nodes = upTo(1_000).map((index) => world.node(`n${index}`));
      for (const node of nodes) node.on('t', ({ payload }) => [node.id, payload.length]);
      const results = await a.send(nodes, { type: 't', payload: [1, 2] });
      expect(Object.keys(results)).toEqual(nodes.map(({ id }) => id));
      for (const { id } of nodes) expect(results[id]).toEqual([id, 2]);
    },

    'looks into the payload as often for many targets as for one': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const nodes = upTo(40).map((index) => world.node(`n${index}`));
      for (const node of nodes) node.on('t', (one: unknown) => (Array.isArray(one) ? one.length : 1));
      let looks = 0;
      const event = (): { type: string; payload: object } => ({
        type: 't',
        payload: Object.defineProperty({}, 'x', {
          enumerable: true,
          get: () => ++looks && 'x',
        }),
      });
      const looksOf = async (run: () => unknown): Promise<number> => {
        looks = 0;
        await run();
        return looks;
      };
      // Both live where the others live; a getter is looked at once more for each receiver of a copy in the process.
      const few = nodes.slice(0, 2);
      const forFew = await looksOf(() => a.send(few, event()));
      const forAll = await looksOf(() => a.send(nodes, event()));
      expect(forAll).toBe(forFew);
      expect(await looksOf(() => a.send(nodes, [event(), event()]))).toBe(2 * forFew);
    },

    'refuses a whole batch when one of its events is not accepted': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { acceptFrom: ['user:*'] });
      b.on('t', (events: unknown) => (events as HappenEvent[]).length);
      const from = (sourceId: string) => ({ type: 't', context: { origin: { sourceId } } });
      expect(await a.send(b, [from('user:1'), from('user:2')])).toBe(2);
      expect(await failureOf(a.send(b, [from('user:1'), from('job:1')]))).toMatchObject({
        code: 'HAPPEN_NOT_ACCEPTED',
      });
    },

    'sends to several nodes and gathers the answers by id': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      for (const node of [b, c]) node.on('t', ({ payload }, context) => [node.id, payload, context.sender]);
      const results = await a.send([b, 'c'], { type: 't', payload: 1 });
      expect(Object.getPrototypeOf(results)).toBeNull();
      expect({ ...results }).toEqual({ b: ['b', 1, 'a'], c: ['c', 1, 'a'] });
      expect(Object.keys(results)).toEqual(['b', 'c']);
      expect({ ...results.errors }).toEqual({});
      expect(await a.send([b, c], { type: 't', payload: 1 }).return((found) => Object.keys(found as object))).toEqual([
        'b',
        'c',
      ]);
      expect(await (results as { return?: () => unknown }).return?.()).toBe(results);
    },

    'gives a stream for each node that streams, and what its generator returned when that is asked for': async (
      open,
    ) => {
      await using world = await open();
      const [a, b, c, d] = [world.node('a'), world.node('b'), world.node('c'), world.node('d')];
      b.on('t', function* ({ payload }) {
        yield `b ${payload}`;
        return 'end of b';
      });
      c.on('t', async function* ({ payload }) {
        yield `c ${payload}`;
        yield 'c again';
        return 'end of c';
      });
      d.on('t', () => 'no stream');
      const results = await a.send([b, c, d], { type: 't', payload: 1 });
      const items: Record<string, string[]> = { b: [], c: [] };
      for (const id of ['c', 'b']) for await (const item of results[id]) items[id]?.push(item);
      expect(items).toEqual({ b: ['b 1'], c: ['c 1', 'c again'] });
      expect([await results['b'].result, await results['c'].result, results['d']]).toEqual([
        'end of b',
        'end of c',
        'no stream',
      ]);
      const ends = { b: 'end of b', c: 'end of c', d: 'no stream' };
      expect({ ...(await a.send([b, c, d], { type: 't' }).return()) }).toEqual(ends);
      expect(await a.send([b, c], [{ type: 't' }, { type: 't' }]).return(({ c: end }) => end)).toBe('end of c');
      const home = world.spaceOf(b);
      const nodes = home.createNodeArray([b]);
      expect({ ...(await nodes.send({ type: 't' }).return()) }).toEqual({ b: 'end of b' });
    },

    'gathers failures by id, and rejects only if all failed': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      b.on('t', () => 'fine');
      c.on('t', () => {
        throw new Error('not fine');
      });
      const results = await a.send([b, c, 'nobody'], { type: 't' });
      expect({ ...results }).toEqual({ b: 'fine' });
      expect(Object.keys(results)).toEqual(['b']);
      expect(results.errors['c']).toMatchObject({ code: 'HAPPEN_HANDLER_FAILED' });
      expect(results.errors['nobody']).toMatchObject({ code: 'HAPPEN_NO_SUCH_NODE' });
      const error = await failureOf(a.send([c, 'nobody'], { type: 't' }));
      expect(error).toMatchObject({
        code: 'HAPPEN_HANDLER_FAILED',
        details: { codes: { c: 'HAPPEN_HANDLER_FAILED', nobody: 'HAPPEN_NO_SUCH_NODE' } },
      });
    },

    'gives a receipt for several nodes once all have it, and the same results however often they are asked for': async (
      open,
    ) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const home = world.spaceOf(a);
      const near = home.createNode('near');
      const picky = home.createNode('picky', { acceptFrom: ['somebody'] });
      for (const node of [b, near, picky]) node.on('t', () => node.id);
      const receipt = await a.send([near, b], { type: 't' }).sent();
      expect(receipt.id).toEqual(expect.any(String));
      expect(await codeOf(a.send([near, picky], { type: 't' }).sent())).toBe('HAPPEN_NOT_ACCEPTED');
      const handle = a.send([near, b], { type: 't' });
      const results = await handle;
      expect({ ...results }).toEqual({ near: 'near', b: 'b' });
      expect(await handle).toBe(results);
    },

    'sends a batch to several nodes': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      for (const node of [b, c])
        node.on('t', (events: unknown) => (events as HappenEvent[]).map(({ payload }) => `${node.id}${payload}`));
      expect({
        ...(await a.send(
          [b, c],
          [1, 2].map((payload) => ({ type: 't', payload })),
        )),
      }).toEqual({ b: ['b1', 'b2'], c: ['c1', 'c2'] });
    },

    'tells of what nobody asked about': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const errors = world.heard('node.error');
      let taken = 0;
      b.on('t', (_event, context) => {
        taken += context.expectsResponse ? 100 : 1;
      });
      a.send([b, 'nobody'], { type: 't' });
      await until('the failure is told', () => errors.length > 0);
      expect(errors[0]?.payload).toMatchObject({ code: 'HAPPEN_NO_SUCH_NODE' });
      await until('the other took it', () => taken > 0);
      expect(taken).toBe(1);
    },

    'makes several nodes of a space one to register at': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const home = world.spaceOf(a);
      const [x, y] = [home.createNode('x'), home.createNode('y')];
      const contexts = new Set<unknown>();
      const nodes = createNodeArray([x, y]);
      const end = nodes.on('t', (_event, context) => {
        contexts.add(context);
        return (context.node as TestNode).id;
      });
      expect([await a.send(x, { type: 't' }), await a.send(y, { type: 't' })]).toEqual(['x', 'y']);
      expect(contexts.size).toBe(2);
      end();
      for (const node of [x, y])
        expect(await failureOf(a.send(node, { type: 't' }))).toMatchObject({ code: 'HAPPEN_NO_HANDLER' });
    },

    'sends to each node of an array: from itself, or from the handling node inside a flow': async (open) => {
      await using world = await open();
      const [a, outside] = [world.node('a'), world.node('outside')];
      const home = world.spaceOf(a);
      const nodes = home.createNodeArray([home.createNode('x'), home.createNode('y')]);
      nodes.on('t', ({ context }: any) => [context.causal.sender, context.causal.causationId ?? 'none']);
      expect({ ...(await nodes.send({ type: 't' })) }).toEqual({ x: ['x', 'none'], y: ['y', 'none'] });
      a.on('go', (event) => nodes.send({ type: 't' }).then((results) => [event.context.causal.id, { ...results }]));
      const [id, results] = await outside.send(a, { type: 'go' });
      expect(results).toEqual({ x: ['a', id], y: ['a', id] });
    },

    'broadcasts from each node of an array': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const home = world.spaceOf(a);
      const nodes = home.createNodeArray([home.createNode('x'), home.createNode('y')]);
      const senders: string[] = [];
      const done = gate();
      b.on('news', ({ context }) => {
        senders.push(context.causal.sender);
        if (senders.length === 2) done.open();
      });
      await world.listening();
      const handles = nodes.broadcast({ type: 'news' });
      expect(new Set((await Promise.all(handles.map((handle) => handle.sent()))).map(({ id }) => id)).size).toBe(2);
      await done.passed;
      expect(senders.sort()).toEqual(['x', 'y']);
    },

    'takes the options of what it sends and broadcasts': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const home = world.spaceOf(a);
      const nodes = home.createNodeArray([home.createNode('x'), home.createNode('y')]);
      nodes.on('t', () => 'taken');
      const first = { ...(await nodes.send({ type: 't' }, { dedupeKey: 'one' })) };
      expect(first).toEqual({ x: 'taken', y: 'taken' });
      expect(await codeOf(nodes.send({ type: 't' }, { dedupeKey: 'one' }))).toBe('HAPPEN_DUPLICATE_EVENT');
      expect(await codeOf(nodes.send([{ type: 't' }], { timeout: 0 }))).toBe('HAPPEN_INVALID_OPTION');
      const heard: unknown[] = [];
      b.on('news', ({ payload }) => void heard.push(payload));
      await world.listening();
      for (const payload of [1, 2]) nodes.broadcast({ type: 'news', payload }, { dedupeKey: 'news' });
      a.broadcast({ type: 'news', payload: 'last' });
      await until('the last is heard', () => heard.includes('last'));
      expect(heard).toEqual([1, 1, 'last']);
    },

    'refuses an array of what are no nodes, or nodes of several spaces': async (open) => {
      await using world = await open();
      const a = world.node('a');
      for (const list of [[{ id: 'x' }], [a, 'b'], 'a', [a, nowhere.createNode(`n${Math.random()}`)], [a, a]]) {
        expect(() => createNodeArray(list as never)).toThrowError(
          expect.objectContaining({ code: 'HAPPEN_INVALID_OPTION' }),
        );
      }
    },
  },
};
