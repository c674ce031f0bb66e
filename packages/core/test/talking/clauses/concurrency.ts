import { expect } from 'vitest';
import type { Clauses } from '../clause.js';
import { codeOf, type Gate, gate, until, upTo } from '../observing.js';
import type { TestNode, World } from '../worlds.js';

/** Runs and waits at a node, now. */
function load(world: World, node: TestNode): { running: number; waiting: number } | undefined {
  return world.spaceOf(node).metrics().queues[node.id];
}

/** A handler whose runs are let go one by one. */
function held(): {
  readonly started: unknown[];
  readonly handler: (event: { readonly payload: unknown }) => Promise<void>;
  release(): void;
  releaseAll(): void;
} {
  const started: unknown[] = [];
  const gates: Gate[] = [];
  let open = false;
  return {
    started,
    handler: ({ payload }) => {
      started.push(payload);
      const own = gate();
      if (open) own.open();
      gates.push(own);
      return own.passed;
    },
    release: () => gates.shift()?.open(),
    releaseAll: () => {
      open = true;
      for (const one of gates.splice(0)) one.open();
    },
  };
}

export const concurrencyClauses: Clauses = {
  'CONC-1': {
    'runs at most maxConcurrent flows at once, and the rest in the order of arrival': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 3 } });
      const { started, handler, release, releaseAll } = held();
      b.on('t', handler);
      const all = upTo(20).map((n) => a.send(b, { type: 't', payload: n }).return());
      await until('the rest waits', () => load(world, b)?.waiting === 17);
      expect(started).toEqual([0, 1, 2]);
      release();
      await until('another starts', () => started.length === 4);
      expect(load(world, b)).toEqual({ running: 3, waiting: 16 });
      releaseAll();
      await Promise.all(all);
      expect(started).toEqual(upTo(20));
      expect(load(world, b)).toEqual({ running: 0, waiting: 0 });
    },

    'runs 100 flows at once unless told otherwise': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const { handler, releaseAll } = held();
      b.on('t', handler);
      const all = upTo(150).map((n) => a.send(b, { type: 't', payload: n }).return());
      await until('the rest waits', () => load(world, b)?.waiting === 50);
      expect(load(world, b)?.running).toBe(100);
      releaseAll();
      await Promise.all(all);
    },

    'takes waiting events by priority where the strategy says so': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 1, queueStrategy: 'priority' } });
      const { started, handler, releaseAll } = held();
      b.on('t', handler);
      const priorities = ['normal', 'low', 'high', 'critical', 5, 500, 'high', -50, 0] as const;
      const first = a.send(b, { type: 't', payload: 'first' }).return();
      await until('it runs', () => started.length === 1);
      const rest = priorities.map((priority, index) =>
        a.send(b, { type: 't', payload: `${priority}/${index}` }, { priority }).return(),
      );
      rest.push(a.send(b, { type: 't', payload: 'none/9' }).return());
      await until('the rest waits', () => load(world, b)?.waiting === 10);
      releaseAll();
      await Promise.all([first, ...rest]);
      expect(started).toEqual([
        'first',
        '500/5',
        'critical/3',
        'high/2',
        'high/6',
        '5/4',
        'normal/0',
        '0/8',
        'none/9',
        'low/1',
        '-50/7',
      ]);
    },

    'looks at arrival only where the strategy is fifo': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 1 } });
      const { started, handler, releaseAll } = held();
      b.on('t', handler);
      const all = (['low', 'high', 'critical'] as const).map((priority) =>
        a.send(b, { type: 't', payload: priority }, { priority }).return(),
      );
      await until('the rest waits', () => load(world, b)?.waiting === 2);
      releaseAll();
      await Promise.all(all);
      expect(started).toEqual(['low', 'high', 'critical']);
    },

    'handles the events of one key one at a time, in order, and other keys beside them': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const running = new Map<string, number>();
      const order = new Map<string, number[]>();
      let most = 0;
      b.on('t', async ({ payload: { key, n } }) => {
        running.set(key, (running.get(key) ?? 0) + 1);
        expect(running.get(key)).toBe(1);
        most = Math.max(most, [...running.values()].filter((count) => count > 0).length);
        order.set(key, [...(order.get(key) ?? []), n]);
        await new Promise((resolve) => setImmediate(resolve));
        if (n % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
        running.set(key, 0);
      });
      await Promise.all(
        upTo(200).map((n) => a.send(b, { type: 't', payload: { key: `k${n % 4}`, n } }, { key: `k${n % 4}` })),
      );
      for (const key of upTo(4)) expect(order.get(`k${key}`)).toEqual(upTo(50).map((n) => n * 4 + key));
      expect(most).toBe(4);
      expect(load(world, b)).toEqual({ running: 0, waiting: 0 });
    },

    'lets what waits for its key hold no place among the running': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 2 } });
      const { started, handler, releaseAll } = held();
      b.on('t', handler);
      const all = ['x1', 'x2', 'x3', 'y1'].map((payload) =>
        a.send(b, { type: 't', payload }, { key: payload.slice(0, 1) }).return(),
      );
      await until('the other key runs', () => started.length === 2);
      expect(started).toEqual(['x1', 'y1']);
      expect(load(world, b)).toEqual({ running: 2, waiting: 2 });
      releaseAll();
      await Promise.all(all);
      expect(started).toEqual(['x1', 'y1', 'x2', 'x3']);
    },

    'starts events of one type in the order of arrival, keyed or not, when none has to wait for its key': async (
      open,
    ) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 1 } });
      const { started, handler, releaseAll } = held();
      b.on('t', handler);
      const keys = ['k', undefined, 'k', 'l', undefined, 'k', 'l'];
      const all = keys.map((key, payload) =>
        a.send(b, { type: 't', payload }, key === undefined ? {} : { key }).return(),
      );
      await until('the rest waits', () => load(world, b)?.waiting === 6);
      releaseAll();
      await Promise.all(all);
      expect(started).toEqual(upTo(7));
    },

    'keeps the order of a key when priorities differ': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 1, queueStrategy: 'priority' } });
      const { started, handler, releaseAll } = held();
      b.on('t', handler);
      const busy = a.send(b, { type: 't', payload: 'busy' }).return();
      await until('it runs', () => started.length === 1);
      const all = (['low', 'high', 'critical'] as const).map((priority) =>
        a.send(b, { type: 't', payload: priority }, { priority, key: 'k' }).return(),
      );
      await until('the rest waits', () => load(world, b)?.waiting === 3);
      releaseAll();
      await Promise.all([busy, ...all]);
      expect(started).toEqual(['busy', 'low', 'high', 'critical']);
    },

    'frees a key when its handler throws': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', async ({ payload }) => {
        await null;
        if (payload % 2 === 0) throw new Error('even');
        return payload;
      });
      const results = await Promise.all(
        upTo(10).map((n) =>
          a
            .send(b, { type: 't', payload: n }, { key: 'k' })
            .return()
            .catch((error: { code: string }) => error.code),
        ),
      );
      expect(results).toEqual(upTo(10).map((n) => (n % 2 === 0 ? 'HAPPEN_HANDLER_FAILED' : n)));
    },

    'takes its settings from the node, else from the longest pattern that matches its id, else from the space': async (
      open,
    ) => {
      await using world = await open({
        config: {
          concurrency: {
            default: { maxConcurrent: 5, queueLimit: 50 },
            patterns: {
              '*': { maxConcurrent: 4 },
              'api-*': { maxConcurrent: 3 },
              'api-*-slow': { maxConcurrent: 2, queueLimit: 20 },
            },
          },
        },
      });
      const a = world.node('a');
      const nodes: [TestNode, number, number][] = [
        [world.node('api-1'), 3, 50],
        [world.node('api-2-slow'), 2, 20],
        [world.node('api-3-slow', { concurrency: { maxConcurrent: 1 } }), 1, 20],
        [world.node('other'), 4, 50],
      ];
      for (const [node, maxConcurrent, queueLimit] of nodes) {
        const { handler, releaseAll } = held();
        node.on('t', handler);
        const all = upTo(60).map((n) =>
          a
            .send(node, { type: 't', payload: n })
            .return()
            .catch((error: { code: string }) => error.code),
        );
        await until(
          'all have arrived',
          () =>
            (load(world, node)?.running ?? 0) > 0 &&
            load(world, node)?.waiting === Math.min(60 - maxConcurrent, queueLimit),
        );
        expect(load(world, node), node.id).toEqual({
          running: maxConcurrent,
          waiting: Math.min(60 - maxConcurrent, queueLimit),
        });
        releaseAll();
        expect((await Promise.all(all)).filter((code) => code === 'HAPPEN_QUEUE_FULL')).toHaveLength(
          Math.max(0, 60 - maxConcurrent - queueLimit),
        );
      }
    },
  },

  'CONC-2': {
    'refuses what does not fit into the queue, and loses nothing of what does': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 2, queueLimit: 5 } });
      const { started, handler, releaseAll } = held();
      b.on('t', handler);
      const fates = upTo(12).map((n) =>
        a
          .send(b, { type: 't', payload: n })
          .return()
          .then(
            () => 'done',
            (error: { code: string }) => error.code,
          ),
      );
      expect(await fates[11]).toBe('HAPPEN_QUEUE_FULL');
      releaseAll();
      expect(await Promise.all(fates)).toEqual(upTo(12).map((n) => (n < 7 ? 'done' : 'HAPPEN_QUEUE_FULL')));
      expect(started).toEqual(upTo(7));
      expect(world.spaceOf(b).metrics().nodes.queueFull).toBe(5);
    },

    'counts what waits for its key as waiting': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { concurrency: { queueLimit: 2 } });
      const { handler, releaseAll } = held();
      b.on('t', handler);
      const all = upTo(3).map((n) => a.send(b, { type: 't', payload: n }, { key: 'k' }).return());
      await until('two wait', () => load(world, b)?.waiting === 2);
      expect(await codeOf(a.send(b, { type: 't' }, { key: 'k' }))).toBe('HAPPEN_QUEUE_FULL');
      releaseAll();
      await Promise.all(all);
    },

    'refuses nothing for the sake of requests that nobody waits for any more': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 1, queueLimit: 4 } });
      const { started, handler, releaseAll } = held();
      b.on('t', handler);
      const controller = new AbortController();
      const running = a.send(b, { type: 't', payload: 'first' }).return();
      const left = ['k', undefined, 'k', 'k'].map((key) => {
        const options = { signal: controller.signal, ...(key === undefined ? {} : { key }) };
        return codeOf(a.send(b, { type: 't', payload: 'left' }, options));
      });
      await until('four wait', () => load(world, b)?.waiting === 4);
      expect(await codeOf(a.send(b, { type: 't' }))).toBe('HAPPEN_QUEUE_FULL');
      controller.abort();
      expect(await Promise.all(left)).toEqual(left.map(() => 'HAPPEN_CANCELLED'));
      const live = upTo(4).map((n) => a.send(b, { type: 't', payload: n }, { key: 'k' }).return());
      await until('four others wait', () => load(world, b)?.waiting === 4);
      expect(await codeOf(a.send(b, { type: 't' }))).toBe('HAPPEN_QUEUE_FULL');
      releaseAll();
      await Promise.all([running, ...live]);
      expect(started).toEqual(['first', ...upTo(4)]);
    },

    'tells at node.error of what was refused though nobody asked': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 1, queueLimit: 1 } });
      const errors = world.heard('node.error');
      const { handler, releaseAll } = held();
      b.on('t', handler);
      await world.listening();
      for (const n of upTo(3)) a.send(b, { type: 't', payload: n });
      await until('it is told', () => errors.length > 0);
      a.broadcast({ type: 't', payload: 3 });
      await until('the broadcast is told as well', () => errors.length > 1);
      expect(errors.map(({ payload }) => (payload as { code: string }).code)).toEqual([
        'HAPPEN_QUEUE_FULL',
        'HAPPEN_QUEUE_FULL',
      ]);
      releaseAll();
    },

    'tells once each time the waiting cross the threshold, and once when they are back': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 1, queueLimit: 10, backpressureThreshold: 0.5 } });
      const told = world.heard('node.backpressure');
      const levels = (): unknown[] => told.map(({ payload }) => payload);
      for (const round of [1, 2]) {
        const { handler, releaseAll } = held();
        const end = b.on('t', handler);
        const all = upTo(9).map((n) => a.send(b, { type: 't', payload: n }).return());
        await until('all wait', () => load(world, b)?.waiting === 8);
        await until('it is told', () => told.length === 2 * round - 1);
        expect(levels().at(-1)).toEqual({ nodeId: 'b', level: 'high', waiting: 5, limit: 10 });
        releaseAll();
        await Promise.all(all);
        await until('it is told', () => told.length === 2 * round);
        expect(levels().at(-1)).toMatchObject({ nodeId: 'b', level: 'normal', limit: 10 });
        expect((levels().at(-1) as { waiting: number }).waiting).toBeLessThan(5);
        end();
      }
      expect(told).toHaveLength(4);
    },

    'does not wait for a slow flow of the same node': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const busy = gate();
      b.on('slow', () => busy.passed);
      b.on('fast', () => 'fast');
      const slow = a.send(b, { type: 'slow' }).return();
      expect(await a.send(b, { type: 'fast' })).toBe('fast');
      busy.open();
      await slow;
    },
  },

  'FB-1': {
    'tells that a node is down while events pile up at it, again when it gets worse, and that it is up again': async (
      open,
    ) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 1 } });
      const down = world.heard('node.down');
      const up = world.heard('node.up');
      const system = world.heard('system.down');
      const { handler, releaseAll } = held();
      b.on('t', handler);
      let sent = 0;
      const sendUntil = async (waiting: number): Promise<void> => {
        while (sent < waiting + 1) a.send(b, { type: 't', payload: sent++ });
        await until('all wait', () => load(world, b)?.waiting === waiting);
      };
      const payload = (messagesWaiting: number, severity: string): object => ({
        nodeId: 'b',
        lagMetrics: { messagesWaiting },
        pattern: 'processing-bottleneck',
        affectedNodes: ['b'],
        severity,
      });
      await sendUntil(100);
      await sendUntil(500);
      await sendUntil(1000);
      await sendUntil(1100);
      releaseAll();
      await until('it is up', () => up.length > 0);
      expect(down.map((event) => event.payload)).toEqual([
        payload(101, 'minor'),
        payload(501, 'moderate'),
        payload(1001, 'severe'),
      ]);
      await until('nothing waits', () => load(world, b)?.waiting === 0);
      expect(up.map((event) => event.payload)).toEqual([{ nodeId: 'b' }]);
      expect(system).toEqual([]);
    },

    'tells that the system is down while most of its nodes are, again when critically, and that it is up again': async (
      open,
    ) => {
      await using world = await open();
      const one = { concurrency: { maxConcurrent: 1 } };
      // Two that take events live in one space, in whatever world; the third is in that space or in another.
      const [a, b, c, d] = [world.node('a'), world.node('b', one), world.node('c'), world.node('d', one)];
      c.on('u', () => {});
      const down = world.heard('system.down');
      const up = world.heard('system.up');
      const nodesDown = world.heard('node.down');
      const { handler, releaseAll } = held();
      for (const node of [b, d]) node.on('t', handler);
      const fill = async (node: TestNode, waiting: number): Promise<void> => {
        const now = load(world, node);
        const there = (now?.running ?? 0) + (now?.waiting ?? 0);
        for (let n = there; n < waiting + 1; n++) a.send(node, { type: 't', payload: n });
        await until('all wait', () => load(world, node)?.waiting === waiting);
      };
      await fill(b, 1001);
      await fill(d, 101);
      await until('it is told', () => down.length === 1);
      await fill(d, 501);
      await fill(d, 1001);
      await until('it is told', () => down.length === 2);
      const shared = { pattern: 'system-overload', affectedNodes: ['b', 'd'] };
      expect(down.map(({ payload }) => payload)).toEqual([
        { level: 'warning', ...shared },
        { level: 'critical', ...shared },
      ]);
      expect(nodesDown.map(({ payload }) => (payload as { pattern: string }).pattern)).toEqual([
        'processing-bottleneck',
        'processing-bottleneck',
        'processing-bottleneck',
        'system-overload',
        'system-overload',
        'system-overload',
      ]);
      releaseAll();
      await until('it is up', () => up.length > 0);
      await until('nothing waits', () => load(world, b)?.waiting === 0 && load(world, d)?.waiting === 0);
      expect(up.map(({ payload }) => payload)).toEqual([{ affectedNodes: ['b', 'd'] }]);
      expect(down).toHaveLength(2);
    },
  },
};
