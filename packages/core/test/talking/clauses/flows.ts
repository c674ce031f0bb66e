import { expect } from 'vitest';
import type { Clauses } from '../clause.js';
import { virtualClock } from '../../../../testing/src/clock/virtual-clock.js';
import { codeOf, failureOf, gate, until, upTo } from '../observing.js';
import { type OpenWorld, type TestNode, turn, type World } from '../worlds.js';

async function pair(open: OpenWorld): Promise<{ world: World; a: TestNode; b: TestNode }> {
  const world = await open();
  return { world, a: world.node('a'), b: world.node('b') };
}

/** Nothing runs or waits at a node any more. */
function idle(world: World, node: TestNode): boolean {
  const queue = world.spaceOf(node).metrics().queues[node.id];
  return queue !== undefined && queue.running === 0 && queue.waiting === 0;
}

type Loose = Record<string, any>;

export const flowClauses: Clauses = {
  'FLOW-1': {
    'takes handlers registered after the send, in the same turn': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const asked = a.send(b, { type: 'late.one' }).return();
      b.on('late.*', () => 'heard');
      expect(await asked).toBe('heard');
    },

    'takes two registrations of one function for two': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      let runs = 0;
      const count = (): number | undefined => {
        runs++;
        return undefined;
      };
      const end = b.on('t', count);
      b.on('t', count);
      await a.send(b, { type: 't' });
      expect(runs).toBe(2);
      end();
      end();
      await a.send(b, { type: 't' });
      expect(runs).toBe(3);
    },

    'counts a pattern function that throws as no match, tells of it, and asks the others': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const errors = world.heard('node.error');
      b.on(
        (type) => (type.split('.')[1] as string).includes('level'),
        () => 'level',
      );
      b.on('inventory', () => 'all');
      expect(await a.send(b, { type: 'inventory.levels' })).toBe('level');
      expect(await a.send(b, { type: 'inventory' })).toBe('all');
      await until('the error is told', () => errors.length > 0);
      expect(errors[0]?.payload).toMatchObject({ nodeId: 'b', code: 'HAPPEN_INVALID_PATTERN' });
    },

    'ends a registration when the function it returned is called, also with events waiting': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 1 } });
      const busy = gate();
      b.on('busy', () => busy.passed);
      const end = b.on('t', () => 'ran');
      a.send(b, { type: 'busy' });
      const waiting = a.send(b, { type: 't' }).return();
      await until('both have arrived', () => world.spaceOf(b).metrics().queues['b']?.waiting === 1);
      end();
      busy.open();
      expect(await codeOf(waiting)).toBe('HAPPEN_NO_HANDLER');
      await until('the node is idle', () => idle(world, b));
    },
  },

  'FLOW-2': {
    'runs a returned function next, with the same event and context': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const seen: unknown[] = [];
      b.on('t', function first(event, context) {
        seen.push(event, context);
        return function second(event2: unknown, context2: unknown) {
          seen.push(event2, context2);
          return async (event3: unknown, context3: unknown) => {
            await turn();
            seen.push(event3, context3);
            return () => 'end';
          };
        };
      });
      expect(await a.send(b, { type: 't' })).toBe('end');
      expect(seen).toHaveLength(6);
      expect(new Set(seen).size).toBe(2);
    },

    'completes with any other value': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      for (const value of [null, 0, false, '', 'text', { a: 1 }, [1], undefined]) {
        const end = b.on('t', () => value);
        expect(await a.send(b, { type: 't' })).toEqual(value);
        end();
        const endLater = b.on('t', async () => value);
        expect(await a.send(b, { type: 't' })).toEqual(value);
        endLater();
      }
    },

    'takes the next step from data, and completes where there is none': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const actions: Record<string, () => string> = { ship: () => 'shipped' };
      b.on('act', ({ payload }) => actions[payload.action]);
      expect(await a.send(b, { type: 'act', payload: { action: 'ship' } })).toBe('shipped');
      expect(await a.send(b, { type: 'act', payload: { action: 'none' } })).toBeUndefined();
    },

    'loops 100 000 steps without using up the stack': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      b.on('t', function again(_event, context: Loose) {
        context['round'] = (context['round'] ?? 0) + 1;
        return context['round'] === 100_000 ? context['round'] : again;
      });
      expect(await a.send(b, { type: 't' })).toBe(100_000);
    },

    'loops thousands of asynchronous steps': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      b.on('t', async function again(_event, context: Loose): Promise<unknown> {
        context['round'] = (context['round'] ?? 0) + 1;
        return context['round'] === 5_000 ? context['round'] : again;
      });
      expect(await a.send(b, { type: 't' })).toBe(5_000);
    },

    'yields to the event loop every 10 ms of a long synchronous run': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      let turned = false;
      b.on('t', function again(_event, context: Loose) {
        context['startedAt'] ??= Date.now();
        if (context['startedAt'] !== undefined && !context['waits']) {
          context['waits'] = true;
          setImmediate(() => (turned = true));
        }
        if (turned) return 'others had their turn';
        return Date.now() - context['startedAt'] > 3_000 ? 'never yielded' : again;
      });
      expect(await a.send(b, { type: 't' })).toBe('others had their turn');
    },

    'keeps its cause when it goes on after yielding': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      let turned = false;
      c.on('second', (event) => event.context.causal.causationId);
      b.on('first', function again(event, context: Loose) {
        clock.advanceSync(1);
        context['round'] = (context['round'] ?? 0) + 1;
        if (context['round'] < 1_000) return again;
        return world
          .within(b, context as never)
          .send(c, { type: 'second' })
          .then((cause) => [event.context.causal.id, cause ?? 'none', turned]);
      });
      const asked = a.send(b, { type: 'first' }, { timeout: '1h' }).return();
      await turn();
      turned = true;
      await clock.advance(2_000);
      const [id, cause, late] = (await asked) as [string, string, boolean];
      expect(late).toBe(true);
      expect(cause).toBe(id);
    },

    'runs a synchronous flow without an extra turn of the event loop': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.spaceOf(a).createNode('neighbour');
      b.on('t', () => () => () => 'done');
      let turned = false;
      setImmediate(() => (turned = true));
      expect(await a.send(b, { type: 't' })).toBe('done');
      expect(turned).toBe(false);
    },

    'awaits a promise of a function, and a handle returned from a synchronous handler': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      c.on('sum', ({ payload, context: _ }, { expectsResponse }) => [payload + 1, expectsResponse]);
      b.on('handle', ({ payload }, context) => (context.node as TestNode).send(c, { type: 'sum', payload }));
      b.on('later', async ({ payload }, context) => {
        await turn();
        return () => (context.node as TestNode).send(c, { type: 'sum', payload });
      });
      b.on('promise', () => new Promise((resolve) => setTimeout(resolve, 1, () => 'next')));
      expect(await a.send(b, { type: 'handle', payload: 1 })).toEqual([2, true]);
      expect(await a.send(b, { type: 'later', payload: 2 })).toEqual([3, true]);
      expect(await a.send(b, { type: 'promise' })).toBe('next');
    },

    'lets a failure within a returned handle reject outwards': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      c.on('inner', () => {
        throw new RangeError('out of stock');
      });
      b.on('outer', (_event, context) => (context.node as TestNode).send(c, { type: 'inner' }));
      const error = await failureOf(a.send(b, { type: 'outer' }));
      expect(error.code).toBe('HAPPEN_HANDLER_FAILED');
      expect(error.cause).toMatchObject({ code: 'HAPPEN_HANDLER_FAILED', details: { node: 'c' } });
    },

    'takes a thenable that calls back at once, twice, or never in earnest': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const thenables: Record<string, (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void> = {
        once: (resolve) => resolve('value'),
        twice: (resolve) => {
          resolve('value');
          resolve('other');
          setImmediate(resolve, 'late');
        },
        step: (resolve) => resolve(() => 'value'),
        throwsAfterwards: (resolve) => {
          resolve('value');
          throw new Error('ignored');
        },
        rejects: (_resolve, reject) => reject(new Error('no')),
        throws: () => {
          throw new Error('no');
        },
      };
      b.on('t', ({ payload }) => ({ then: thenables[payload] }));
      let second = 0;
      b.on('t', () => void second++);
      for (const kind of ['once', 'twice', 'step', 'throwsAfterwards']) {
        expect(await a.send(b, { type: 't', payload: kind }), kind).toBe('value');
      }
      for (const kind of ['rejects', 'throws']) {
        expect(await codeOf(a.send(b, { type: 't', payload: kind })), kind).toBe('HAPPEN_HANDLER_FAILED');
      }
      await turn();
      expect(second).toBe(6);
      expect(world.spaceOf(b).metrics().queues['b']).toEqual({ running: 0, waiting: 0 });
      expect(world.spaceOf(b).metrics().nodes.handled).toBe(6);
    },

    'takes an outcome that can\u2019t even be looked at for a failure': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const refuse = (): never => {
        throw new Error('no');
      };
      const outcomes: Record<string, object> = {
        getter: Object.defineProperty({}, 'then', { get: refuse }),
        proxy: new Proxy({}, { get: refuse, getPrototypeOf: refuse, has: refuse, ownKeys: refuse }),
        iterator: { next() {}, [Symbol.iterator]: undefined },
      };
      b.on('t', ({ payload }) => outcomes[payload]);
      b.on(
        'later',
        async ({ payload }) =>
          () =>
            outcomes[payload],
      );
      for (const type of ['t', 'later']) {
        for (const kind of ['getter', 'proxy']) {
          expect(await codeOf(a.send(b, { type, payload: kind })), kind).toBe('HAPPEN_HANDLER_FAILED');
        }
        await a.send(b, { type, payload: 'iterator' }).catch(() => {});
      }
      expect(world.spaceOf(b).metrics().queues['b']).toEqual({ running: 0, waiting: 0 });
    },

    'loops thousands of thenables that call back at once without using up the stack': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      b.on('t', function again(_event, context: Loose) {
        context['round'] = (context['round'] ?? 0) + 1;
        if (context['round'] === 5_000) return 'end';
        return { then: (resolve: (step: unknown) => void) => resolve(again) };
      });
      expect(await a.send(b, { type: 't' })).toBe('end');
    },

    'lets steps be called by hand, with the same event and context': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      c.on('double', ({ payload }) => payload * 2);
      const steps = [1, 2, 3].map((factor) => async ({ payload }: { payload: number }, context: Loose) => {
        context['seen'] = (context['seen'] ?? 0) + 1;
        return (await context['node'].send(c, { type: 'double', payload: payload * factor })) as number;
      });
      b.on('t', async (event, context: Loose) => [
        await Promise.all(steps.map((step) => step(event as never, context))),
        context['seen'],
      ]);
      expect(await a.send(b, { type: 't', payload: 1 })).toEqual([[2, 4, 6], 3]);
    },
  },

  'FLOW-3': {
    'says who sent, from where, why, when and whether an answer is wanted': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', (event, context) => ({
        node: (context.node as TestNode).id,
        sender: context.sender,
        sameCausal: context.causal === event.context.causal,
        sameOrigin: context.origin === event.context.origin,
        expectsResponse: context.expectsResponse,
        receivedAt: context.receivedAt,
        attempt: context.attempt,
        next: context.next,
        events: 'events' in context,
        aborted: context.signal.aborted,
        sameSignal: context.signal === context.signal && context.signal instanceof AbortSignal,
      }));
      expect(await a.send(b, { type: 't' })).toEqual({
        node: 'b',
        sender: 'a',
        sameCausal: true,
        sameOrigin: true,
        expectsResponse: true,
        receivedAt: clock.now(),
        attempt: 1,
        events: false,
        aborted: false,
        sameSignal: true,
      });
    },

    'is one object for each flow, shared by nobody else': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const contexts: Loose[] = [];
      for (const node of [b, c]) {
        node.on('t', (_event, context: Loose) => {
          contexts.push(context);
          context['mine'] = contexts.length;
        });
        node.on('t', (_event, context: Loose) => {
          contexts.push(context);
          return context['mine'];
        });
      }
      for (const node of [b, c, b]) expect(await a.send(node, { type: 't' })).toBeUndefined();
      expect(contexts).toHaveLength(6);
      expect(new Set(contexts).size).toBe(6);
    },

    'leaves every other key to the user, of any value': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      class Own {}
      const keys = [
        'validation',
        'payment',
        'shipment',
        'error',
        'lastError',
        'retryCount',
        'startTime',
        'itemIndex',
        'results',
        'continuation',
        'orderId',
        'newStatus',
        'nodeState',
        'steps',
        'event',
        'delivery',
        'step',
        'host',
        'reply',
        'handled',
        'entries',
        'flow',
        'id',
        'type',
        'payload',
        'state',
        'deliveryOf',
        'runStep',
        'constructor',
        'then',
      ];
      b.on('t', (_event, context: Loose) => {
        const own = new Own();
        for (const key of keys) context[key] = own;
        context['error'] = new Error('kept');
        context['continuation'] = () => 'end';
        return (_: unknown, same: Loose) => {
          if (keys.some((key) => !['error', 'continuation'].includes(key) && same[key] !== own)) return 'lost';
          if (Object.isFrozen(own) || !(same['error'] instanceof Error)) return 'touched';
          return same['continuation'];
        };
      });
      expect(await a.send(b, { type: 't' })).toBe('end');
    },

    'has what hangs on the node at context.node as well': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const server = { port: 8080 };
      Object.assign(b, { server });
      b.on('t', (_event, context) => {
        const bound = context.node as TestNode & { server: { port: number }; later?: number };
        return [bound.id, bound.server === server];
      });
      expect(await a.send(b, { type: 't' })).toEqual(['b', true]);
    },
  },

  'FLOW-4': {
    'starts every registration that matches, in order, each after the one before has completed': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const log: string[] = [];
      const done = gate();
      b.on('order.*', async () => {
        log.push('one begins');
        await turn();
        log.push('one ends');
      });
      b.on('order.placed', () => {
        log.push('two begins');
        return async () => {
          await turn();
          log.push('two ends');
        };
      });
      b.on(
        (type) => type.startsWith('order'),
        () => void log.push('three'),
      );
      b.on('other', () => void log.push('other'));
      b.on('**', () => done.open());
      a.send(b, { type: 'order.placed' });
      await done.passed;
      expect(log).toEqual(['one begins', 'one ends', 'two begins', 'two ends', 'three']);
    },

    'answers with the first outcome that is not undefined, at once': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const held = gate();
      const later = gate();
      b.on('t', () => undefined);
      b.on('t', () => null);
      b.on('t', async () => {
        await held.passed;
        return 'too late';
      });
      b.on('t', () => later.open());
      expect(await a.send(b, { type: 't' })).toBeNull();
      held.open();
      await later.passed;
    },

    'answers undefined when all outcomes are, once the last flow has ended': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      let ended = 0;
      for (const _ of [1, 2, 3]) {
        b.on('t', async () => {
          await turn();
          ended++;
        });
      }
      expect(await a.send(b, { type: 't' })).toBeUndefined();
      expect(ended).toBe(3);
    },

    'starts the next registration after one that threw': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const errors = world.heard('node.error');
      const reached = gate();
      b.on('t', () => {
        throw new Error('first');
      });
      b.on('t', async () => Promise.reject(new Error('second')));
      b.on('t', () => reached.open());
      b.on('t', () => 'a result that comes too late');
      const error = await failureOf(a.send(b, { type: 't' }));
      await reached.passed;
      expect(error.message).toContain('first');
      await until('both are told', () => errors.length === 2);
      expect(errors.map(({ payload }) => (payload as { message: string }).message)).toEqual([
        expect.stringContaining('first'),
        expect.stringContaining('second'),
      ]);
    },

    'starts no registration that an earlier one has taken back': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const log: string[] = [];
      const over = gate();
      const ends: (() => void)[] = [];
      b.on('t', (_event, context) => {
        log.push('one');
        ends.splice(0).forEach((end) => end());
        return context.next;
      });
      ends.push(b.on('t', () => void log.push('two')));
      b.on('*', async () => {
        await turn();
        log.push('three');
        ends.splice(0).forEach((end) => end());
      });
      b.on('t', () => {
        log.push('four');
        ends.push(b.on('t', () => void log.push('later')));
      });
      ends.push(b.on('t', () => void log.push('five')));
      b.on('t', () => over.open());
      await a.send(b, { type: 't' });
      await over.passed;
      expect(log).toEqual(['one', 'three', 'four']);
    },

    'starts no registration with the rest of a batch once it has taken itself back': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const seen: unknown[] = [];
      const end = b.on(
        't',
        ({ payload }) => {
          seen.push(payload);
          end();
          return payload;
        },
        { batch: false },
      );
      b.on('t', (events: unknown) => (events as unknown[]).length);
      const events = [1, 2, 3].map((payload) => ({ type: 't', payload }));
      expect(await a.send(b, events)).toEqual([1, null, null]);
      expect(await a.send(b, events)).toBe(3);
      expect(seen).toEqual([1]);
    },

    'changes nothing for the asker by a throw after a result': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const errors = world.heard('node.error');
      b.on('t', () => 'result');
      b.on('t', () => {
        throw new Error('afterwards');
      });
      expect(await a.send(b, { type: 't' })).toBe('result');
      await until('it is told', () => errors.length === 1);
    },

    'runs context.next inside the flow, and does not start it again': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const log: string[] = [];
      b.on('t', (_event, context) => {
        log.push('one');
        return context.next ?? null;
      });
      b.on('t', async (_event, context) => {
        await turn();
        log.push('two');
        return context.next ?? null;
      });
      b.on('t', (_event, context) => {
        log.push('three');
        return context.next ?? null;
      });
      expect(await a.send(b, { type: 't' })).toBeNull();
      expect(log).toEqual(['one', 'two', 'three']);
    },

    'lets context.next be called by hand, as a middleware does': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const log: string[] = [];
      b.on('t', async (event, context) => {
        log.push('before');
        const result: unknown = await context.next?.(event, context);
        log.push('after');
        return { wrapped: result };
      });
      b.on('t', async () => {
        await turn();
        log.push('inner');
        return 'inner';
      });
      expect(await a.send(b, { type: 't' })).toEqual({ wrapped: 'inner' });
      await a.send(b, { type: 'unheard' }).catch(() => {});
      expect(log).toEqual(['before', 'inner', 'after']);
    },

    'starts what context.next named only once it is run': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const log: string[] = [];
      b.on('t', (_event, context) => {
        log.push(`one sees ${typeof context.next}`);
      });
      b.on('t', (_event, context) => {
        log.push(`two sees ${typeof context.next}`);
        return 'answer';
      });
      expect(await a.send(b, { type: 't' })).toBe('answer');
      expect(log).toEqual(['one sees function', 'two sees undefined']);
    },

    'runs context.next with the whole batch that the handler was given, once': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const lists: unknown[] = [];
      const flows = new Set<unknown>();
      b.on('t', (list, context) => {
        lists.push(list);
        flows.add(context);
        return context.next;
      });
      b.on('t', (list: unknown, context) => {
        lists.push(list);
        flows.add(context);
        return (list as { payload: number }[]).map(({ payload }) => payload);
      });
      expect(
        await a.send(b, [
          { type: 't', payload: 1 },
          { type: 't', payload: 2 },
        ]),
      ).toEqual([1, 2]);
      expect(lists).toHaveLength(2);
      expect(lists[1]).toBe(lists[0]);
      expect(flows.size).toBe(1);
    },

    'goes on with what context.next left over': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const log: string[] = [];
      const same = new Set<unknown>();
      const last = gate();
      b.on('t', (_event, context) => {
        same.add(context);
        log.push('one');
        return context.next;
      });
      b.on('t', (_event, context) => {
        same.add(context);
        log.push('two');
        return 'answer';
      });
      b.on('t', (_event, context) => {
        same.add(context);
        log.push('three');
        last.open();
      });
      expect(await a.send(b, { type: 't' })).toBe('answer');
      await last.passed;
      expect(log).toEqual(['one', 'two', 'three']);
      expect(same.size).toBe(2);
    },
  },

  'FLOW-5': {
    'process() handles here and now, past the queue, and resolves to the result': async (open) => {
      await using world = await open();
      const a = world.node('a', { concurrency: { maxConcurrent: 1, queueLimit: 1 } });
      const busy = gate();
      a.on('busy', () => busy.passed);
      a.on('t', ({ payload }, context) => async () => [payload, context.sender, context.expectsResponse]);
      a.send({ type: 'busy' });
      await until('it runs', () => world.spaceOf(a).metrics().queues['a']?.running === 1);
      expect(await a.process({ type: 't', payload: 1 })).toEqual([1, 'a', true]);
      busy.open();
    },

    'process() hands the payload through as it is': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const payload = { body: () => 'stream', nested: { list: [1] } };
      a.on('t', (event) => event.payload);
      expect(await a.process({ type: 't', payload })).toBe(payload);
      expect(a.processSync({ type: 't', payload }).payload).toBe(payload);
      expect(Object.isFrozen(payload)).toBe(false);
      expect(Object.isFrozen(payload.nested.list)).toBe(false);
    },

    'process() rejects with the code of what went wrong': async (open) => {
      await using world = await open();
      const a = world.node('a');
      a.on('fails', async () => Promise.reject(new Error('no')));
      expect(await codeOf(a.process({ type: 'fails' }))).toBe('HAPPEN_HANDLER_FAILED');
      expect(await codeOf(a.process({ type: 'missing' }))).toBe('HAPPEN_NO_HANDLER');
      expect(await codeOf(a.process({ type: 'node.error' }))).toBe('HAPPEN_RESERVED_TYPE');
      expect(await codeOf(a.process(null as never))).toBe('HAPPEN_INVALID_EVENT');
      expect(await codeOf(a.process([]))).toBe('HAPPEN_INVALID_EVENT');
      expect(world.spaceOf(a).metrics().queues['a']).toEqual({ running: 0, waiting: 0 });
    },

    'process() within a flow is caused by its event': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      b.on('inner', (event) => event.context.causal.causationId);
      b.on('outer', async (event, context) => [
        event.context.causal.id,
        await (context.node as TestNode).process({ type: 'inner' }),
      ]);
      const [id, cause] = await a.send(b, { type: 'outer' });
      expect(cause).toBe(id);
    },

    'processSync() returns the response event at once, after any number of synchronous steps': async (open) => {
      await using world = await open();
      const a = world.node('a');
      let id: string | undefined;
      a.on('t', (event) => {
        id = event.context.causal.id;
        return () => () => ({ doubled: event.payload * 2 });
      });
      const response = a.processSync({ type: 't', payload: 4 });
      expect(response).toMatchObject({ type: 't', payload: { doubled: 8 } });
      expect(response.context.causal).toMatchObject({ sender: 'a', causationId: id, depth: 1 });
      expect(response.context.origin.nodeId).toBe('a');
      a.on('nothing', () => {});
      expect(a.processSync({ type: 'nothing' }).payload).toBeUndefined();
    },

    'processSync() names the step that is asynchronous': async (open) => {
      await using world = await open();
      const a = world.node('a');
      a.on(
        't',
        () =>
          async function askTheBank() {
            await turn();
          },
      );
      expect(() => a.processSync({ type: 't' })).toThrowError(
        expect.objectContaining({
          code: 'HAPPEN_ASYNCHRONOUS_STEP',
          details: { type: 't', step: 'askTheBank' },
          message: expect.stringContaining('askTheBank'),
        }),
      );
      await until('the flow has ended', () => idle(world, a));
    },

    'processSync() throws what went wrong': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const cause = new Error('no');
      a.on('fails', () => {
        throw cause;
      });
      expect(() => a.processSync({ type: 'fails' })).toThrowError(
        expect.objectContaining({ code: 'HAPPEN_HANDLER_FAILED', cause }),
      );
      expect(() => a.processSync({ type: 'missing' })).toThrowError(
        expect.objectContaining({ code: 'HAPPEN_NO_HANDLER' }),
      );
    },

    'runs events of one node beside each other': async (open) => {
      const { world, a, b } = await pair(open);
      await using _ = world;
      const held = gate();
      b.on('slow', () => held.passed);
      b.on('fast', () => 'done');
      const slow = a.send(b, { type: 'slow' }).return();
      expect(await Promise.all(upTo(3).map(() => a.send(b, { type: 'fast' })))).toEqual(['done', 'done', 'done']);
      held.open();
      await slow;
    },
  },
};
