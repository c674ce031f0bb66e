import { expect } from 'vitest';
import { HappenError, type HappenEvent, isHappenError } from '../../../src/index.js';
import type { Clauses } from '../clause.js';
import { codeOf, failureOf, gate, unhandledRejections, until, upTo } from '../observing.js';
import { type TestNode, turn } from '../worlds.js';

type Told = { nodeId: string; code: string; message: string; error: HappenError; type?: string; eventId?: string };

export const errorClauses: Clauses = {
  'ERR-1': {
    'tells of every error a handler throws at node.error, in the space of the handler': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const told = world.heard('node.error');
      const thrown = new RangeError('no stock');
      let eventId: string | undefined;
      b.on('t', async (event) => {
        eventId = event.context.causal.id;
        throw thrown;
      });
      await failureOf(a.send(b, { type: 't' }));
      await until('it is told', () => told.length > 0);
      expect(told).toHaveLength(1);
      expect(told[0]?.type).toBe('node.error');
      const payload = told[0]?.payload as Told;
      expect(payload).toMatchObject({ nodeId: 'b', code: 'HAPPEN_HANDLER_FAILED', type: 't', eventId });
      expect(payload.message).toContain('no stock');
      expect(payload.error.cause).toBe(thrown);
    },

    'never takes down another event or the process': async (open) => {
      await using world = await open();
      using rejections = unhandledRejections();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', async ({ payload }) => {
        if (payload % 3 === 0) throw new Error('sync');
        await turn();
        if (payload % 3 === 1) throw new Error('async');
        return payload;
      });
      const fates = await Promise.all(
        upTo(90).map((n) =>
          a
            .send(b, { type: 't', payload: n })
            .return()
            .catch((error: { code: string }) => error.code),
        ),
      );
      expect(fates).toEqual(upTo(90).map((n) => (n % 3 === 2 ? n : 'HAPPEN_HANDLER_FAILED')));
      for (const n of [0, 1]) a.send(b, { type: 't', payload: n });
      expect(await a.send(b, { type: 't', payload: 2 })).toBe(2);
      await turn();
      expect(rejections.reasons).toEqual([]);
      expect(world.spaceOf(b).metrics().queues['b']).toEqual({ running: 0, waiting: 0 });
      expect(world.spaceOf(b).metrics().nodes.handlerFailures).toBe(62);
    },

    'tells of an event nobody handled at node.unhandled, and is silent otherwise': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const told = world.heard('node.unhandled');
      const errors = world.heard('node.error');
      const { id } = await a.send(b, { type: 'unheard' }).sent();
      await until('it is told', () => told.length > 0);
      expect(told.map(({ payload }) => payload)).toEqual([{ nodeId: 'b', type: 'unheard', eventId: id, sender: 'a' }]);
      expect(errors).toEqual([]);
    },

    'tells as well of what is handled in place and has no handler': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const told = world.heard('node.unhandled');
      expect(await codeOf(a.process({ type: 'unheard' }))).toBe('HAPPEN_NO_HANDLER');
      expect(() => a.processSync({ type: 'unheard of' })).toThrowError(
        expect.objectContaining({ code: 'HAPPEN_NO_HANDLER' }),
      );
      await until('both are told', () => told.length === 2);
      expect(told.map(({ payload }) => payload)).toMatchObject([
        { nodeId: 'a', type: 'unheard', sender: 'a' },
        { nodeId: 'a', type: 'unheard of', sender: 'a' },
      ]);
      expect(world.spaceOf(a).metrics().nodes.unhandled).toBe(2);
    },

    'tells of a broadcast that no node of the space handles, where no other space could': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const told = world.heard('node.unhandled');
      a.on('news', () => {});
      await world.listening();
      await a.broadcast({ type: 'news' }).sent();
      const { id } = await a.broadcast({ type: 'unheard' }).sent();
      a.send(a, { type: 'sentinel' });
      await until('the last is told', () =>
        told.some(({ payload }) => (payload as { nodeId?: string }).nodeId === 'a'),
      );
      const [sentinel, ...others] = told.map(({ payload }) => payload).reverse();
      expect(sentinel).toMatchObject({ nodeId: 'a', type: 'sentinel' });
      expect(others).toEqual(world.crosses ? [] : [{ nodeId: undefined, type: 'unheard', eventId: id, sender: 'a' }]);
    },

    'logs an error in a handler of a system event instead of telling of it': async (open) => {
      const logged: object[] = [];
      const logger = { debug() {}, info() {}, warn() {}, error: (details: object) => void logged.push(details) };
      await using world = await open({ config: { logger } });
      using rejections = unhandledRejections();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', () => {
        throw new Error('the first');
      });
      let listened = 0;
      for (const space of world.spaces) {
        space.on('node.error', () => {
          listened++;
          throw new Error('in happen.on');
        });
        space.on('node.*', async () => {
          throw new Error('in happen.on, later');
        });
      }
      const watcher = world.spaceOf(b).createNode('watcher');
      watcher.on('node.error', () => {
        listened++;
        throw new Error('in node.on');
      });
      await codeOf(a.send(b, { type: 't' }));
      await until('all is logged', () => logged.length >= 3);
      b.on('last', () => 'ok');
      expect(await a.send(b, { type: 'last' })).toBe('ok');
      expect(listened).toBe(2);
      expect(logged).toHaveLength(3);
      expect(rejections.reasons).toEqual([]);
    },
  },

  'ERR-2': {
    'rebuilds an error with class, code, message, details and the whole chain of causes': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      c.on('inner', () => {
        throw Object.assign(new TypeError('deep down', { cause: new RangeError('deeper') }), {
          code: 'E_DEEP',
          details: { list: [1, new Date(7)] },
        });
      });
      b.on('outer', (_event, context) => (context.node as TestNode).send(c, { type: 'inner' }));
      const error = await failureOf(a.send(b, { type: 'outer' }));
      expect(error).toBeInstanceOf(HappenError);
      expect(error).toMatchObject({
        name: 'HappenError',
        code: 'HAPPEN_HANDLER_FAILED',
        transient: false,
        details: { node: 'b', type: 'outer', name: 'HappenError' },
      });
      const inner = error.cause as HappenError;
      expect(isHappenError(inner, 'HAPPEN_HANDLER_FAILED')).toBe(true);
      expect(inner).toMatchObject({ details: { node: 'c', type: 'inner', name: 'TypeError', message: 'deep down' } });
      const thrown = inner.cause as Error;
      expect(thrown).toMatchObject({
        name: 'TypeError',
        message: 'deep down',
        code: 'E_DEEP',
        details: { list: [1, new Date(7)] },
      });
      expect(thrown.cause).toMatchObject({ name: 'RangeError', message: 'deeper' });
      expect(error.stack).toContain('HappenError');
    },

    'gives errors of the framework the same text and details wherever the target lives': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const far = world.node('far', { acceptFrom: ['a'], concurrency: { maxConcurrent: 1, queueLimit: 1 } });
      const near = world
        .spaceOf(a)
        .createNode('near', { acceptFrom: ['a'], concurrency: { maxConcurrent: 1, queueLimit: 1 } });
      const busy = gate();
      const found: unknown[][] = [];
      for (const node of [far, near]) {
        node.on('busy', () => busy.passed);
        node.on('fails', () => {
          throw new Error('no');
        });
        const errors = [
          await failureOf(a.send(node, { type: 'missing' })),
          await failureOf(a.send(node, { type: 'fails', context: { causal: { correlationId: 'c' } } })),
        ];
        const asked = upTo(3).map(() => a.send(node, { type: 'busy' }).return());
        errors.push(await failureOf(asked[2] as Promise<unknown>));
        found.push(
          errors.map(({ code, message, details }) => [
            code,
            message.replaceAll(node.id, '?'),
            { ...details, node: '?', eventId: '' },
          ]),
        );
      }
      busy.open();
      expect(found[0]).toEqual(found[1]);
    },

    'can be told apart by a copy of the package': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const error = await failureOf(a.send('nobody', { type: 't' }));
      expect(isHappenError(error)).toBe(true);
      expect(isHappenError(error, 'HAPPEN_TIMEOUT')).toBe(false);
      expect(isHappenError(new Error('x'))).toBe(false);
    },
  },

  'ID-2': {
    'takes events from the node ids it names, and from ids that match its patterns': async (open) => {
      await using world = await open();
      const b = world.node('b', { acceptFrom: ['checkout', 'api-*', '*-admin'] });
      b.on('t', () => 'taken');
      for (const [id, taken] of [
        ['checkout', true],
        ['api-7', true],
        ['api-', true],
        ['eu-admin', true],
        ['checkouts', false],
        ['my-api-7', false],
        ['other', false],
      ] as const) {
        const fate = await world
          .node(id)
          .send(b, { type: 't' })
          .return()
          .catch((error: { code: string }) => error.code);
        expect(fate, id).toBe(taken ? 'taken' : 'HAPPEN_NOT_ACCEPTED');
      }
    },

    'takes events by their claimed source where an entry has a scheme, and only there': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.node('b', { acceptFrom: ['checkout', 'tenant:acme:*', 'user:7'] });
      b.on('t', () => 'taken');
      const from = (sourceId: unknown) =>
        a
          .send(b, { type: 't', context: { origin: { sourceId } } })
          .return()
          .catch((error: { code: string }) => error.code);
      expect(await from('tenant:acme:job-1')).toBe('taken');
      expect(await from('user:7')).toBe('taken');
      expect(await from('tenant:other:job-1')).toBe('HAPPEN_NOT_ACCEPTED');
      expect(await from('user:70')).toBe('HAPPEN_NOT_ACCEPTED');
      expect(await from('checkout')).toBe('HAPPEN_NOT_ACCEPTED');
      expect(await from(undefined)).toBe('HAPPEN_NOT_ACCEPTED');
      expect(await from(['user:7'])).toBe('HAPPEN_NOT_ACCEPTED');
    },

    'looks at the sender of each event, not at the root of its chain': async (open) => {
      await using world = await open();
      const [checkout, relay] = [world.node('checkout'), world.node('relay')];
      const b = world.node('b', { acceptFrom: ['checkout'] });
      b.on('t', () => 'taken');
      relay.on('t', (event, context) => (context.node as TestNode).send(b, event as HappenEvent));
      expect(await checkout.send(b, { type: 't' })).toBe('taken');
      const error = await failureOf(checkout.send(relay, { type: 't' }));
      expect(error.cause).toMatchObject({ code: 'HAPPEN_NOT_ACCEPTED', details: { sender: 'relay' } });
    },

    'runs no handler for what is refused, and counts it': async (open) => {
      await using world = await open();
      const [a, checkout] = [world.node('a'), world.node('checkout')];
      const b = world.node('b', { acceptFrom: ['checkout'] });
      const heard: string[] = [];
      b.on('**', (event) => void heard.push(`${event.type} from ${event.context.causal.sender}`));
      await world.listening();
      a.send(b, { type: 'one' });
      a.broadcast({ type: 'two' });
      await codeOf(a.send(b, { type: 'three' }));
      await checkout.broadcast({ type: 'four' }).sent();
      await checkout.send(b, { type: 'last' });
      await until('the broadcast is heard', () => heard.length === 2);
      expect(heard.sort()).toEqual(['four from checkout', 'last from checkout']);
      expect(world.spaceOf(b).metrics().nodes.notAccepted).toBe(3);
    },

    'is not asked about the framework\u2019s own events': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const b = world.spaceOf(a).createNode('b', { acceptFrom: ['checkout'] });
      const heard = gate();
      b.on('node.unhandled', () => heard.open());
      a.send(a, { type: 'unheard' });
      await heard.passed;
    },

    'refuses a node id that could pass for a source': async (open) => {
      await using world = await open();
      for (const id of ['tenant:acme', ':', 'a:']) {
        expect(() => world.node(id)).toThrowError(expect.objectContaining({ code: 'HAPPEN_INVALID_NODE_ID' }));
      }
    },

    'refuses a list that is none': async (open) => {
      await using world = await open();
      for (const acceptFrom of ['checkout', [7], [''], {}]) {
        expect(() => world.node('b', { acceptFrom: acceptFrom as never })).toThrowError(
          expect.objectContaining({ code: 'HAPPEN_INVALID_CONFIG', message: expect.stringContaining('acceptFrom') }),
        );
      }
    },
  },
};
