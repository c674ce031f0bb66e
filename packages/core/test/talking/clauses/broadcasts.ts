import { expect } from 'vitest';
import type { HappenEvent } from '../../../src/index.js';
import type { Clauses } from '../clause.js';
import { virtualClock } from '../../../../testing/src/clock/virtual-clock.js';
import { codeOf, gate, unhandledRejections, until } from '../observing.js';
import { type TestNode, turn } from '../worlds.js';

export const broadcastClauses: Clauses = {
  'TALK-1': {
    'reaches every node that matches, the sender itself included, once each': async (open) => {
      await using world = await open();
      const nodes = ['a', 'b', 'c', 'd'].map((id) => world.node(id));
      const log: string[] = [];
      for (const node of nodes) {
        if (node.id !== 'c')
          node.on('news.*', (event) => void log.push(`${node.id} ${event.type} from ${event.context.causal.sender}`));
        if (node.id === 'd') node.on('news.local', () => void log.push('d again'));
        node.on('end', () => void log.push(`${node.id} end`));
      }
      await world.listening();
      nodes[0]?.broadcast({ type: 'news.local' });
      nodes[0]?.broadcast({ type: 'other' });
      nodes[0]?.broadcast({ type: 'end' });
      await until('the last broadcast has reached all', () => log.filter((line) => line.endsWith('end')).length === 4);
      expect(log.filter((line) => !line.endsWith('end')).sort()).toEqual([
        'a news.local from a',
        'b news.local from a',
        'd again',
        'd news.local from a',
      ]);
    },

    'needs no payload': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const found = gate<HappenEvent>();
      b.on('system-metrics', (event) => found.open(event as HappenEvent));
      await world.listening();
      a.broadcast({ type: 'system-metrics' });
      expect((await found.passed).payload).toBeUndefined();
    },

    'reaches a handler registered after it in the same turn': async (open) => {
      await using world = await open();
      const a = world.node('a');
      const heard = gate();
      a.broadcast({ type: 'news' });
      a.on('news', () => heard.open());
      await heard.passed;
    },

    'works from within a handler of the same type, without waiting for itself': async (open) => {
      await using world = await open();
      const a = world.node('a', { concurrency: { maxConcurrent: 1 } });
      const b = world.node('b', { concurrency: { maxConcurrent: 1 } });
      const log: number[] = [];
      a.on('news', async ({ payload }, context) => {
        log.push(payload);
        if (payload < 3) await (context.node as TestNode).broadcast({ type: 'news', payload: payload + 1 }).sent();
      });
      b.on('news', () => {});
      await world.listening();
      a.broadcast({ type: 'news', payload: 1 });
      await until('all are heard', () => log.length === 3);
      expect(log).toEqual([1, 2, 3]);
    },

    'wants no answers: results are dropped, and receivers are told so': async (open) => {
      await using world = await open();
      using rejections = unhandledRejections();
      const [a, b] = [world.node('a'), world.node('b')];
      const errors = world.heard('node.error');
      const expected: boolean[] = [];
      for (const node of [a, b]) {
        node.on('news', (_event, context) => {
          expected.push(context.expectsResponse);
          return node.id === 'a' ? () => {} : { not: { serialisable: () => {} } };
        });
      }
      await world.listening();
      await a.broadcast({ type: 'news' }).sent();
      await until('both heard it', () => expected.length === 2);
      expect(expected).toEqual([false, false]);
      expect(errors).toEqual([]);
      expect(rejections.reasons).toEqual([]);
    },

    'gives a receipt that names the event': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const ids: string[] = [];
      for (const node of [a, b]) node.on('news', (event) => void ids.push(event.context.causal.id));
      await world.listening();
      const handle = a.broadcast({ type: 'news' });
      const { id } = await handle.sent();
      expect((await handle.sent()).id).toBe(id);
      await until('both heard it', () => ids.length === 2);
      expect(ids).toEqual([id, id]);
    },

    'tells of a failure at node.error, or to whoever asks for the receipt': async (open) => {
      await using world = await open();
      using rejections = unhandledRejections();
      const a = world.node('a');
      const errors = world.heard('node.error');
      await expect(a.broadcast({ type: 'system.mine' }).sent()).rejects.toMatchObject({ code: 'HAPPEN_RESERVED_TYPE' });
      a.broadcast({ type: 'node.mine' });
      await until('it is told', () => errors.length > 0);
      expect(errors.map(({ payload }) => payload)).toMatchObject([{ nodeId: 'a', code: 'HAPPEN_RESERVED_TYPE' }]);
      expect(rejections.reasons).toEqual([]);
    },

    'goes on to the others when one handler throws': async (open) => {
      await using world = await open();
      const nodes = ['a', 'b', 'c', 'd'].map((id) => world.node(id));
      const heard: string[] = [];
      for (const node of nodes) {
        node.on('news', () => {
          heard.push(node.id);
          throw new Error(`no, says ${node.id}`);
        });
      }
      const errors = world.heard('node.error');
      await world.listening();
      nodes[0]?.broadcast({ type: 'news' });
      await until('all heard it', () => heard.length === 4);
      await until('all failures are told', () => errors.length === 4);
      expect(errors.map(({ payload }) => (payload as { nodeId: string }).nodeId).sort()).toEqual(['a', 'b', 'c', 'd']);
    },

    'keeps the order of one sender': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const heard: number[] = [];
      b.on('{news,more}', ({ payload }) => void heard.push(payload));
      await world.listening();
      for (let n = 0; n < 500; n++) a.broadcast({ type: n % 3 === 0 ? 'news' : 'more', payload: n });
      await until('all are heard', () => heard.length === 500);
      const ofType = (rest: boolean): number[] => heard.filter((n) => (n % 3 === 0) === rest);
      for (const list of [ofType(true), ofType(false)]) expect(list).toEqual([...list].sort((x, y) => x - y));
    },

    'hears no more after the registration has ended': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const heard: string[] = [];
      const end = b.on('news', () => void heard.push('news'));
      b.on('more', () => void heard.push('more'));
      await world.listening();
      await a.broadcast({ type: 'news' }).sent();
      await until('it is heard', () => heard.length === 1);
      end();
      await world.listening();
      a.broadcast({ type: 'news' });
      a.broadcast({ type: 'more' });
      await until('the other is heard', () => heard.includes('more'));
      expect(heard).toEqual(['news', 'more']);
    },

    'are handled one at a time where they have a key, and once where they have a name': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const log: string[] = [];
      let running = 0;
      b.on('news', async ({ payload }) => {
        running++;
        await turn();
        log.push(`${payload}, ${running} at once`);
        running--;
      });
      await world.listening();
      for (const n of [1, 2, 3]) a.broadcast({ type: 'news', payload: n }, { key: 'k', dedupeKey: `n${n % 2}` });
      await until('two are heard', () => log.length === 2);
      a.broadcast({ type: 'news', payload: 'last' }, { key: 'k' });
      await until('the last is heard', () => log.length > 2);
      expect(log).toEqual(['1, 1 at once', '2, 1 at once', 'last, 1 at once']);
    },

    'are no failures where a node does not take them: it had them, does not accept them, or is being closed': async (
      open,
    ) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const home = world.spaceOf(b);
      const nodes = [b, home.createNode('picky', { acceptFrom: ['b'] }), home.createNode('closing')];
      const errors = world.heard('node.error');
      const [begun, goOn] = [gate(), gate()];
      const heard: string[] = [];
      for (const node of nodes) {
        node.on('news', ({ payload }) => void heard.push(`${node.id} ${payload}`));
        node.on('slow', () => {
          begun.open();
          return goOn.passed;
        });
      }
      const watcher = home.createNode('watcher');
      watcher.on('news', ({ payload }) => {
        if (payload === 'last') throw new Error('the sentinel');
      });
      await world.listening();
      a.send('closing', { type: 'slow' });
      await begun.passed;
      const closed = nodes[2]?.close();
      for (const payload of ['first', 'repeated']) a.broadcast({ type: 'news', payload }, { dedupeKey: 'one' });
      a.broadcast({ type: 'news', payload: 'last' });
      await until('the sentinel is told', () => errors.length > 0);
      expect(errors.map(({ payload }) => payload)).toMatchObject([{ nodeId: 'watcher' }]);
      goOn.open();
      await closed;
      expect(heard).toEqual(['b first', 'b last']);
    },

    'can be called off while they are held back': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      const heard: string[] = [];
      for (const node of [a, b]) node.on('news', ({ payload }) => void heard.push(`${node.id} ${payload}`));
      await world.listening();
      const controller = new AbortController();
      const receipt = a
        .broadcast({ type: 'news', payload: 'called off' }, { delay: 1_000, signal: controller.signal })
        .sent();
      const early = a.broadcast({ type: 'news', payload: 'never' }, { signal: AbortSignal.abort() }).sent();
      const rejected = Promise.all([receipt, early].map((promise) => codeOf(promise)));
      await clock.advance(500);
      controller.abort();
      await clock.advance(500);
      expect(await rejected).toEqual(['HAPPEN_CANCELLED', 'HAPPEN_CANCELLED']);
      a.broadcast({ type: 'news', payload: 'sentinel' });
      await until('the sentinel is heard', () => heard.length >= 2);
      expect(heard.sort()).toEqual(['a sentinel', 'b sentinel']);
    },

    'can be delayed': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const heard: string[] = [];
      b.on('news', ({ payload }) => void heard.push(payload));
      await world.listening();
      a.broadcast({ type: 'news', payload: 'later' }, { delay: 20 });
      a.broadcast({ type: 'news', payload: 'now' });
      await until('both are heard', () => heard.length === 2);
      expect(heard).toEqual(['now', 'later']);
    },
  },
};
