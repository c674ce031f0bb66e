import { expect } from 'vitest';
import { virtualClock } from '../../../../testing/src/clock/virtual-clock.js';
import { initializeHappen, type SystemEvent } from '../../../src/index.js';
import type { Clauses } from '../clause.js';
import { codeOf, failureOf, gate, unhandledRejections, until } from '../observing.js';
import { type TestNode, turn } from '../worlds.js';

export const spaceClauses: Clauses = {
  'SPACE-1': {
    'gives members that may be taken out of the space': async (open) => {
      await using world = await open();
      const { createNode, createNodeArray, node, on, off, ready, metrics } = world
        .spaces[0] as (typeof world.spaces)[number];
      await ready();
      const n = createNode('n');
      n.on('t', () => 'ok');
      expect(await n.send(node('n'), { type: 't' })).toBe('ok');
      const heard: SystemEvent[] = [];
      const listener = (event: SystemEvent): void => void heard.push(event);
      on('node.unhandled', listener);
      n.send(n, { type: 'unheard' });
      await until('it is heard', () => heard.length === 1);
      off(listener);
      const end = on('node.unhandled', () => heard.push('sentinel' as never));
      n.send(n, { type: 'unheard' });
      await until('the sentinel hears it', () => heard.length === 2);
      expect(heard[1]).toBe('sentinel');
      end();
      expect(metrics().talk.sent).toBe(3);
      expect(createNodeArray([n]).nodes).toEqual([n]);
    },

    'refuses an id that is taken, until its node has been closed': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const home = world.spaceOf(a);
      expect(() => home.createNode('a')).toThrowError(
        expect.objectContaining({ code: 'HAPPEN_DUPLICATE_NODE', details: { node: 'a' } }),
      );
      await a.close();
      const again = home.createNode('a');
      again.on('t', () => 'the second');
      expect(
        await world
          .node('b')
          .send('a', { type: 't' })
          .return()
          .catch((error: { code: string }) => error.code),
      ).toBe('the second');
    },

    'refuses ids that are none': async (open) => {
      await using world = await open();
      const [space] = world.spaces;
      for (const id of ['', 7, undefined, 'x'.repeat(513)]) {
        expect(() => space?.createNode(id as string)).toThrowError(
          expect.objectContaining({ code: 'HAPPEN_INVALID_NODE_ID' }),
        );
        expect(() => space?.node(id as string)).toThrowError(
          expect.objectContaining({ code: 'HAPPEN_INVALID_NODE_ID' }),
        );
      }
    },

    'lets running flows finish before it is closed, answers and sends included': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const begun = gate();
      const goOn = gate();
      const heard: string[] = [];
      b.on('t', async (_event, context) => {
        begun.open();
        await goOn.passed;
        const node = context.node as TestNode;
        const asked = await node.send(a, { type: 'question' });
        node.send(c, { type: 'last words' });
        return asked;
      });
      a.on('question', () => 'answer');
      c.on('last words', () => void heard.push('last words'));
      const fate = a.send(b, { type: 't' }).return();
      await begun.passed;
      let closed = false;
      const closing = world
        .spaceOf(b)
        .close()
        .then((result) => {
          closed = true;
          return result;
        });
      await turn();
      expect(closed).toBe(false);
      goOn.open();
      expect(await closing).toEqual({ unfinished: [] });
      if (world.crosses) expect(await fate).toBe('answer');
      await until('the last words are heard', () => heard.length === 1);
    },

    'dispatches what was sent just before the closing': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const heard: string[] = [];
      b.on('t', ({ payload }) => void heard.push(payload));
      const asked = a
        .send(b, { type: 't', payload: 'asked' })
        .return()
        .then(
          () => 'answered',
          (error: { code: string }) => error.code,
        );
      a.send(b, { type: 't', payload: 'not asked' });
      expect(await world.spaceOf(a).close()).toEqual({ unfinished: [] });
      await until('both are heard', () => heard.length === 2);
      expect(heard).toEqual(['asked', 'not asked']);
      expect(await asked).toMatch(world.crosses ? /^(answered|HAPPEN_CLOSED)$/ : /^answered$/);
    },

    'takes nothing in from outside of its flows any more': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const begun = gate();
      const goOn = gate();
      b.on('slow', () => {
        begun.open();
        return goOn.passed;
      });
      b.on('t', () => 'taken');
      const running = a.send(b, { type: 'slow' }).return();
      await begun.passed;
      const closing = world.spaceOf(b).close();
      expect(await codeOf(a.send(b, { type: 't' }))).toBe('HAPPEN_CLOSED');
      expect(await codeOf(b.send(b, { type: 't' }))).toBe('HAPPEN_CLOSED');
      expect(await codeOf(b.process({ type: 't' }))).toBe('HAPPEN_CLOSED');
      expect(() => b.processSync({ type: 't' })).toThrowError(expect.objectContaining({ code: 'HAPPEN_CLOSED' }));
      await expect(b.broadcast({ type: 't' }).sent()).rejects.toMatchObject({ code: 'HAPPEN_CLOSED' });
      expect(() => world.spaceOf(b).createNode('late')).toThrowError(
        expect.objectContaining({ code: 'HAPPEN_CLOSED' }),
      );
      goOn.open();
      await running;
      expect(await closing).toEqual({ unfinished: [] });
    },

    'at the timeout aborts the flows that have not finished, tells which they are, and tells their askers': async (
      open,
    ) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      using rejections = unhandledRejections();
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 1 } });
      const begun = gate<string>();
      const aborted = gate<unknown>();
      const ran: string[] = [];
      b.on('endless', (event, context) => {
        context.signal.addEventListener('abort', () => aborted.open(context.signal.reason));
        begun.open(event.context.causal.id);
        return new Promise(() => {});
      });
      b.on('waiting', () => void ran.push('waiting'));
      const endless = failureOf(a.send(b, { type: 'endless' }, { timeout: '1h' }));
      const eventId = await begun.passed;
      const waiting = failureOf(a.send(b, { type: 'waiting' }, { timeout: '1h' }));
      await until('it waits', () => world.spaceOf(b).metrics().queues['b']?.waiting === 1);
      let closed = false;
      const closing = world
        .spaceOf(b)
        .close({ timeout: 2_000 })
        .then((result) => {
          closed = true;
          return result;
        });
      await clock.advance(1_999);
      expect(closed).toBe(false);
      await clock.advance(1);
      const { unfinished } = await closing;
      expect(unfinished).toMatchObject([
        { nodeId: 'b', type: 'endless', eventId },
        { nodeId: 'b', type: 'waiting' },
      ]);
      expect(await aborted.passed).toMatchObject({ code: 'HAPPEN_CLOSED' });
      expect(await waiting).toMatchObject({ code: 'HAPPEN_CLOSED' });
      expect(await endless).toMatchObject({ code: 'HAPPEN_CLOSED' });
      expect(ran).toEqual([]);
      expect(rejections.reasons).toEqual([]);
    },

    'waits ten seconds unless told otherwise': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const a = world.node('a');
      const begun = gate();
      a.on('endless', () => {
        begun.open();
        return new Promise(() => {});
      });
      a.send(a, { type: 'endless' });
      await begun.passed;
      let closed = false;
      const closing = world
        .spaceOf(a)
        .close()
        .then(() => (closed = true));
      await clock.advance(9_999);
      expect(closed).toBe(false);
      await clock.advance(1);
      await closing;
    },

    'calls off what is still held back': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      const errors = world.heard('node.error');
      b.on('t', () => 'never');
      const asked = failureOf(a.send(b, { type: 't' }, { delay: 60_000 }));
      a.send(b, { type: 't' }, { delay: 60_000 });
      await turn();
      expect(await world.spaceOf(a).close()).toEqual({ unfinished: [] });
      expect(await asked).toMatchObject({ code: 'HAPPEN_CLOSED' });
      await until('the other is told', () => errors.length > 0);
      expect(errors[0]?.payload).toMatchObject({ code: 'HAPPEN_CLOSED', nodeId: 'a' });
    },

    'leaves no timer behind': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('endless', () => new Promise(() => {}));
      b.on('t', () => 1);
      await a.send(b, { type: 't' }, { timeout: '1h' });
      const endless = failureOf(a.send(b, { type: 'endless' }, { timeout: '1h' }));
      a.send(b, { type: 't' }, { delay: '1h' });
      await turn();
      const closed = Promise.all(world.spaces.map(({ close }) => close({ timeout: 100 })));
      await clock.advance(100);
      await closed;
      await endless;
      expect(clock.pending()).toEqual([]);
    },

    'can be closed twice, and refuses everything afterwards': async (open) => {
      await using world = await open();
      using rejections = unhandledRejections();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', () => 1);
      const home = world.spaceOf(a);
      const first = home.close();
      expect(await home.close()).toBe(await first);
      await home[Symbol.asyncDispose]();
      expect(await codeOf(a.send(b, { type: 't' }))).toBe('HAPPEN_CLOSED');
      expect(await codeOf(a.send(a, { type: 't' }))).toBe('HAPPEN_CLOSED');
      a.send(b, { type: 't' });
      a.broadcast({ type: 't' });
      expect(() => home.createNode('late')).toThrowError(expect.objectContaining({ code: 'HAPPEN_CLOSED' }));
      await a.close();
      await turn();
      expect(rejections.reasons).toEqual([]);
    },

    'is gone for the others once it is closed': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', () => 1);
      expect(await a.send(b, { type: 't' })).toBe(1);
      await world.spaceOf(b).close();
      expect(await codeOf(a.send(b, { type: 't' }))).toBe(world.crosses ? 'HAPPEN_NO_SUCH_NODE' : 'HAPPEN_CLOSED');
    },

    'can be disposed of by await using, node by node as well': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const ended: string[] = [];
      {
        await using guest = world.spaceOf(b).createNode('guest');
        let begun = false;
        let end = (): void => {};
        const over = new Promise<void>((resolve) => (end = resolve));
        guest.on('t', async () => {
          begun = true;
          await over;
          ended.push('flow');
        });
        a.send(guest, { type: 't' });
        await until('it runs', () => begun);
        // It runs until well after the disposal has begun.
        setTimeout(end, 20);
      }
      ended.push('disposed');
      expect(ended).toEqual(['flow', 'disposed']);
      expect(await codeOf(a.send('guest', { type: 't' }))).toBe('HAPPEN_NO_SUCH_NODE');
    },

    'closes a node alone, twice if need be, and goes on with the others': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const heard: string[] = [];
      for (const node of [b, c]) node.on('news', () => void heard.push(node.id));
      c.on('t', () => 'ok');
      await world.listening();
      await Promise.all([b.close(), b.close()]);
      await b.close();
      a.broadcast({ type: 'news' });
      await until('the other hears it', () => heard.includes('c'));
      expect(await a.send(c, { type: 't' })).toBe('ok');
      expect(heard).toEqual(['c']);
      expect(await codeOf(a.send(b, { type: 't' }))).toBe('HAPPEN_NO_SUCH_NODE');
    },

    'closes a node from within its own handler': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('leave', (_event, context) => {
        void (context.node as TestNode).close();
        return 'left';
      });
      expect(await a.send(b, { type: 'leave' })).toBe('left');
      await until('it is gone', () => world.spaceOf(b).metrics().queues['b'] === undefined);
    },

    'lets handlers wait for the closing of their own node: for all other flows, and not for each other': async (
      open,
    ) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 4 } });
      const log: string[] = [];
      const [all, other, streaming] = [gate(), gate(), gate()];
      const leave = async (context: { readonly node: unknown }): Promise<void> => {
        await all.passed;
        await (context.node as TestNode).close();
      };
      b.on('other', async () => {
        await other.passed;
        return 'done';
      });
      b.on('leave', async ({ payload }, context) => {
        await leave(context);
        log.push(`${payload} goes on`);
        return `${payload} left`;
      });
      b.on('one by one', (_event, context) => leave(context), { batch: false });
      b.on('stream', async function* (_event, context) {
        streaming.open();
        await leave(context);
        log.push('stream goes on');
        yield 1;
      });
      const busy = a.send(b, { type: 'other' }).return();
      const stream = a.send(b, { type: 'stream' }).return();
      const leaving = ['first', 'second'].map((payload) => a.send(b, { type: 'leave', payload }).return());
      const batch = a.send(b, [{ type: 'one by one' }]).return();
      await streaming.passed;
      await until('they run', () => world.spaceOf(b).metrics().queues['b']?.running === 4);
      all.open();
      await turn();
      const closed = b.close().then(() => log.push('closed'));
      await turn();
      expect(log).toEqual([]);
      other.open();
      expect(await busy).toBe('done');
      await until('all of them go on', () => log.filter((line) => line.endsWith('goes on')).length === 3);
      expect(await Promise.all(leaving)).toEqual(['first left', 'second left']);
      expect(await batch).toBeUndefined();
      expect(await stream).toBeUndefined();
      await closed;
      expect(log.toSorted()).toEqual(['closed', 'first goes on', 'second goes on', 'stream goes on']);
      expect(log.at(-1)).toBe('closed');
      expect(world.spaceOf(b).metrics().queues['b']).toBeUndefined();
    },

    'lets a handler wait for the closing of its own node while others wait for their turn behind it': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const a = world.node('a');
      const b = world.node('b', { concurrency: { maxConcurrent: 1 } });
      const [started, waiting] = [gate(), gate()];
      let goesOn = false;
      b.on('leave', async (_event, context) => {
        started.open();
        await waiting.passed;
        await (context.node as TestNode).close();
        goesOn = true;
        return 'left';
      });
      b.on('t', () => 'handled');
      const left = a.send(b, { type: 'leave' }).return();
      await started.passed;
      const behind = a.send(b, { type: 't' }).return();
      await until('it waits', () => world.spaceOf(b).metrics().queues['b']?.waiting === 1);
      waiting.open();
      await until('it goes on', () => goesOn);
      expect(await left).toBe('left');
      expect(await behind).toBe('handled');
      await until('it is gone', () => world.spaceOf(b).metrics().queues['b'] === undefined);
    },
  },

  'SPACE-4': {
    'shares nothing with another space of the process': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      await using other = initializeHappen();
      const heard: string[] = [];
      for (const id of ['a', 'b', 'elsewhere']) other.createNode(id).on('**', () => void heard.push(id));
      other.on('node.*', (event) => void heard.push(event.type));
      b.on('t', () => 'the right one');
      expect(await a.send('b', { type: 't' })).toBe('the right one');
      expect(await codeOf(a.send('elsewhere', { type: 't' }))).toBe('HAPPEN_NO_SUCH_NODE');
      await a.broadcast({ type: 'news' }).sent();
      await a.send(b, { type: 'unheard' }).sent();
      await turn();
      expect(heard).toEqual([]);
      expect(other.metrics().talk).toEqual({ sent: 0, broadcast: 0, requests: 0, failedRequests: 0 });
    },
  },

  'SPACE-5': {
    'tells its own events to happen.on, by type or by pattern': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const [exact, one, any, other] = ['node.unhandled', 'node.*', 'node.**', 'system.*'].map((pattern) =>
        world.heard(pattern),
      ) as [SystemEvent[], SystemEvent[], SystemEvent[], SystemEvent[]];
      a.send(b, { type: 'unheard' });
      await until('all have heard it', () => exact.length + one.length + any.length === 3);
      expect([exact.length, one.length, any.length, other.length]).toEqual([1, 1, 1, 0]);
      const [event] = exact as [SystemEvent];
      expect(event.type).toBe('node.unhandled');
      expect(event.context.causal.id).toMatch(/^[0-9a-f-]{36}$/);
      expect(event.context.origin).toBeDefined();
      expect(Object.isFrozen(event)).toBe(true);
    },

    'tells its own events to nodes by a string pattern that begins so, never otherwise': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const watcher = world.spaceOf(b).createNode('watcher');
      const heard: string[] = [];
      for (const pattern of [
        'node.error',
        'node.*',
        'node.**',
        '*',
        '**',
        '*.error',
        '**.error',
        '{node,system}.error',
        '{node.error,x}',
      ]) {
        watcher.on(pattern, () => void heard.push(pattern));
      }
      watcher.on(
        (type) => type.endsWith('.error'),
        () => void heard.push('function'),
      );
      watcher.on(
        () => true,
        () => void heard.push('any function'),
      );
      b.on('t', () => {
        throw new Error('no');
      });
      await codeOf(a.send(b, { type: 't' }));
      await until('it is heard', () => heard.length >= 3);
      await a.send(watcher, { type: 'stock.error' });
      const own = heard.slice(0, heard.indexOf('**'));
      expect(own).toEqual(['node.error', 'node.*', 'node.**']);
      expect(heard.slice(own.length)).toEqual(['**', '*.error', '**.error', 'function', 'any function']);
    },

    'keeps its own events within the space they tell of': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const heard: string[] = [];
      for (const node of [a, b]) node.on('node.unhandled', () => void heard.push(node.id));
      await world.listening();
      b.send(b, { type: 'unheard' });
      await until('it is heard', () => heard.includes('b'));
      a.on('last', () => {});
      await b.send(a, { type: 'last' });
      expect(heard.sort()).toEqual(world.crosses ? ['b'] : ['a', 'b']);
    },

    'refuses to send what belongs to the framework': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('node.error', () => 'forged');
      b.on('**', () => 'taken');
      for (const type of ['node.error', 'node.down', 'node.anything', 'system.connection-status', 'system.', 'node.']) {
        const error = await failureOf(a.send(b, { type }));
        expect(error).toMatchObject({ code: 'HAPPEN_RESERVED_TYPE', details: { type } });
        await expect(a.broadcast({ type }).sent()).rejects.toMatchObject({ code: 'HAPPEN_RESERVED_TYPE' });
        expect(await codeOf(a.process({ type }))).toBe('HAPPEN_RESERVED_TYPE');
        expect(() => a.processSync({ type })).toThrowError(expect.objectContaining({ code: 'HAPPEN_RESERVED_TYPE' }));
      }
      for (const type of ['node', 'system', 'system-metrics', 'node-failure', 'nodes.all', 'systems.x'])
        expect(await a.send(b, { type })).toBe('taken');
    },

    'refuses to listen to anything else than its own events at happen.on': async (open) => {
      await using world = await open();
      for (const pattern of [
        'order.placed',
        '*',
        '**',
        '*.error',
        'node',
        (type: string) => type.startsWith('node.'),
      ]) {
        for (const space of world.spaces) {
          expect(() => space.on(pattern as string, () => {})).toThrowError(
            expect.objectContaining({ code: 'HAPPEN_INVALID_PATTERN' }),
          );
        }
      }
      expect(() => world.spaces[0]?.on('node.error', 'no function' as never)).toThrowError(
        expect.objectContaining({ code: 'HAPPEN_INVALID_OPTION' }),
      );
    },

    'tells in order, in a later turn, and never inside what it tells of': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const log: string[] = [];
      const told = world.heard('node.error');
      for (const space of world.spaces)
        space.on('node.error', ({ payload }) => void log.push((payload as { message: string }).message.slice(-1)));
      b.on('t', ({ payload }) => {
        const before = log.length;
        queueMicrotask(() => {});
        if (log.length !== before) log.push('inside');
        throw new Error(`number ${payload}`);
      });
      for (const n of [1, 2, 3]) a.send(b, { type: 't', payload: n });
      await until('all are told', () => told.length === 3);
      expect(log).toEqual(['1', '2', '3']);
    },
  },

  'SPACE-6': {
    'names a node that may live anywhere, before it is there as well': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const reference = world.spaceOf(a).node('b');
      expect(reference.id).toBe('b');
      expect(await codeOf(a.send(reference, { type: 't' }))).toBe('HAPPEN_NO_SUCH_NODE');
      world.node('b').on('t', () => 'here');
      await world.listening();
      expect(await a.send(reference, { type: 't' })).toBe('here');
      world.node('c').on('t', () => 'there');
      expect({ ...(await a.send([reference, 'c'], { type: 't' })) }).toEqual({ b: 'here', c: 'there' });
    },

    'stands for a node inside a handler as well': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      c.on('t', (event, context) => [context.sender, event.context.causal.depth]);
      b.on('go', (_event, context) => (context.node as TestNode).send(world.spaceOf(b).node('c'), { type: 't' }));
      expect(await a.send(b, { type: 'go' })).toEqual(['b', 1]);
    },
  },

  'SPACE-7': {
    'lets a user hang anything on a node': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const cache = new Map([['k', 1]]);
      const extended = Object.assign(a, { cache, server: undefined as { port: number } | undefined });
      extended.server = { port: 80 };
      expect(extended).toBe(a);
      expect([extended.cache, extended.server]).toEqual([cache, { port: 80 }]);
      extended.on('t', (_event, context) => {
        const node = context.node as typeof extended;
        return [node.cache === cache, node.server?.port];
      });
      expect(await extended.send({ type: 't' })).toEqual([true, 80]);
    },
  },
};
