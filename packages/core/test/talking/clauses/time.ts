import { expect } from 'vitest';
import type { HappenError } from '../../../src/index.js';
import { type VirtualClock, virtualClock } from '../../../../testing/src/clock/virtual-clock.js';
import type { Clauses } from '../clause.js';
import { codeOf, failureOf, gate, until } from '../observing.js';
import { type TestNode, turn } from '../worlds.js';

/** Timeouts are kept in buckets of 16 ms: one never fires early, and at most so much late. */
const slack = 16;

/** What has become of a promise by now. */
function fateOf(promise: PromiseLike<unknown>): { value?: unknown; error?: HappenError } {
  const fate: { value?: unknown; error?: HappenError } = {};
  promise.then(
    (value) => (fate.value = value),
    (error: HappenError) => (fate.error = error),
  );
  return fate;
}

/** A handler that never ends, and says when it has begun and why it was aborted. */
function endless(): {
  begun: Promise<void>;
  aborted: Promise<unknown>;
  handler: (event: unknown, context: { readonly signal: AbortSignal }) => Promise<never>;
} {
  const begun = gate();
  const aborted = gate<unknown>();
  return {
    begun: begun.passed,
    aborted: aborted.passed,
    handler: (_event, { signal }) => {
      signal.addEventListener('abort', () => aborted.open(signal.reason));
      begun.open();
      return new Promise(() => {});
    },
  };
}

/** Resolves after so many milliseconds of the clock. */
function sleep(clock: VirtualClock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.setTimer(ms, resolve));
}

