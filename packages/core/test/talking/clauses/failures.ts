import { expect } from 'vitest';
import { type ErrorCode, errorCodes, HappenError, isHappenError } from '../../../src/index.js';
import { virtualClock } from '../../../../testing/src/clock/virtual-clock.js';
import type { Clauses } from '../clause.js';
import { codeOf, failureOf, gate, unhandledRejections, until, upTo } from '../observing.js';

class StockError extends Error {
  override readonly name = 'StockError';
  readonly code = 'E_STOCK';
  readonly details = { sku: 'x-1', left: 0 };
}

export const failureClauses: Clauses = {
  'TALK-4': {
    'HAPPEN_NO_SUCH_NODE: nobody has such a node': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const error = await failureOf(a.send('nobody', { type: 't' }));
      expect(error).toMatchObject({ code: 'HAPPEN_NO_SUCH_NODE', transient: true, details: { node: 'nobody' } });
      expect(error.message).toContain('"nobody"');
    },

    'HAPPEN_NO_HANDLER: the node does not handle the type': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('other', () => 1);
      const error = await failureOf(a.send(b, { type: 't' }));
      expect(error).toMatchObject({ code: 'HAPPEN_NO_HANDLER', transient: false, details: { node: 'b', type: 't' } });
    },

    'HAPPEN_NOT_ACCEPTED: the node does not take events from the sender': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { acceptFrom: ['checkout'] });
      b.on('t', () => 1);
      const error = await failureOf(a.send(b, { type: 't' }));
      expect(error).toMatchObject({
        code: 'HAPPEN_NOT_ACCEPTED',
        transient: false,
        details: { node: 'b', sender: 'a', type: 't' },
      });
    },

    'HAPPEN_HANDLER_FAILED: the handler threw, and this is what': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      let eventId: string | undefined;
      b.on('t', async (event) => {
        eventId = event.context.causal.id;
        return () => {
          throw new StockError('sold out', { cause: new RangeError('0 left') });
        };
      });
      const error = await failureOf(a.send(b, { type: 't' }));
      expect(error).toMatchObject({
        code: 'HAPPEN_HANDLER_FAILED',
        transient: false,
        details: { node: 'b', type: 't', eventId, name: 'StockError', message: 'sold out' },
      });
      expect(error.message).toContain('sold out');
      const cause = error.cause as StockError;
      expect(cause).toBeInstanceOf(Error);
      expect(cause).toMatchObject({
        name: 'StockError',
        message: 'sold out',
        code: 'E_STOCK',
        details: { sku: 'x-1', left: 0 },
      });
      expect(cause.cause).toMatchObject({ name: 'RangeError', message: '0 left' });
    },

    'HAPPEN_HANDLER_FAILED: whatever was thrown, the asker gets an error': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const hostile = new Error('hostile');
      Object.defineProperty(hostile, 'message', {
        get: () => {
          throw new Error('no message for you');
        },
      });
      const thrown: unknown[] = [
        'a bare string',
        7,
        null,
        undefined,
        { reason: 'object' },
        Symbol('symbol'),
        () => {},
        10n,
        hostile,
      ];
      b.on('t', ({ payload }) => {
        throw thrown[payload];
      });
      for (const index of upTo(thrown.length)) {
        const error = await failureOf(a.send(b, { type: 't', payload: index }));
        expect(error.code).toBe('HAPPEN_HANDLER_FAILED');
        expect(error).toBeInstanceOf(HappenError);
      }
      expect((await failureOf(a.send(b, { type: 't', payload: 0 }))).message).toContain('a bare string');
    },

    'HAPPEN_TIMEOUT: no answer in time': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      const begun = gate();
      b.on('t', () => {
        begun.open();
        return new Promise(() => {});
      });
      const asked = failureOf(a.send(b, { type: 't' }, { timeout: 100 }));
      await begun.passed;
      await clock.advance(200);
      expect(await asked).toMatchObject({
        code: 'HAPPEN_TIMEOUT',
        transient: true,
        details: { node: 'b', type: 't', timeoutMs: 100 },
      });
    },

    'HAPPEN_CANCELLED: the sender gave up, with the reason as cause': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const begun = gate();
      b.on('t', () => {
        begun.open();
        return new Promise(() => {});
      });
      const controller = new AbortController();
      const asked = failureOf(a.send(b, { type: 't' }, { signal: controller.signal }));
      await begun.passed;
      controller.abort('enough');
      expect(await asked).toMatchObject({
        code: 'HAPPEN_CANCELLED',
        transient: false,
        cause: 'enough',
        message: expect.stringContaining('enough'),
      });
    },

    'HAPPEN_QUEUE_FULL: too many wait already': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 1, queueLimit: 2 } });
      const busy = gate();
      b.on('t', () => busy.passed);
      const sent = upTo(3).map(() => a.send(b, { type: 't' }).return());
      const error = await failureOf(a.send(b, { type: 't' }));
      expect(error).toMatchObject({ code: 'HAPPEN_QUEUE_FULL', transient: true, details: { node: 'b', limit: 2 } });
      busy.open();
      await Promise.all(sent);
    },

    'HAPPEN_PAYLOAD_TOO_LARGE: more than fits, there or back': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', () => 'taken');
      b.on('large', () => 'x'.repeat(1_100_000));
      const there = a.send(b, { type: 't', payload: { text: 'x'.repeat(1_100_000) } }).return();
      const back = a.send(b, { type: 'large' }).return();
      if (world.isolation === 'trust' && !world.crosses) {
        expect(await there).toBe('taken');
        expect((await back).length).toBe(1_100_000);
        return;
      }
      expect(await failureOf(there)).toMatchObject({
        code: 'HAPPEN_PAYLOAD_TOO_LARGE',
        message: expect.stringContaining('payload'),
      });
      expect(await failureOf(back)).toMatchObject({
        code: 'HAPPEN_PAYLOAD_TOO_LARGE',
        message: expect.stringContaining('result'),
      });
      expect(await a.send(b, { type: 't' })).toBe('taken');
    },

    'HAPPEN_NOT_SERIALISABLE: what could not cross, and where in it': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', () => 'taken');
      b.on('result', () => ({ rows: [{ run: () => {} }] }));
      const there = a.send(b, { type: 't', payload: { items: [1, { run: () => {} }] } }).return();
      const back = a.send(b, { type: 'result' }).return();
      if (world.isolation === 'trust' && !world.crosses) {
        expect(await there).toBe('taken');
        expect(await back).toMatchObject({ rows: [{}] });
        return;
      }
      expect(await failureOf(there)).toMatchObject({
        code: 'HAPPEN_NOT_SERIALISABLE',
        details: { path: 'payload.items[1].run' },
      });
      expect(await failureOf(back)).toMatchObject({
        code: 'HAPPEN_NOT_SERIALISABLE',
        details: { path: 'result.rows[0].run' },
      });
    },

    'HAPPEN_NOT_SERIALISABLE: in the context as well': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', () => 'taken');
      const asked = a.send(b, { type: 't', context: { user: { login: () => {} } } }).return();
      if (world.isolation === 'trust' && !world.crosses) expect(await asked).toBe('taken');
      else
        expect(await failureOf(asked)).toMatchObject({
          code: 'HAPPEN_NOT_SERIALISABLE',
          message: expect.stringContaining('context.user.login'),
        });
    },

    'HAPPEN_CLOSED: the node is being closed': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const busy = gate();
      const begun = gate();
      b.on('busy', () => {
        begun.open();
        return busy.passed;
      });
      const running = a.send(b, { type: 'busy' }).return();
      await begun.passed;
      const closed = b.close();
      expect(await failureOf(a.send(b, { type: 't' }))).toMatchObject({
        code: 'HAPPEN_CLOSED',
        details: { node: 'b' },
      });
      busy.open();
      await running;
      await closed;
      expect(await codeOf(a.send(b, { type: 't' }))).toBe('HAPPEN_NO_SUCH_NODE');
    },

    'never hangs and never rejects with a bare value, even when answers come for what nobody awaits': async (open) => {
      await using world = await open();
      using rejections = unhandledRejections();
      const [a, b] = [world.node('a'), world.node('b')];
      const controller = new AbortController();
      const answers = gate();
      b.on('t', async () => {
        await answers.passed;
        throw new Error('late');
      });
      const asked = upTo(20).map(() => codeOf(a.send(b, { type: 't' }, { signal: controller.signal })));
      await until('all have begun', () => world.spaceOf(b).metrics().queues['b']?.running === 20);
      controller.abort();
      expect(new Set(await Promise.all(asked))).toEqual(new Set<ErrorCode>(['HAPPEN_CANCELLED']));
      answers.open();
      await until('the node is idle', () => world.spaceOf(b).metrics().queues['b']?.running === 0);
      b.on('last', () => 'ok');
      expect(await a.send(b, { type: 'last' })).toBe('ok');
      expect(rejections.reasons).toEqual([]);
    },

    'says in every error whether a retry can help': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const error = await failureOf(a.send('nobody', { type: 't' }));
      expect(isHappenError(error, 'HAPPEN_NO_SUCH_NODE')).toBe(true);
      expect(error.transient).toBe(errorCodes[error.code].transient);
    },
  },
};
