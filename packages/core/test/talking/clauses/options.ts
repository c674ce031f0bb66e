import { getEventListeners } from 'node:events';
import { expect } from 'vitest';
import type { HappenEvent } from '../../../src/index.js';
import { virtualClock } from '../../../../testing/src/clock/virtual-clock.js';
import type { Clauses } from '../clause.js';
import { codeOf, gate, until } from '../observing.js';
import type { TestNode } from '../worlds.js';

export const optionClauses: Clauses = {
  'TALK-3 options': {
    'causedBy names the cause, in a flow and outside of flows': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const first = gate<HappenEvent>();
      b.on('first', (event) => first.open(event as HappenEvent));
      c.on('second', ({ context: { causal } }) => [
        causal.causationId,
        causal.correlationId,
        causal.depth,
        causal.path,
      ]);
      a.send(b, { type: 'first', context: { causal: { correlationId: 'order-1' }, user: { id: 'u1' } } });
      const causedBy = await first.passed;
      const expected = [causedBy.context.causal.id, 'order-1', 1, [['a', 'b']]];
      expect(await b.send(c, { type: 'second' }, { causedBy })).toEqual(expected);
      b.on('other', (_event, context) => (context.node as TestNode).send(c, { type: 'second' }, { causedBy }));
      expect(await a.send(b, { type: 'other' })).toEqual(expected);
    },

    'causedBy holds for broadcasts as well': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const first = gate<HappenEvent>();
      const news = gate<HappenEvent>();
      a.on('first', (event) => first.open(event as HappenEvent));
      b.on('news', (event) => news.open(event as HappenEvent));
      await world.listening();
      a.send({ type: 'first' });
      const causedBy = await first.passed;
      a.broadcast({ type: 'news' }, { causedBy });
      expect((await news.passed).context.causal.causationId).toBe(causedBy.context.causal.id);
    },

    'detached makes a root of what a handler sends': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      c.on('second', ({ context }) => [
        'causationId' in context.causal,
        context.causal.depth,
        context.causal.correlationId === context.causal.id,
        'user' in context,
      ]);
      b.on('first', (_event, context) => (context.node as TestNode).send(c, { type: 'second' }, { detached: true }));
      expect(await a.send(b, { type: 'first', context: { user: { id: 'u1' } } })).toEqual([false, 0, true, false]);
    },

    'dedupeKey lets one event of a name through': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      let handled = 0;
      b.on('t', () => ++handled);
      const send = (from: TestNode, dedupeKey: string) => from.send(b, { type: 't' }, { dedupeKey });
      expect(await send(a, 'order-1')).toBe(1);
      expect(await codeOf(send(a, 'order-1'))).toBe('HAPPEN_DUPLICATE_EVENT');
      expect(await send(a, 'order-2')).toBe(2);
      expect(await send(c, 'order-1')).toBe(3);
      send(a, 'order-1');
      await clock.advance(119_999);
      expect(await codeOf(send(a, 'order-1'))).toBe('HAPPEN_DUPLICATE_EVENT');
      await clock.advance(1);
      expect(await send(a, 'order-1')).toBe(4);
    },

    'dedupeKey lets a refused event be sent again': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 1, queueLimit: 1 } });
      const busy = gate();
      b.on('busy', () => busy.passed);
      b.on('t', () => 'handled');
      a.send(b, { type: 'busy' });
      a.send(b, { type: 'busy' });
      expect(await codeOf(a.send(b, { type: 't' }, { dedupeKey: 'order-1' }))).toBe('HAPPEN_QUEUE_FULL');
      busy.open();
      await until('the node is idle', () => world.spaceOf(b).metrics().queues['b']?.running === 0);
      expect(await a.send(b, { type: 't' }, { dedupeKey: 'order-1' })).toBe('handled');
    },

    'dedupeKey lets an event be sent again that came to nothing, once it has': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      let tries = 0;
      b.on('charge', (_event, { signal }) => {
        tries++;
        if (tries === 1) throw new Error('the bank is down');
        if (tries > 2) return `charged at the ${tries}rd`;
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error)),
        );
      });
      const charge = (options = {}) => a.send(b, { type: 'charge' }, { dedupeKey: 'order-1', ...options });
      expect(await codeOf(charge())).toBe('HAPPEN_HANDLER_FAILED');
      const stop = new AbortController();
      const second = codeOf(charge({ signal: stop.signal }));
      await until('the second is handled', () => tries === 2);
      expect(await codeOf(charge())).toBe('HAPPEN_DUPLICATE_EVENT');
      stop.abort();
      expect(await second).toBe('HAPPEN_CANCELLED');
      await until('the second has ended', () => world.spaceOf(b).metrics().queues['b']?.running === 0);
      expect(await charge()).toBe('charged at the 3rd');
      expect(await codeOf(charge())).toBe('HAPPEN_DUPLICATE_EVENT');
    },

    'signal ends the wait at once and aborts the handler\u2019s signal': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const began = gate();
      const aborted = gate<unknown>();
      b.on('t', (_event, context) => {
        context.signal.addEventListener('abort', () => aborted.open(context.signal.reason));
        began.open();
        return new Promise(() => {});
      });
      const controller = new AbortController();
      const asked = a.send(b, { type: 't' }, { signal: controller.signal }).return();
      await began.passed;
      const reason = new Error('the customer left');
      controller.abort(reason);
      await expect(asked).rejects.toMatchObject({
        code: 'HAPPEN_CANCELLED',
        message: expect.stringContaining('the customer left'),
        cause: reason,
      });
      expect(await aborted.passed).toMatchObject({ code: 'HAPPEN_CANCELLED' });
    },

    'signal goes on to further nodes where a handler hands its own on': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const begun = gate();
      const aborted = gate<unknown>();
      const inner = gate<string>();
      c.on('inner', (_event, context) => {
        context.signal.addEventListener('abort', () => aborted.open(context.signal.reason));
        begun.open();
        return new Promise(() => {});
      });
      b.on('outer', async (_event, context) => {
        inner.open(await codeOf((context.node as TestNode).send(c, { type: 'inner' }, { signal: context.signal })));
      });
      const controller = new AbortController();
      const asked = codeOf(a.send(b, { type: 'outer' }, { signal: controller.signal }));
      await begun.passed;
      controller.abort();
      expect(await asked).toBe('HAPPEN_CANCELLED');
      expect(await inner.passed).toBe('HAPPEN_CANCELLED');
      expect(await aborted.passed).toMatchObject({ code: 'HAPPEN_CANCELLED' });
    },

    'signal is seen by a handler that looks at it only afterwards': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const began = gate();
      const goOn = gate();
      const seen = gate<boolean>();
      b.on('t', async (_event, context) => {
        began.open();
        await goOn.passed;
        seen.open(context.signal.aborted);
      });
      b.on('last', () => {});
      const controller = new AbortController();
      const asked = a.send(b, { type: 't' }, { signal: controller.signal }).return();
      await began.passed;
      controller.abort();
      expect(await codeOf(asked)).toBe('HAPPEN_CANCELLED');
      await a.send(b, { type: 'last' });
      goOn.open();
      expect(await seen.passed).toBe(true);
    },

    'signal that is aborted already sends nothing': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const arrived: string[] = [];
      b.on('t', ({ payload }) => void arrived.push(payload));
      expect(await codeOf(a.send(b, { type: 't', payload: 'never' }, { signal: AbortSignal.abort() }))).toBe(
        'HAPPEN_CANCELLED',
      );
      await a.send(b, { type: 't', payload: 'sentinel' });
      expect(arrived).toEqual(['sentinel']);
    },

    'signal takes an event back that waits in the queue': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 1 } });
      const busy = gate();
      const ran: string[] = [];
      b.on('busy', () => busy.passed);
      b.on('t', ({ payload }) => void ran.push(payload));
      a.send(b, { type: 'busy' });
      const controller = new AbortController();
      const asked = a.send(b, { type: 't', payload: 'taken back' }, { signal: controller.signal }).return();
      await until('it waits', () => world.spaceOf(b).metrics().queues['b']?.waiting === 1);
      controller.abort();
      expect(await codeOf(asked)).toBe('HAPPEN_CANCELLED');
      const last = a.send(b, { type: 't', payload: 'sentinel' }).return();
      await until('the sentinel waits', () => world.spaceOf(b).metrics().queues['b']?.waiting === 2);
      busy.open();
      await last;
      expect(ran).toEqual(['sentinel']);
    },

    'signal is let go of when the answer has come': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', () => 1);
      const { signal } = new AbortController();
      await Promise.all([1, 2, 3].map(() => a.send(b, { type: 't' }, { signal })));
      await a.send(b, { type: 'missing' }, { signal }).catch(() => {});
      await a.send(b, { type: 't' }, { signal }).sent();
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    },
  },
};
