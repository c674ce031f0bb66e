import { expect } from 'vitest';
import type { Clauses } from '../clause.js';
import { gate } from '../observing.js';
import type { TestNode } from '../worlds.js';

/** Changes that an immutable event has to withstand, each as an attempt. */
const attempts: readonly ((event: any) => void)[] = [
  (event) => (event.type = 'other'),
  (event) => (event.payload = 1),
  (event) => (event.payload.n = 2),
  (event) => event.payload.list.push(4),
  (event) => (event.payload.deep.er.n = 2),
  (event) => (event.context.user.id = 'u2'),
  (event) => (event.context.causal.sender = 'other'),
  (event) => event.context.causal.path.push(['x', 'y']),
  (event) => (event.context.origin.nodeId = 'other'),
  (event) => (event.context.more = 1),
];

export const isolationClauses: Clauses = {
  'EVENT-6': {
    'can\u2019t be changed by a handler where it is frozen': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const handler = (event: unknown): number =>
        attempts.filter((attempt) => {
          try {
            attempt(event);
            return false;
          } catch (error) {
            return error instanceof TypeError;
          }
        }).length;
      const withstood = world.isolation === 'freeze' ? attempts.length : 0;
      for (const node of [b, c]) {
        node.on('t', handler);
        const payload = { n: 1, list: [1, 2, 3], deep: { er: { n: 1 } } };
        const found: number = await a.send(node, { type: 't', payload, context: { user: { id: 'u1' } } });
        if (world.isolation === 'freeze') expect(found).toBe(withstood);
        else expect(found).toBeLessThan(attempts.length);
      }
    },

    'freezes the sender\u2019s own payload in place, but nothing around it': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', () => 'ok');
      const event = { type: 't', payload: { list: [{ n: 1 }] }, context: { user: { id: 'u1' } } };
      await a.send(b, event);
      const frozen = world.isolation === 'freeze';
      expect(Object.isFrozen(event.payload)).toBe(frozen);
      expect(Object.isFrozen(event.payload.list)).toBe(frozen);
      expect(Object.isFrozen(event.payload.list[0])).toBe(frozen);
      expect(Object.isFrozen(event)).toBe(false);
      expect(Object.isFrozen(event.context.user)).toBe(false);
    },

    'gives each receiver its own of what can\u2019t be frozen': async (open) => {
      await using world = await open();
      const [a, b, c, d] = [world.node('a'), world.node('b'), world.node('c'), world.node('d')];
      const changed: unknown[] = [];
      const done = gate();
      for (const node of [a, b, c, d]) {
        node.on('news', ({ payload }) => {
          changed.push([
            payload.when.getTime(),
            [...payload.map],
            [...payload.set],
            [...payload.bytes],
            [...payload.deep[0].floats],
          ]);
          payload.when.setTime(99);
          payload.map.set('key', 99);
          payload.set.add(99);
          payload.bytes[0] = 99;
          payload.deep[0].floats[0] = 99;
          if (changed.length === 4) done.open();
        });
      }
      await world.listening();
      const payload = {
        when: new Date(1),
        map: new Map([['key', 1]]),
        set: new Set([1]),
        bytes: new Uint8Array([1, 2]),
        deep: [{ floats: new Float64Array([1]) }],
      };
      a.broadcast({ type: 'news', payload });
      await done.passed;
      const fresh = [1, [['key', 1]], [1], [1, 2], [1]];
      if (world.isolation !== 'trust') {
        expect(changed).toEqual([fresh, fresh, fresh, fresh]);
        expect(payload.when.getTime()).toBe(1);
        expect([...payload.bytes]).toEqual([1, 2]);
      } else {
        expect(changed[0]).toEqual(fresh);
      }
    },

    'gives each receiver a copy of its own where everything is copied': async (open) => {
      await using world = await open();
      const [a, b, c, d] = [world.node('a'), world.node('b'), world.node('c'), world.node('d')];
      const found: unknown[] = [];
      const done = gate();
      for (const node of [b, c, d]) {
        node.on('news', ({ payload }) => {
          found.push(structuredClone(payload));
          if (world.isolation === 'copy') payload.list.push(99);
          if (found.length === 3) done.open();
        });
      }
      await world.listening();
      const payload = { list: [1] };
      a.broadcast({ type: 'news', payload });
      await done.passed;
      expect(found).toEqual([{ list: [1] }, { list: [1] }, { list: [1] }]);
      expect(payload).toEqual({ list: [1] });
    },

    'does not see what the sender changes after the call': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', ({ payload }) => [payload.when.getTime(), [...payload.map.keys()], payload.bytes[0]]);
      const payload = { when: new Date(1), map: new Map([['one', 1]]), bytes: new Uint8Array([1]) };
      const asked = a.send(b, { type: 't', payload }).return();
      payload.when.setTime(2);
      payload.map.set('two', 2);
      payload.bytes[0] = 2;
      const shared = world.isolation === 'trust' && !world.crosses;
      expect(await asked).toEqual(shared ? [2, ['one', 'two'], 2] : [1, ['one'], 1]);
    },

    'makes the result the asker\u2019s own': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const state = { list: [1], when: new Date(1) };
      b.on('t', () => state);
      const result = await a.send(b, { type: 't' });
      expect(result).toEqual(state);
      const own = world.crosses || world.isolation !== 'trust';
      expect(result !== state && result.list !== state.list && result.when !== state.when).toBe(own);
      result.list.push(2);
      result.more = true;
      expect(state.list).toEqual(own ? [1] : [1, 2]);
    },

    'lets parts of a received event be sent on, frozen as they are': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      c.on('second', ({ payload }) => payload);
      b.on('first', ({ payload }, context) =>
        (context.node as TestNode).send(c, {
          type: 'second',
          payload: { ...payload, all: payload, data: payload.data, missing: payload.missing, bytes: payload.bytes },
        }),
      );
      const sent = { id: 1, data: { list: [1, { n: 2 }] }, bytes: new Uint8Array([7]), when: new Date(3) };
      const found = await a.send(b, { type: 'first', payload: sent });
      expect(found).toEqual({ ...sent, all: sent, data: sent.data, bytes: sent.bytes });
    },

    'copies what a node of the runtime shares with its buffer pool': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', ({ payload }) => [payload.constructor.name, [...payload]]);
      b.on('result', () => Buffer.from('abc'));
      const bytes = Buffer.from('abc');
      const asked = a.send(b, { type: 't', payload: bytes }).return();
      bytes.fill(0);
      const [kind, content] = await asked;
      const result = await a.send(b, { type: 'result' });
      expect([...result]).toEqual([97, 98, 99]);
      if (world.isolation === 'trust' && !world.crosses) return;
      expect(content).toEqual([97, 98, 99]);
      expect(kind).toBe('Uint8Array');
      expect(result.constructor.name).toBe('Uint8Array');
      expect(result.buffer.byteLength).toBe(3);
    },
  },
};
