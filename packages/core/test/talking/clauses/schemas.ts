import { z } from 'zod';
import { expect } from 'vitest';
import { virtualClock } from '../../../../testing/src/clock/virtual-clock.js';
import type { HappenEvent, SchemaOutcome, StandardSchema } from '../../../src/index.js';
import type { Clauses } from '../clause.js';
import { codeOf, failureOf, gate, until, upTo } from '../observing.js';
import { type TestNode, turn } from '../worlds.js';

/** A schema of nobody's library. */
function schemaOf(
  validate: (value: any) => SchemaOutcome<unknown> | Promise<SchemaOutcome<unknown>>,
): StandardSchema<any, any> {
  return { '~standard': { version: 1, vendor: 'by hand', validate } };
}

const Order = z.object({ orderId: z.string().min(1), lines: z.array(z.object({ quantity: z.number().int() })) });
const anOrder = { orderId: 'o-1', lines: [{ quantity: 2 }] };
/** Passes after a turn of the event loop for each unit of its payload. */
const slow = schemaOf(async (value: number) => {
  for (const _ of upTo(value)) await turn();
  return value < 0 ? { issues: [{ message: 'below zero' }] } : { value: value * 10 };
});

export const schemaClauses: Clauses = {
  'FLOW-6': {
    'lets an event through that fits the schema of its type, and gives the handler what that made of it': async (
      open,
    ) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', {
        events: {
          'order.placed': Order.extend({
            note: z.string().default('none'),
            when: z.string().transform((text) => text.length),
          }),
        },
      });
      b.on('order.placed', ({ payload }) => payload);
      b.on('other', ({ payload }) => payload);
      const sent = { ...anOrder, when: 'today', surplus: true };
      const received = { ...anOrder, note: 'none', when: 5 };
      expect(await a.send(b, { type: 'order.placed', payload: sent })).toEqual(received);
      expect(await b.process({ type: 'order.placed', payload: sent })).toEqual(received);
      expect(b.processSync({ type: 'order.placed', payload: sent }).payload).toEqual(received);
      expect({ ...(await a.send([b], { type: 'order.placed', payload: sent })) }).toEqual({ b: received });
      expect(await a.send(b, { type: 'other', payload: 5 })).toBe(5);
    },

    'tells the sender what does not fit, and where; no handler sees it': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { events: { 'order.placed': Order } });
      let runs = 0;
      b.on('**', () => ++runs);
      const payload = { orderId: '', lines: [{ quantity: 1 }, { quantity: 'two' }] };
      const refusal = {
        code: 'HAPPEN_SCHEMA_REJECTED',
        message: expect.stringContaining('"order.placed" does not fit the schema of node "b" at orderId: '),
        details: {
          node: 'b',
          type: 'order.placed',
          issueCount: 2,
          issues: [
            { path: ['orderId'], message: expect.any(String) },
            { path: ['lines', 1, 'quantity'], message: expect.any(String) },
          ],
        },
      };
      expect(await failureOf(a.send(b, { type: 'order.placed', payload }))).toMatchObject(refusal);
      expect(await failureOf(b.process({ type: 'order.placed', payload }))).toMatchObject(refusal);
      const atOnce = Promise.resolve().then(() => b.processSync({ type: 'order.placed', payload }));
      expect(await failureOf(atOnce)).toMatchObject(refusal);
      expect(await a.send(b, { type: 'order.placed', payload: anOrder })).toBe(1);
      expect(world.spaceOf(b).metrics().nodes).toMatchObject({ schemaRejected: 3 });
    },

    'checks whatever pattern the handler has, and broadcasts as well': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { events: { news: z.object({ about: z.string() }) } });
      const errors = world.heard('node.error');
      const seen: unknown[] = [];
      b.on(
        (type) => type === 'news',
        ({ payload }) => void seen.push(payload),
      );
      await world.listening();
      a.broadcast({ type: 'news', payload: { about: 7 } });
      a.broadcast({ type: 'news', payload: { about: 'seven' } });
      await until('the second is handled', () => seen.length > 0);
      expect(seen).toEqual([{ about: 'seven' }]);
      await until('the first is told', () => errors.length > 0);
      expect(errors.map(({ payload }) => payload)).toMatchObject([
        { nodeId: 'b', code: 'HAPPEN_SCHEMA_REJECTED', type: 'news' },
      ]);
    },

    'tells of an event that nobody waits for as node.error, once': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { events: { t: z.number() } });
      const errors = world.heard('node.error');
      const sentinel = gate();
      b.on('t', ({ payload }) => {
        if (payload === 0) sentinel.open();
      });
      a.send(b, { type: 't', payload: 'no number' });
      a.send(b, { type: 't', payload: 0 });
      await sentinel.passed;
      await until('it is told', () => errors.length > 0);
      await turn();
      expect(errors.map(({ payload }) => payload)).toMatchObject([{ nodeId: 'b', code: 'HAPPEN_SCHEMA_REJECTED' }]);
    },

    'leaves the hash that of what was sent': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { events: { t: z.string().transform((text) => text.length) } });
      const c = world.node('c');
      for (const node of [b, c]) node.on('t', ({ payload, context: { causal } }) => [payload, causal.hash]);
      const sent = gate<HappenEvent>();
      c.on('t', (event) => sent.open(event));
      const [length, hash] = await a.send(b, { type: 't', payload: 'three' });
      expect(length).toBe(5);
      expect(hash).toMatch(/^[0-9a-f]{64}$/);
      const [[, first], [, second]] = await Promise.all([
        b.process({ type: 't', payload: 'x' }),
        b.process({ type: 't', payload: 'x' }),
      ]);
      expect(first).not.toBe(second);
    },

    'is part of no flow: what a schema sends has no cause': async (open) => {
      await using world = await open();
      const [a, x, c] = [world.node('a'), world.node('x'), world.node('c')];
      const causes: unknown[] = [];
      c.on('looked at', ({ context }) => void causes.push(context.causal.causationId));
      const looking = schemaOf((value) => {
        c.send(c, { type: 'looked at' });
        return { value };
      });
      const b = world.node('b', { events: { t: looking } });
      b.on('t', () => 'taken');
      x.on('go', (_event, context) => (context.node as TestNode).send(b, { type: 't' }));
      expect(await a.send(x, { type: 'go' })).toBe('taken');
      await until('it is told', () => causes.length > 0);
      expect(causes).toEqual([undefined]);
    },

    'keeps the order of events whose schema takes its time': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { events: { t: slow } });
      const seen: number[] = [];
      b.on('t', ({ payload }) => {
        seen.push(payload);
        return payload;
      });
      b.on('other', () => seen.length);
      const answers = [5, 0, 2, -1, 1].map((payload) => a.send(b, { type: 't', payload }));
      const outcomes = await Promise.allSettled(answers);
      expect(seen).toEqual([50, 0, 20, 10]);
      expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.code))).toEqual(
        [50, 0, 20, 'HAPPEN_SCHEMA_REJECTED', 10],
      );
      expect(await b.process({ type: 't', payload: 3 })).toBe(30);
      expect(() => b.processSync({ type: 't', payload: 3 })).toThrowError(
        expect.objectContaining({ code: 'HAPPEN_ASYNCHRONOUS_STEP', details: { type: 't', step: 'schema' } }),
      );
      await turn();
      expect(seen).toEqual([50, 0, 20, 10, 30]);
      expect(world.spaceOf(b).metrics().queues['b']).toEqual({ running: 0, waiting: 0 });
    },

    'goes on after a schema that never answers, when its asker waits no longer': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const a = world.node('a');
      let looks = 0;
      const never = schemaOf((value) => {
        looks++;
        return value === 'never' ? new Promise(() => {}) : Promise.resolve({ value });
      });
      const b = world.node('b', { events: { t: never } });
      const seen: unknown[] = [];
      b.on('t', ({ payload }) => {
        seen.push(payload);
        return payload;
      });
      const controller = new AbortController();
      const late = codeOf(a.send(b, { type: 't', payload: 'never' }, { timeout: 1_000 }).return());
      const leaves = a.send(b, { type: 't', payload: 'never' }, { timeout: 60_000, signal: controller.signal });
      const left = codeOf(leaves.return());
      const behind = a.send(b, { type: 't', payload: 1 }, { timeout: 120_000 }).return();
      await until('all are being checked', () => looks === 3);
      await clock.advance(1_000 + 20);
      expect(await late).toBe('HAPPEN_TIMEOUT');
      expect(seen).toEqual([]);
      controller.abort();
      expect(await left).toBe('HAPPEN_CANCELLED');
      expect(await behind).toBe(1);
      expect(await a.send(b, { type: 't', payload: 2 })).toBe(2);
      expect(seen).toEqual([1, 2]);
      expect(world.spaceOf(b).metrics().queues['b']).toEqual({ running: 0, waiting: 0 });
    },

    'gives a schema thirty seconds for what nobody waits for, and tells of it as node.error': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const a = world.node('a');
      let looks = 0;
      const never = schemaOf((value) => {
        looks++;
        return value === 'never' ? new Promise(() => {}) : { value };
      });
      const b = world.node('b', { events: { t: never } });
      const errors = world.heard('node.error');
      const seen: unknown[] = [];
      b.on('t', ({ payload }) => void seen.push(payload));
      await world.listening();
      a.broadcast({ type: 't', payload: 'never' });
      const ofOwn = codeOf(b.process({ type: 't', payload: 'never' }));
      a.broadcast({ type: 't', payload: 1 });
      await until('all are being checked', () => looks === 3);
      await clock.advance(29_999);
      expect([seen, errors]).toEqual([[], []]);
      await clock.advance(1);
      expect(await ofOwn).toBe('HAPPEN_TIMEOUT');
      await until('the last is handled', () => seen.length > 0);
      expect(seen).toEqual([1]);
      expect(errors.map(({ payload }) => payload)).toMatchObject([
        { nodeId: 'b', code: 'HAPPEN_TIMEOUT', type: 't', message: expect.stringContaining('within 30000 ms') },
      ]);
      expect(world.spaceOf(b).metrics().nodes).toMatchObject({ schemaRejected: 2 });
      expect(world.spaceOf(b).metrics().queues['b']).toEqual({ running: 0, waiting: 0 });
    },

    'does not handle what was given up, or lost its handler, while it was checked': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const checked = gate<SchemaOutcome<unknown>>();
      const asked = gate();
      const b = world.node('b', {
        events: {
          t: schemaOf((value) => {
            asked.open();
            return value === 'pass' ? { value } : checked.passed;
          }),
          u: schemaOf(() => checked.passed),
        },
      });
      let runs = 0;
      b.on('t', () => ++runs);
      const end = b.on('u', () => ++runs);
      const controller = new AbortController();
      const answer = a.send(b, { type: 't' }, { signal: controller.signal }).return();
      const orphan = a.send(b, { type: 'u' }).return();
      await asked.passed;
      controller.abort();
      expect(await codeOf(answer)).toBe('HAPPEN_CANCELLED');
      await world.listening();
      end();
      await turn();
      checked.open({ value: 1 });
      expect(await codeOf(orphan)).toBe('HAPPEN_NO_HANDLER');
      expect(await a.send(b, { type: 't', payload: 'pass' })).toBe(1);
      expect(world.spaceOf(b).metrics().queues['b']).toEqual({ running: 0, waiting: 0 });
    },

    'takes a checked batch one by one, and refuses the whole of it when one of its events does not fit': async (
      open,
    ) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { events: { t: z.number().transform((n) => n + 1), all: z.number(), late: slow } });
      const seen: unknown[] = [];
      b.on('*', (event) => {
        seen.push(event.payload);
        return event.payload;
      });
      b.on('all', (one: unknown) => (Array.isArray(one) ? one.map(({ payload }) => payload) : 'one'), { batch: true });
      const batch = (type: string, payloads: unknown[]) => payloads.map((payload) => ({ type, payload }));
      expect(await a.send(b, batch('t', [1, 2]))).toEqual([2, 3]);
      expect(await b.process(batch('late', [2, 0]))).toEqual([20, 0]);
      expect(seen).toEqual([2, 3, 20, 0]);
      expect(await failureOf(a.send(b, batch('t', [1, 'two', 3, {}])))).toMatchObject({
        code: 'HAPPEN_SCHEMA_REJECTED',
        details: { issueCount: 2, issues: [{ path: [1] }, { path: [3] }] },
      });
      expect(seen).toEqual([2, 3, 20, 0]);
    },

    'gives a checked batch as one to a handler that says so': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { events: { t: z.number().transform((n) => n + 1) } });
      b.on('t', (one: unknown) => (one as HappenEvent[]).map(({ payload }) => payload), { batch: true });
      expect(
        await a.send(
          b,
          [1, 2].map((payload) => ({ type: 't', payload })),
        ),
      ).toEqual([2, 3]);
    },

    'tells of a schema that fails itself as of a handler': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const broken = [
        schemaOf(() => {
          throw new RangeError('broken');
        }),
        schemaOf(() => Promise.reject(new RangeError('broken'))),
        schemaOf(() => undefined as never),
        schemaOf(() => ({ issues: 7 }) as never),
      ];
      const b = world.node('b', { events: Object.fromEntries(broken.map((schema, index) => [`t${index}`, schema])) });
      let runs = 0;
      b.on('*', () => ++runs);
      for (const index of broken.keys()) {
        const error = await failureOf(a.send(b, { type: `t${index}` }));
        expect(error).toMatchObject({ code: 'HAPPEN_HANDLER_FAILED', details: { node: 'b', type: `t${index}` } });
        expect(error.message).toContain('The schema of');
      }
      expect(await a.send(b, { type: 't' })).toBe(1);
    },

    'tells of many issues as many as an error can carry, and how many there were': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { events: { t: z.array(z.number()) } });
      b.on('t', () => 1);
      const error = await failureOf(a.send(b, { type: 't', payload: upTo(500).map(String) }));
      expect(error.details['issueCount']).toBe(500);
      expect(error.details['issues']).toHaveLength(32);
      const long = schemaOf(() => ({
        issues: upTo(40).map(() => ({
          message: 'm'.repeat(5_000),
          path: upTo(50).map(() => ({ key: 'k'.repeat(500) })),
        })),
      }));
      const c = world.node('c', { events: { t: long } });
      c.on('t', () => 1);
      // Made after others have talked: the news of it may still be on its way.
      await world.listening();
      const found = (await failureOf(b.send(c, { type: 't' }))).details['issues'] as { path: string[] }[];
      expect(found.length).toBeGreaterThan(3);
      expect(found[0]?.path[0]).toBe('k'.repeat(64));
    },

    'checks before sending what a reference knows, and again at the node': async (open) => {
      await using world = await open();
      const a = world.node('a');
      let looks = 0;
      const events = {
        t: schemaOf((value) => {
          looks++;
          return typeof value === 'number' ? { value: value + 1 } : { issues: [{ message: 'no number', path: [] }] };
        }),
        late: slow,
      };
      const b = world.node('b', { events });
      b.on('*', ({ payload }) => payload);
      const reference = world.spaceOf(a).node('b', { events });
      expect(await a.send(reference, { type: 't', payload: 1 })).toBe(2);
      expect(looks).toBe(world.crosses ? 2 : 1);
      const framesOf = () => world.spaceOf(a).metrics().link?.framesSent ?? 0;
      const frames = framesOf();
      for (const payload of ['one', undefined]) {
        expect(await failureOf(a.send(reference, { type: 't', payload }))).toMatchObject({
          code: 'HAPPEN_SCHEMA_REJECTED',
          details: { node: 'b', type: 't', issues: [{ path: [], message: 'no number' }] },
        });
      }
      expect(await codeOf(a.send([reference], [{ type: 't', payload: 'x' }]))).toBe('HAPPEN_SCHEMA_REJECTED');
      expect(framesOf()).toBe(frames);
      expect(await codeOf(a.send(reference, { type: 'late', payload: -1 }))).toBe('HAPPEN_SCHEMA_REJECTED');
      expect(await a.send(reference, { type: 'late', payload: 2 })).toBe(20);
    },

    'freezes what a schema made where events are frozen': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const loop: Record<string, unknown> = { of: {} };
      loop['self'] = loop;
      const b = world.node('b', { events: { t: schemaOf(() => ({ value: loop })) } });
      b.on('t', ({ payload }) => [Object.isFrozen(payload), Object.isFrozen(payload.of)]);
      const frozen = world.isolation === 'freeze';
      expect(await a.send(b, { type: 't' })).toEqual([frozen, frozen]);
    },

    'refuses what is no schema, and types that nobody can send': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const home = world.spaceOf(a);
      for (const [events, path] of [
        [[], 'events'],
        ['t', 'events'],
        [{ t: {} }, 'events["t"]'],
        [{ t: { '~standard': { version: 2, validate() {} } } }, 'events["t"]'],
        [{ 'node.error': z.any() }, 'events["node.error"]'],
        [{ '': z.any() }, 'events[""]'],
        [{ 'order.*': z.any() }, 'events["order.*"]'],
        [{ '**': z.any() }, 'events["**"]'],
        [{ 'order.{placed,paid}': z.any() }, 'events["order.{placed,paid}"]'],
      ] as const) {
        const refusal = expect.objectContaining({ code: 'HAPPEN_INVALID_CONFIG', details: { path } });
        expect(() => home.createNode('x', { events: events as never })).toThrowError(refusal);
        expect(() => home.node('x', { events: events as never })).toThrowError(refusal);
      }
      expect(() => home.createNode('x', { events: { 'order.*': z.any() } })).toThrowError(
        'events["order.*"]: expected an exact type, without "*", "{" and "}": schemas are not found by patterns.',
      );
      expect(() => home.node('x', { event: {} } as never)).toThrowError(
        expect.objectContaining({ code: 'HAPPEN_INVALID_CONFIG', details: { path: 'event' } }),
      );
      expect(home.createNode('x', { events: {} }).id).toBe('x');
    },
  },
};