export const timeClauses: Clauses = {
  'TALK-3 time': {
    'gives up after 30 seconds unless told otherwise, and never early': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      const { begun, handler } = endless();
      b.on('t', handler);
      const fate = fateOf(a.send(b, { type: 't' }));
      await begun;
      await clock.advance(29_999);
      expect(fate).toEqual({});
      await clock.advance(1 + slack);
      expect(fate.error).toMatchObject({
        code: 'HAPPEN_TIMEOUT',
        transient: true,
        details: { node: 'b', type: 't', timeoutMs: 30_000 },
      });
    },

    'takes a timeout as milliseconds or as text': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      for (const [timeout, ms] of [
        [500, 500],
        ['700ms', 700],
        ['2s', 2_000],
        ['1.5m', 90_000],
      ] as const) {
        const { begun, handler } = endless();
        const end = b.on('t', handler);
        const fate = fateOf(a.send(b, { type: 't' }, { timeout }));
        await begun;
        await clock.advance(ms - 1);
        expect(fate).toEqual({});
        await clock.advance(1 + slack);
        expect(fate.error, String(timeout)).toMatchObject({ code: 'HAPPEN_TIMEOUT' });
        end();
      }
    },

    'aborts the signal of the handler whose asker has given up, and says why': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      const { begun, aborted, handler } = endless();
      b.on('t', handler);
      const fate = fateOf(a.send(b, { type: 't' }, { timeout: 1_000 }));
      await begun;
      await clock.advance(1_000 + slack);
      expect(await aborted).toMatchObject({ code: 'HAPPEN_TIMEOUT' });
      expect(fate.error?.code).toBe('HAPPEN_TIMEOUT');
    },

    'does not abort the signal of a flow that has completed': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      let signal: AbortSignal | undefined;
      b.on('t', (_event, context) => {
        signal = context.signal;
        return 'done';
      });
      expect(await a.send(b, { type: 't' }, { timeout: 1_000 })).toBe('done');
      await clock.advance(60_000);
      expect(signal?.aborted).toBe(false);
    },

    'sets no deadline where nobody waits': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      const begun = gate();
      const done = gate<boolean>();
      b.on('t', async (_event, context) => {
        begun.open();
        await sleep(clock, 3_600_000);
        done.open(context.signal.aborted);
      });
      a.send(b, { type: 't' }, { timeout: 1_000 });
      await begun.passed;
      await clock.advance(3_600_000);
      expect(await done.passed).toBe(false);
    },

    'holds an event back for a delay or until a time': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      const arrived: string[] = [];
      b.on('t', ({ payload }) => {
        arrived.push(payload);
        return payload;
      });
      const start = clock.now();
      const handles = [
        fateOf(a.send(b, { type: 't', payload: 'delay' }, { delay: '2s' })),
        fateOf(a.send(b, { type: 't', payload: 'at, as a number' }, { at: start + 1_000 })),
        fateOf(a.send(b, { type: 't', payload: 'at, as a Date' }, { at: new Date(start + 3_000) })),
      ];
      expect(await a.send(b, { type: 't', payload: 'past' }, { at: start - 5_000 })).toBe('past');
      expect(await a.send(b, { type: 't', payload: 'now' }, { delay: 0 })).toBe('now');
      for (const [ms, name] of [
        [999, undefined],
        [1, 'at, as a number'],
        [999, undefined],
        [1, 'delay'],
        [999, undefined],
        [1, 'at, as a Date'],
      ] as const) {
        const before = arrived.length;
        await clock.advance(ms);
        expect(arrived.slice(before)).toEqual(name === undefined ? [] : [name]);
      }
      expect(handles.map(({ value }) => value)).toEqual(['delay', 'at, as a number', 'at, as a Date']);
    },

    'lets a timeout count from the dispatch of a delayed event': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      const { begun, handler } = endless();
      b.on('t', handler);
      const fate = fateOf(a.send(b, { type: 't' }, { delay: 5_000, timeout: 1_000 }));
      await clock.advance(5_000);
      await begun;
      await clock.advance(999);
      expect(fate).toEqual({});
      await clock.advance(1 + slack);
      expect(fate.error?.code).toBe('HAPPEN_TIMEOUT');
    },

    'sends what the event held at the call, however long it waits': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', ({ payload }) => [...payload.map.keys()]);
      const payload = { map: new Map([['one', 1]]) };
      const fate = fateOf(a.send(b, { type: 't', payload }, { delay: 1_000 }));
      await turn();
      payload.map.set('two', 2);
      await clock.advance(1_000);
      const shared = world.isolation === 'trust' && !world.crosses;
      expect(fate.value).toEqual(shared ? ['one', 'two'] : ['one']);
    },

    'lets a signal take a delayed event back': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      const arrived: string[] = [];
      b.on('t', ({ payload }) => void arrived.push(payload));
      const errors = world.heard('node.error');
      const controller = new AbortController();
      const { signal } = controller;
      const fate = fateOf(a.send(b, { type: 't', payload: 'taken back' }, { delay: 1_000, signal }));
      a.send(b, { type: 't', payload: 'taken back, not asked for' }, { delay: 1_000, signal });
      await clock.advance(500);
      controller.abort();
      await until('it is told of what was not asked for', () => errors.length > 0);
      await clock.advance(500);
      expect(fate.error?.code).toBe('HAPPEN_CANCELLED');
      expect(errors.map(({ payload }) => payload)).toMatchObject([{ nodeId: 'a', code: 'HAPPEN_CANCELLED' }]);
      await a.send(b, { type: 't', payload: 'sentinel' });
      expect(arrived).toEqual(['sentinel']);
    },

    'gives requests within a handler at most what is left of its asker\u2019s time': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b, c, d] = [world.node('a'), world.node('b'), world.node('c'), world.node('d')];
      const innermost = endless();
      d.on('third', innermost.handler);
      const waited: Record<string, number> = {};
      const relay =
        (name: string, target: TestNode, type: string) =>
        async (_event: unknown, context: { readonly node: unknown }) => {
          const start = clock.now();
          await sleep(clock, 100);
          const error = await failureOf((context.node as TestNode).send(target, { type }));
          waited[name] = clock.now() - start;
          throw error;
        };
      b.on('first', relay('b', c, 'second'));
      c.on('second', relay('c', d, 'third'));
      const fate = fateOf(a.send(b, { type: 'first' }, { timeout: 1_000 }));
      await turn();
      await clock.advance(200);
      await innermost.begun;
      await clock.advance(800 + slack);
      expect(await innermost.aborted).toMatchObject({ code: expect.stringMatching(/^HAPPEN_(TIMEOUT|CANCELLED)$/) });
      expect(fate.error?.code).toBe('HAPPEN_TIMEOUT');
      expect(Object.keys(waited).sort()).toEqual(['b', 'c']);
      for (const ms of Object.values(waited)) expect(ms).toBeLessThanOrEqual(1_000 + slack);
    },

    'keeps a shorter timeout of its own': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const inner = endless();
      c.on('inner', inner.handler);
      b.on('outer', async (_event, context) =>
        codeOf((context.node as TestNode).send(c, { type: 'inner' }, { timeout: 100 })),
      );
      const fate = fateOf(a.send(b, { type: 'outer' }, { timeout: 10_000 }));
      await inner.begun;
      await clock.advance(100 + slack);
      expect(fate.value).toBe('HAPPEN_TIMEOUT');
    },

    'gives cleaning up a fresh timeout once the flow\u2019s own time is over': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const inner = endless();
      const refunded = gate<unknown>();
      c.on('charge', inner.handler);
      c.on('refund', async () => {
        await sleep(clock, 20_000);
        return 'refunded';
      });
      b.on('order', async (_event, context) => {
        const node = context.node as TestNode;
        try {
          await node.send(c, { type: 'charge' });
        } catch {
          refunded.open(
            await node
              .send(c, { type: 'refund' })
              .return()
              .catch((error: HappenError) => error.code),
          );
        }
      });
      const fate = fateOf(a.send(b, { type: 'order' }, { timeout: 1_000 }));
      await inner.begun;
      await clock.advance(1_000 + slack);
      expect(fate.error?.code).toBe('HAPPEN_TIMEOUT');
      await clock.advance(20_000);
      expect(await refunded.passed).toBe('refunded');
    },

    'gives cleaning up a fresh timeout after a cancellation': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const begun = gate();
      const refunded = gate<unknown>();
      c.on('refund', async () => {
        await sleep(clock, 20_000);
        return 'refunded';
      });
      b.on('order', async (_event, context) => {
        begun.open();
        await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
        refunded.open(
          await (context.node as TestNode)
            .send(c, { type: 'refund' })
            .return()
            .catch((error: HappenError) => error.code),
        );
      });
      const controller = new AbortController();
      const fate = fateOf(a.send(b, { type: 'order' }, { timeout: 5_000, signal: controller.signal }));
      await begun.passed;
      controller.abort();
      await turn();
      await clock.advance(20_000);
      expect(await refunded.passed).toBe('refunded');
      expect(fate.error?.code).toBe('HAPPEN_CANCELLED');
    },

    'hands a completed flow\u2019s cause on to its timers, never its deadline': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const answered = gate<unknown>();
      c.on('report', async (event) => {
        await sleep(clock, 20_000);
        return event.context.causal.causationId;
      });
      b.on('order', (event, context) => {
        const node = context.node as TestNode;
        clock.setTimer(500, () =>
          answered.open(
            node
              .send(c, { type: 'report' })
              .return()
              .catch((error: HappenError) => error.code),
          ),
        );
        return event.context.causal.id;
      });
      const id: unknown = await a.send(b, { type: 'order' }, { timeout: 1_000 });
      await clock.advance(500);
      await clock.advance(20_000);
      expect(await answered.passed).toBe(id);
    },

    'takes an answer that comes just in time and none that comes late': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', async ({ payload }) => {
        await sleep(clock, payload);
        return 'answer';
      });
      const inTime = fateOf(a.send(b, { type: 't', payload: 999 }, { timeout: 1_000 }));
      const late = fateOf(a.send(b, { type: 't', payload: 1_000 + slack + 1 }, { timeout: 1_000 }));
      await turn();
      await clock.advance(2_000);
      expect(inTime.value).toBe('answer');
      expect(late.error?.code).toBe('HAPPEN_TIMEOUT');
      expect('value' in late).toBe(false);
    },

    'leaves no timer behind when all is answered': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', () => 1);
      await Promise.all([
        a.send(b, { type: 't' }),
        a.send(b, { type: 't' }, { timeout: '1h' }),
        a.send(b, { type: 'missing' }).catch(() => {}),
      ]);
      expect(clock.pending()).toEqual([]);
    },
  },
};
