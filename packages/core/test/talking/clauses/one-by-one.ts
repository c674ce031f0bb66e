import { expect } from 'vitest';
import type { FlowContext, HappenEvent } from '../../../src/index.js';
import type { Clauses } from '../clause.js';
import { codeOf, failureOf, gate, until, upTo } from '../observing.js';
import type { TestNode } from '../worlds.js';

type OneOrMany = HappenEvent | readonly HappenEvent[];

const batchOf = (count: number): { type: string; payload: number }[] =>
  upTo(count).map((payload) => ({ type: 't', payload }));

export const oneByOneClauses: Clauses = {
  'TALK-7 one by one': {
    'takes the events of a batch one by one, in order, each in a flow and context of its own': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const contexts = new Set<unknown>();
      let running = 0;
      b.on(
        't',
        async ({ payload, context: { causal } }, context) => {
          expect(running++).toBe(0);
          contexts.add(context);
          await undefined;
          running--;
          return [payload, context.events === undefined, context.causal.id === causal.id, context.expectsResponse];
        },
        { batch: false },
      );
      const expected = upTo(3).map((index) => [index, true, true, true]);
      expect(await a.send(b, batchOf(3))).toEqual(expected);
      expect(await b.process(batchOf(3))).toEqual(expected);
      expect({ ...(await a.send([b], batchOf(3))) }).toEqual({ b: expected });
      expect(contexts.size).toBe(9);
      expect(await a.send(b, { type: 't', payload: 7 })).toEqual([7, true, true, true]);
      expect(await a.send(b, batchOf(1))).toEqual([[0, true, true, true]]);
    },

    'tells each of them its own cause': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      c.on('told', ({ context }) => [context.causal.causationId, context.causal.causes ?? 'none']);
      b.on(
        't',
        async ({ context: { causal } }, context) => {
          const [cause, causes] = await (context.node as TestNode).send(c, { type: 'told' });
          return [cause === causal.id, causes];
        },
        { batch: false },
      );
      expect(await a.send(b, batchOf(2))).toEqual([
        [true, 'none'],
        [true, 'none'],
      ]);
    },

    'gives null for what has no result, and no answer where nothing has one': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', () => undefined, { batch: false });
      b.on('t', ({ payload }) => (payload === 1 ? undefined : payload), { batch: false });
      b.on('u', () => {}, { batch: false });
      expect(await a.send(b, batchOf(3))).toEqual([0, null, 2]);
      expect(await a.send(b, [{ type: 'u' }, { type: 'u' }])).toBe(undefined);
    },

    'handles all of them, and then tells the first failure': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const errors = world.heard('node.error');
      const seen: number[] = [];
      b.on(
        't',
        ({ payload }) => {
          seen.push(payload);
          if (payload > 0) throw new Error(`number ${payload}`);
        },
        { batch: false },
      );
      const error = await failureOf(a.send(b, batchOf(3)));
      expect(error).toMatchObject({ code: 'HAPPEN_HANDLER_FAILED', details: { message: 'number 1' } });
      expect(seen).toEqual([0, 1, 2]);
      await until('both failures are told', () => errors.length === 2);
    },

    'stands beside handlers that take the whole batch': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const log: string[] = [];
      const many = (name: string) => (one: OneOrMany) => {
        log.push(`${name} ${Array.isArray(one) ? `all ${one.length}` : 'one'}`);
      };
      b.on('t', many('first'));
      b.on('t', many('second'), { batch: false });
      b.on('**', many('third'), { batch: true });
      b.on('t', () => 'answer');
      expect(await a.send(b, batchOf(2))).toBe('answer');
      expect(log).toEqual(['first all 2', 'second one', 'second one', 'third all 2']);
    },

    'hands over what chose context.next, and starts the next with the others only': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const payloadsOf = (one: OneOrMany): number[] =>
        (Array.isArray(one) ? one : [one as HappenEvent]).map(({ payload }) => payload);
      const rest: unknown[] = [];
      b.on('t', ({ payload }, context) => (payload % 2 === 0 ? context.next : `kept ${payload}`), { batch: false });
      b.on('t', (one: OneOrMany) => {
        rest.push(payloadsOf(one));
        return `next ${payloadsOf(one).join()}`;
      });
      expect(await a.send(b, batchOf(4))).toEqual(['next 0', 'kept 1', 'next 2', 'kept 3']);
      expect(rest).toEqual([[0], [2], [1, 3]]);
      rest.length = 0;
      expect(await a.send(b, [{ type: 't', payload: 8 }])).toEqual(['next 8']);
      expect(rest).toEqual([[8]]);
    },

    'takes one slot of the node, and yields to the event loop': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b', { concurrency: { maxConcurrent: 1, queueLimit: 1 } })];
      let turned = false;
      b.on(
        't',
        ({ payload }) => {
          if (payload === 0) setTimeout(() => (turned = true));
          // Longer than a run may be.
          const end = performance.now() + (payload === 100 ? 30 : 0);
          while (performance.now() < end);
          return turned;
        },
        { batch: false },
      );
      b.on('after', () => turned);
      const answer = a.send(b, batchOf(5_000)).return();
      expect(await a.send(b, { type: 'after' })).toBe(true);
      const results = await answer;
      expect(results).toHaveLength(5_000);
      expect([results[0], results[4_999]]).toEqual([false, true]);
    },

    'begins no more of them when nobody waits any longer': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const begun = gate();
      const aborted = gate<unknown>();
      const seen: number[] = [];
      b.on(
        't',
        async ({ payload }, context) => {
          seen.push(payload);
          begun.open();
          await new Promise((resolve) =>
            context.signal.addEventListener('abort', () => resolve(aborted.open(payload))),
          );
        },
        { batch: false },
      );
      b.on('sentinel', () => 'there');
      const controller = new AbortController();
      const answer = a.send(b, batchOf(3), { signal: controller.signal }).return();
      await begun.passed;
      controller.abort();
      expect(await codeOf(answer)).toBe('HAPPEN_CANCELLED');
      expect(await aborted.passed).toBe(0);
      expect(await a.send(b, { type: 'sentinel' })).toBe('there');
      expect(seen).toEqual([0]);
      expect(world.spaceOf(b).metrics().queues['b']).toEqual({ running: 0, waiting: 0 });
    },

    'runs generators to their ends': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on(
        't',
        function* ({ payload }: HappenEvent) {
          yield 'progress';
          return payload;
        },
        { batch: false },
      );
      expect(await a.send(b, batchOf(2))).toEqual([0, 1]);
    },

    'says that nobody asked, and to whom its sends are to be ascribed': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const home = world.spaceOf(b);
      const nodes = home.createNodeArray([home.createNode('x'), home.createNode('y')]);
      nodes.on('who', ({ context }: HappenEvent) => context.causal.sender);
      const seen: unknown[] = [];
      b.on(
        't',
        async (_event, context) => {
          const { expectsResponse } = context;
          if (world.tracking === 'explicit') return void seen.push([expectsResponse, { x: 'b', y: 'b' }]);
          seen.push([expectsResponse, { ...(await nodes.send({ type: 'who' })) }]);
        },
        { batch: false },
      );
      a.send(b, batchOf(1));
      await until('it was handled', () => seen.length === 1);
      expect(seen).toEqual([[false, { x: 'b', y: 'b' }]]);
    },

    'registers at each node of an array as it is told': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const home = world.spaceOf(a);
      const nodes = home.createNodeArray([home.createNode('x'), home.createNode('y')]);
      nodes.on('t', (one: OneOrMany, context: FlowContext) => [context.node.id, Array.isArray(one)], { batch: false });
      expect({ ...(await nodes.send(batchOf(2))) }).toEqual({
        x: [
          ['x', false],
          ['x', false],
        ],
        y: [
          ['y', false],
          ['y', false],
        ],
      });
    },

    'refuses options that it does not know': async (open) => {
      await using world = await open();
      const a = world.node('a');
      for (const [options, option] of [
        [{ batches: true }, 'batches'],
        [{ batch: 'no' }, 'batch'],
        [5, 'options'],
        [null, 'options'],
      ] as const) {
        expect(() => a.on('t', () => 1, options as never)).toThrowError(
          expect.objectContaining({ code: 'HAPPEN_INVALID_OPTION', details: { option } }),
        );
      }
    },
  },
};
