import { expect } from 'vitest';
import type { Clauses } from '../clause.js';
import { codeOf, failureOf, gate, unhandledRejections, until, upTo } from '../observing.js';
import { type TestNode, turn } from '../worlds.js';

export const sendingClauses: Clauses = {
  'TALK-2': {
    'sends to a node, a reference or an id': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', ({ payload }) => payload);
      expect(await a.send(b, { type: 't', payload: 1 })).toBe(1);
      expect(await a.send('b', { type: 't', payload: 2 })).toBe(2);
      expect(await a.send(world.spaceOf(a).node('b'), { type: 't', payload: 3 })).toBe(3);
    },

    'sends to itself without a target': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      for (const node of [a, b]) {
        node.on('t', (event, context) => [event.payload, context.sender, (context.node as TestNode).id]);
        expect(await node.send({ type: 't', payload: 1 })).toEqual([1, node.id, node.id]);
        expect(await node.send(node, { type: 't', payload: 2 }, { timeout: 1_000 })).toEqual([2, node.id, node.id]);
        expect(await node.send(node.id, { type: 't', payload: 3 })).toEqual([3, node.id, node.id]);
      }
    },

    'takes an event with an id for an event': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b');
      a.on('t', () => 'at a');
      b.on('t', () => 'at b');
      expect(await a.send({ id: 'b', type: 't' } as { type: string })).toBe('at a');
      expect(await a.send(b, { id: 'a', type: 't' } as { type: string })).toBe('at b');
    },

    'gives the same answer to await, then, return and return with a callback': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', ({ payload }) => ({ n: payload }));
      const send = () => a.send(b, { type: 't', payload: 1 });
      expect(await send()).toEqual({ n: 1 });
      expect(await send().return()).toEqual({ n: 1 });
      expect(await send().return((result) => (result as { n: number }).n + 1)).toBe(2);
      expect(await send().return(async (result) => [result])).toEqual([{ n: 1 }]);
      expect(await send().then((result) => (result as { n: number }).n + 2)).toBe(3);
      expect(await send().catch(() => 'failed')).toEqual({ n: 1 });
      let ended = false;
      expect(await send().finally(() => (ended = true))).toEqual({ n: 1 });
      expect(ended).toBe(true);
      const handle = send();
      expect(await Promise.all([handle, handle.return(), handle])).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }]);
      expect(await handle).toEqual({ n: 1 });
      expect(await handle.return()).toEqual({ n: 1 });
    },

    'calls back with finally also when it failed, and hands the failure on': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', () => 'answer');
      const ended: string[] = [];
      const ends = (which: string) => (): void => void ended.push(which);
      expect(await codeOf(a.send(b, { type: 'missing' }).finally(ends('one')))).toBe('HAPPEN_NO_HANDLER');
      expect(await codeOf(a.send('nobody', { type: 't' }).return().finally(ends('end')))).toBe('HAPPEN_NO_SUCH_NODE');
      expect((await failureOf(a.send(['nobody'], { type: 't' }).finally(ends('many')))).code).toBe(
        'HAPPEN_NO_SUCH_NODE',
      );
      expect({ ...(await a.send([b], { type: 't' }).finally(ends('all'))) }).toEqual({ b: 'answer' });
      expect(ended).toEqual(['one', 'end', 'many', 'all']);
      const broken = a.send(b, { type: 't' }).finally(() => {
        throw new RangeError('in finally');
      });
      await expect(broken).rejects.toThrow('in finally');
    },

    'tells the receiver whether an answer is wanted': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const told: Record<string, boolean> = {};
      const reached = gate();
      b.on('t', ({ payload }, context) => {
        told[payload] = context.expectsResponse;
        if (payload === 'last') reached.open();
      });
      b.on('relay', ({ payload }, context) => (context.node as TestNode).send(a, { type: 't', payload }));
      a.on('t', ({ payload }, context) => void (told[payload] = context.expectsResponse));
      const send = (payload: string) => a.send(b, { type: 't', payload });
      send('not asked');
      await send('await');
      await send('return').return();
      await send('callback').return(() => {});
      void send('then').then(() => {});
      void send('catch').catch(() => {});
      void send('finally').finally(() => {});
      await send('receipt').sent();
      await (async () => send('returned by an async function'))();
      await (async () => {
        await null;
        return send('returned after await');
      })();
      await a.send(b, { type: 'relay', payload: 'returned by a handler' });
      await send('last');
      await reached.passed;
      expect(told).toEqual({
        'not asked': false,
        await: true,
        return: true,
        callback: true,
        then: true,
        catch: true,
        finally: true,
        receipt: false,
        'returned by an async function': true,
        'returned after await': true,
        'returned by a handler': true,
        last: true,
      });
    },

    'lets an answer be asked for until the event has left, and not afterwards': async (open) => {
      await using world = await open();
      using rejections = unhandledRejections();
      const [a, b] = [world.node('a'), world.node('b')];
      const told: unknown[] = [];
      b.on('t', ({ payload }, context) => {
        told.push([payload, context.expectsResponse]);
        return 'result';
      });
      const inTime = a.send(b, { type: 't', payload: 'in time' });
      await null;
      expect(await inTime.return()).toBe('result');
      for (const late of [() => turn(), () => new Promise((resolve) => setTimeout(resolve, 5))]) {
        const handle = a.send(b, { type: 't', payload: 'late' });
        await late();
        for (const ask of [
          () => handle,
          () => handle.return(),
          () => handle.return(() => 'callback'),
          () => handle.catch((error: unknown) => Promise.reject(error as Error)),
        ]) {
          expect(await codeOf(ask())).toBe('HAPPEN_ASKED_TOO_LATE');
        }
      }
      expect(await a.send(b, { type: 't', payload: 'last' })).toBe('result');
      expect(told).toEqual([
        ['in time', true],
        ['late', false],
        ['late', false],
        ['last', true],
      ]);
      expect(rejections.reasons).toEqual([]);
    },

    'never runs a handler inside the call': async (open) => {
      await using world = await open();
      const a = world.node('a');
      let ran = false;
      a.on('t', () => void (ran = true));
      const asked = a.send({ type: 't' }).return();
      expect(ran).toBe(false);
      await asked;
      expect(ran).toBe(true);
    },

    'dispatches in the order of the calls, asked or not': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      for (const target of [b, a]) {
        const arrived: number[] = [];
        const end = target.on('t', ({ payload }) => void arrived.push(payload));
        const asked: PromiseLike<unknown>[] = [];
        for (const n of upTo(300)) {
          const handle = a.send(target, { type: 't', payload: n });
          if (n % 3 === 0) asked.push(handle.return());
          if (n % 50 === 0) await null;
        }
        await Promise.all(asked);
        await a.send(target, { type: 't', payload: 300 });
        expect(arrived).toEqual(upTo(301));
        end();
      }
    },

    'is an object that can be awaited, not a function and not a promise': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', () => 1);
      const handle: unknown = a.send(b, { type: 't' });
      expect(typeof handle).toBe('object');
      expect(handle instanceof Promise).toBe(false);
    },

    'gives a receipt without asking for an answer': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const arrived = gate<[string, boolean]>();
      b.on('t', (event, context) => {
        arrived.open([event.context.causal.id, context.expectsResponse]);
        throw new Error('of no concern to the receipt');
      });
      const handle = a.send(b, { type: 't' });
      const { id } = await handle.sent();
      expect(await arrived.passed).toEqual([id, false]);
      expect((await handle.sent()).id).toBe(id);
    },

    'gives both a receipt and an answer when both are asked for': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', (event) => event.context.causal.id);
      const handle = a.send(b, { type: 't' });
      const [receipt, id] = await Promise.all([handle.sent(), handle.return()]);
      expect(receipt.id).toBe(id);
    },

    'rejects the receipt of what could not be sent': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      expect(await codeOf(a.send(b, { type: 'node.mine' }).sent())).toBe('HAPPEN_RESERVED_TYPE');
      expect(await codeOf(a.send(b, { type: 't' }, { timeout: -1 }).sent())).toBe('HAPPEN_INVALID_OPTION');
    },

    'tells of every failure that nobody asked about at node.error, and never as an unhandled rejection': async (
      open,
    ) => {
      await using world = await open();
      using rejections = unhandledRejections();
      const [a, b] = [world.node('a'), world.node('b')];
      const errors = world.heard('node.error');
      b.on('throws', () => {
        throw new Error('thrown');
      });
      b.on('rejects', async () => Promise.reject(new Error('rejected')));
      b.on('works', () => 1);
      const nobody = async (what: string, send: () => unknown, code: string, text: string): Promise<void> => {
        errors.length = 0;
        send();
        await until(`${what} is told`, () => errors.length > 0);
        expect(errors[0]?.payload, what).toMatchObject({ code, message: expect.stringContaining(text) });
      };
      await nobody('a handler that threw', () => a.send(b, { type: 'throws' }), 'HAPPEN_HANDLER_FAILED', 'thrown');
      await nobody(
        'a handler that rejected',
        () => a.send(b, { type: 'rejects' }),
        'HAPPEN_HANDLER_FAILED',
        'rejected',
      );
      await nobody(
        'a callback that threw',
        () =>
          a.send(b, { type: 'works' }).return(() => {
            throw new Error('callback');
          }),
        'HAPPEN_HANDLER_FAILED',
        'callback',
      );
      await nobody(
        'a callback that rejected',
        () => a.send(b, { type: 'works' }).return(() => Promise.reject(new Error('later'))),
        'HAPPEN_HANDLER_FAILED',
        'later',
      );
      await nobody(
        'a missing handler',
        () => a.send(b, { type: 'missing' }).return(() => {}),
        'HAPPEN_NO_HANDLER',
        'missing',
      );
      await nobody('a missing node', () => a.send('nobody', { type: 't' }), 'HAPPEN_NO_SUCH_NODE', 'nobody');
      await nobody(
        'a missing node, with return()',
        () => a.send('nobody', { type: 't' }).return(),
        'HAPPEN_NO_SUCH_NODE',
        'nobody',
      );
      await nobody(
        'a follow-up that threw',
        () =>
          void a.send(b, { type: 'works' }).then(() => {
            throw new Error('follow-up');
          }),
        'HAPPEN_HANDLER_FAILED',
        'follow-up',
      );
      await nobody('a receipt', () => void a.send(b, { type: 'system.x' }).sent(), 'HAPPEN_RESERVED_TYPE', 'system.x');
      await nobody(
        'the receipt of a broadcast',
        () => void a.broadcast({ type: 'system.y' }).sent(),
        'HAPPEN_RESERVED_TYPE',
        'system.y',
      );
      await nobody(
        'several nodes that all failed',
        () => void a.send([b, 'nobody'], { type: 'missing' }).return(),
        'HAPPEN_NO_HANDLER',
        'missing',
      );
      await nobody(
        'a batch of several types',
        () => void a.send(b, [{ type: 'works' }, { type: 'missing' }]).return(),
        'HAPPEN_NO_HANDLER',
        'missing',
      );
      await nobody('a bad event', () => a.send(b, {} as { type: string }), 'HAPPEN_INVALID_EVENT', 'type');
      await nobody(
        'a bad option',
        () => a.send(b, { type: 'works' }, { priority: 'urgent' as never }),
        'HAPPEN_INVALID_OPTION',
        'priority',
      );
      await nobody('no target', () => a.send(undefined as never, { type: 'works' }), 'HAPPEN_INVALID_EVENT', 'target');
      expect(rejections.reasons).toEqual([]);
    },

    'tells of what a node did not take though nobody asked, wherever it lives': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { acceptFrom: ['a'] });
      const [other] = [world.node('other'), world.node('last')];
      const errors = world.heard('node.error');
      const taken: string[] = [];
      b.on('t', ({ payload }) => void taken.push(payload));
      const [begun, goOn] = [gate(), gate()];
      b.on('slow', () => {
        begun.open();
        return goOn.passed;
      });
      const nobody = async (what: string, send: () => unknown, code: string): Promise<void> => {
        errors.length = 0;
        send();
        await until(`${what} is told`, () => errors.length > 0);
        expect(errors.map(({ payload }) => payload)).toMatchObject([{ code, type: 't' }]);
      };
      await nobody('who is not accepted', () => other.send(b, { type: 't', payload: 'no' }), 'HAPPEN_NOT_ACCEPTED');
      await a.send(b, { type: 't', payload: 'once' }, { dedupeKey: 'one' });
      const again = (): unknown => a.send(b, { type: 't', payload: 'twice' }, { dedupeKey: 'one' });
      await nobody('what was there before', again, 'HAPPEN_DUPLICATE_EVENT');
      a.send(b, { type: 'slow' });
      await begun.passed;
      const closed = b.close();
      await nobody('what comes too late', () => a.send(b, { type: 't', payload: 'late' }), 'HAPPEN_CLOSED');
      goOn.open();
      await closed;
      expect(taken).toEqual(['once']);
    },

    'tells of a failure that came to light after the receipt': async (open) => {
      await using world = await open();
      using rejections = unhandledRejections();
      const [a] = [world.node('a'), world.node('b')];
      const errors = world.heard('node.error');
      const receipt = await a
        .send('nobody', { type: 't' })
        .sent()
        .then(
          () => 'given',
          (error: { code: string }) => error.code,
        );
      if (receipt === 'given') {
        await until('it is told', () => errors.length > 0);
        expect(errors[0]?.payload).toMatchObject({
          code: 'HAPPEN_NO_SUCH_NODE',
          message: expect.stringContaining('"nobody"'),
        });
      } else {
        expect(receipt).toBe('HAPPEN_NO_SUCH_NODE');
      }
      expect(rejections.reasons).toEqual([]);
    },

    'says nothing at node.error of a failure that somebody took': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const errors = world.heard('node.error');
      await a.send(b, { type: 'missing' }).catch(() => {});
      const asked = a.send(b, { type: 'missing' }).return();
      expect(await codeOf(asked)).toBe('HAPPEN_NO_HANDLER');
      a.send(b, { type: 'missing' })
        .return()
        .catch(() => {});
      await a
        .send('nobody', { type: 't' })
        .sent()
        .catch(() => {});
      a.send(b, { type: 'node.sentinel' });
      await until('the sentinel is told', () =>
        errors.some(({ payload }) => (payload as { code: string }).code === 'HAPPEN_RESERVED_TYPE'),
      );
      const others = errors
        .map(({ payload }) => (payload as { code: string }).code)
        .filter((code) => code !== 'HAPPEN_RESERVED_TYPE');
      expect(others.filter((code) => code !== 'HAPPEN_NO_SUCH_NODE' || !world.crosses)).toEqual([]);
    },

    'keeps results that look like nothing apart from no answer': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', ({ payload }) => payload[0]);
      for (const value of [null, 0, -0, false, '', NaN])
        expect(await a.send(b, { type: 't', payload: [value] })).toBe(value);
      b.on('nothing', () => {});
      expect(await a.send(b, { type: 'nothing' })).toBeUndefined();
    },

    'goes to a node that is made in the same turn, after the send': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const asked = a.send('later', { type: 't' }).return();
      world
        .spaceOf(a)
        .createNode('later')
        .on('t', () => 'here');
      expect(await asked).toBe('here');
    },

    'works between handlers in both directions': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on(
        'outer',
        async ({ payload }, context) =>
          1 + ((await (context.node as TestNode).send(a, { type: 'inner', payload })) as number),
      );
      a.on(
        'inner',
        async ({ payload }, context) =>
          10 * ((await (context.node as TestNode).send(b, { type: 'innermost', payload })) as number),
      );
      b.on('innermost', ({ payload }) => payload + 1);
      expect(await a.send(b, { type: 'outer', payload: 1 })).toBe(21);
    },

    'says which option of a failed request is wrong': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', () => 1);
      const wrong: readonly [object, string][] = [
        [{ timeout: 0 }, 'timeout'],
        [{ timeout: '5 parsecs' }, 'timeout'],
        [{ timeout: Number.NaN }, 'timeout'],
        [{ timeout: Infinity }, 'timeout'],
        [{ priority: 'urgent' }, 'priority'],
        [{ priority: Infinity }, 'priority'],
        [{ key: '' }, 'key'],
        [{ key: 7 }, 'key'],
        [{ key: 'x'.repeat(513) }, 'key'],
        [{ dedupeKey: '' }, 'dedupeKey'],
        [{ delay: -1 }, 'delay'],
        [{ at: 'noon' }, 'at'],
        [{ at: new Date(Number.NaN) }, 'at'],
        [{ delay: 1, at: 1 }, 'at'],
        [{ causedBy: { type: 't' } }, 'causedBy'],
        [{ timeOut: 1 }, 'timeOut'],
        [{ signal: {} }, 'signal'],
        [{ detached: 'yes' }, 'detached'],
      ];
      for (const [options, option] of wrong) {
        const error = await failureOf(a.send(b, { type: 't' }, options as never));
        expect(error, JSON.stringify(options)).toMatchObject({ code: 'HAPPEN_INVALID_OPTION', details: { option } });
        expect(error.message).toContain(option);
      }
      expect(await codeOf(a.send(b, { type: 't' }, 7 as never))).toBe('HAPPEN_INVALID_OPTION');
    },
  },
};
