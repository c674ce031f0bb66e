import { expect } from 'vitest';
import type { CausalBranch, HappenEvent, TracedEvent } from '../../../src/index.js';
import type { Clauses } from '../clause.js';
import { gate, until, upTo } from '../observing.js';
import type { TestNode, World } from '../worlds.js';

/** A branch as its type, and those below it. */
type Drawn = readonly [type: string, ...effects: Drawn[]];

function drawn({ event, effects }: CausalBranch): Drawn {
  return [event.type, ...effects.map(drawn)];
}

/** An order that passes from `a` to `b`, which asks `c` twice and tells everybody. */
async function order(world: World, correlationId?: string) {
  const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
  const seen = new Map<string, HappenEvent>();
  const told = gate();
  const see = (event: unknown): void => void seen.set((event as HappenEvent).type, event as HappenEvent);
  b.on('order.placed', async (event, context) => {
    see(event);
    const node = context.node as TestNode;
    await node.send(c, { type: 'stock.reserve' });
    await node.send(c, { type: 'payment.charge' });
    node.broadcast({ type: 'order.confirmed' });
    return 'confirmed';
  });
  c.on('{stock.reserve,payment.charge}', (event, context) => {
    see(event);
    if (event.type === 'payment.charge') (context.node as TestNode).send(b, { type: 'payment.note' });
    return 'done';
  });
  b.on('payment.note', see);
  c.on('order.confirmed', (event) => {
    see(event);
    told.open();
  });
  await world.listening();
  const context = correlationId === undefined ? {} : { causal: { correlationId } };
  await a.send(b, { type: 'order.placed', payload: { secret: 'never kept' }, context });
  await told.passed;
  await until('all have arrived', () => seen.size === 5);
  const idOf = (type: string): string => seen.get(type)?.context.causal.id as string;
  return { a, b, c, idOf, correlation: seen.get('order.placed')?.context.causal.correlationId as string };
}

function types(events: readonly TracedEvent[]): string[] {
  return events.map(({ type }) => type);
}

export const causalQuestionClauses: Clauses = {
  'EVENT-7': {
    'trace says what an event is, what caused it and what it caused, wherever it is asked': async (open) => {
      await using world = await open();
      const { idOf, correlation } = await order(world);
      for (const { causality } of world.spaces) {
        const trace = causality.trace(idOf('payment.charge'));
        expect(trace?.event).toMatchObject({
          id: idOf('payment.charge'),
          type: 'payment.charge',
          sender: 'b',
          target: 'c',
          causationId: idOf('order.placed'),
          correlationId: correlation,
          depth: 1,
        });
        expect(types(trace?.causes ?? [])).toEqual(['order.placed']);
        expect(types(trace?.effects ?? [])).toEqual(['payment.note']);
        expect(trace?.missing).toEqual([]);
        const root = causality.trace(idOf('order.placed'));
        expect([root?.causes, root?.missing]).toEqual([[], []]);
        expect('causationId' in (root?.event ?? {})).toBe(false);
        expect(types(root?.effects ?? [])).toEqual(['stock.reserve', 'payment.charge', 'order.confirmed']);
      }
    },

    'tells what came from another space from what was emitted here, and when': async (open) => {
      await using world = await open();
      const before = Date.now();
      const { a, b, idOf } = await order(world);
      const placed = [a, b].map((node) => world.spaceOf(node).causality.trace(idOf('order.placed'))?.event);
      expect(placed.map((event) => event?.received)).toEqual([false, world.crosses]);
      for (const event of placed) {
        expect(event?.at).toBeGreaterThanOrEqual(before);
        expect(event?.at).toBeLessThanOrEqual(Date.now() + 1);
      }
    },

    'tree shows a correlation from its root, each event once, in the order of what happened': async (open) => {
      await using world = await open();
      const { correlation, idOf } = await order(world, 'order-7');
      for (const { causality } of world.spaces) {
        const tree = causality.tree(correlation);
        expect(tree).toMatchObject({ correlationId: 'order-7', size: 5, complete: true });
        expect(tree.roots.map(drawn)).toEqual([
          ['order.placed', ['stock.reserve'], ['payment.charge', ['payment.note']], ['order.confirmed']],
        ]);
        expect(tree.roots[0]?.effects[2]?.event).toMatchObject({ id: idOf('order.confirmed'), sender: 'b' });
        expect('target' in (tree.roots[0]?.effects[2]?.event as object)).toBe(false);
      }
    },

    'pathToRoot goes from the event back to its root': async (open) => {
      await using world = await open();
      const { idOf } = await order(world);
      for (const { causality } of world.spaces) {
        const { events, complete } = causality.pathToRoot(idOf('payment.note'));
        expect(types(events)).toEqual(['payment.note', 'payment.charge', 'order.placed']);
        expect(complete).toBe(true);
        expect(causality.pathToRoot(idOf('order.placed')).events).toHaveLength(1);
      }
    },

    'events lists a correlation, or all there is, in the order of what happened': async (open) => {
      await using world = await open();
      const { a, b, correlation } = await order(world, 'order-7');
      const { causality } = world.spaceOf(a);
      const all = ['order.placed', 'stock.reserve', 'payment.charge', 'payment.note', 'order.confirmed'];
      expect(types(causality.events(correlation).events)).toEqual(all);
      b.on('ping', () => 'pong');
      await a.send(b, { type: 'ping' });
      expect(types(causality.events('order-7').events)).toEqual(all);
      expect(types(causality.events().events)).toEqual([...all, 'ping']);
      expect(causality.events()).toMatchObject({ complete: true });
    },

    'shows several roots of one correlation': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('**', (event) => event.type);
      const context = { causal: { correlationId: 'order-7' } };
      for (const type of ['placed', 'paid', 'shipped']) await a.send(b, { type, context });
      const { roots, size, complete } = world.spaceOf(b).causality.tree('order-7');
      expect(roots.map(drawn)).toEqual([['placed'], ['paid'], ['shipped']]);
      expect([size, complete]).toEqual([3, true]);
    },

    'shows what a batch caused once, and under each of its causes when asked for one': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const ids: string[] = [];
      b.on('reading', async (events, context) => {
        for (const { context: own } of events as unknown as HappenEvent[]) ids.push(own.causal.id);
        return (context.node as TestNode).send(c, { type: 'mean' });
      });
      c.on('mean', (event) => event.context.causal.id);
      const reading = { type: 'reading', context: { causal: { correlationId: 'day-1' } } };
      const mean = (await a.send(b, [reading, reading, reading])) as string;
      for (const { causality } of world.spaces) {
        expect(causality.tree('day-1').roots.map(drawn)).toEqual([['reading'], ['reading'], ['reading', ['mean']]]);
        expect(causality.trace(mean)?.causes.map(({ id }) => id)).toEqual(ids);
        expect(causality.trace(mean)?.event).toMatchObject({ causes: ids, causationId: ids[2] });
        for (const id of ids) expect(types(causality.trace(id)?.effects ?? [])).toEqual(['mean']);
        expect(causality.pathToRoot(mean).events.map(({ id }) => id)).toEqual([mean, ids[2]]);
      }
    },

    'lets a batch of several correlations begin one of its own, joined to its causes': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      b.on('reading', (_events, context) => (context.node as TestNode).send(c, { type: 'mean' }));
      c.on('mean', (event) => event.context.causal.id);
      const reading = (correlationId: string) => ({ type: 'reading', context: { causal: { correlationId } } });
      const mean = (await a.send(b, [reading('one'), reading('two')])) as string;
      for (const { causality } of world.spaces) {
        expect(causality.tree('one').roots.map(drawn)).toEqual([['reading']]);
        expect(causality.tree(mean)).toMatchObject({ size: 1, complete: true });
        expect(causality.trace(mean)?.causes.map(({ correlationId }) => correlationId)).toEqual(['one', 'two']);
      }
    },

    'holds a broadcast once, however many nodes hear it': async (open) => {
      await using world = await open();
      const nodes = upTo(6).map((n) => world.node(`n${n}`));
      let heard = 0;
      for (const node of nodes) node.on('news', () => void heard++);
      await world.listening();
      (nodes[0] as TestNode).broadcast({ type: 'news' });
      await until('all have heard', () => heard === 6);
      for (const { causality } of world.spaces) expect(types(causality.events().events)).toEqual(['news']);
    },

    'knows what process() handles as well': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('told', () => 'heard');
      a.on('work', (_event, context) => (context.node as TestNode).send(b, { type: 'told' }));
      await a.process({ type: 'work' });
      const { causality } = world.spaceOf(a);
      const [work, told] = causality.events().events;
      expect(work).toMatchObject({ type: 'work', sender: 'a', target: 'a', depth: 0 });
      expect(types(causality.trace(work?.id as string)?.effects ?? [])).toEqual(['told']);
      expect(told).toMatchObject({ causationId: work?.id });
    },

    'drops the oldest events beyond its size, and says what is not whole': async (open) => {
      await using world = await open({ config: { causality: { memory: 4 } } });
      const { a, b, idOf, correlation } = await order(world);
      for (const { causality } of world.spaces) {
        expect(causality.trace(idOf('order.placed'))).toBeUndefined();
        expect(causality.trace(idOf('payment.charge'))?.missing).toEqual([idOf('order.placed')]);
        expect(types(causality.pathToRoot(idOf('payment.note')).events)).toEqual(['payment.note', 'payment.charge']);
        expect(causality.pathToRoot(idOf('payment.note')).complete).toBe(false);
        const tree = causality.tree(correlation);
        expect(tree.complete).toBe(false);
        expect(tree.roots.map(drawn)).toEqual([
          ['stock.reserve'],
          ['payment.charge', ['payment.note']],
          ['order.confirmed'],
        ]);
        expect(tree.roots.map(({ missing }) => missing)).toEqual(upTo(3).map(() => [idOf('order.placed')]));
        expect(causality.events()).toMatchObject({ complete: false });
        expect(causality.tree('never seen')).toMatchObject({ size: 0, complete: false });
      }
      // What begins after that, and is held from its first event on, is whole again.
      b.on('again', (event) => event.context.causal.id);
      const id = (await a.send(b, { type: 'again' })) as string;
      for (const { causality } of world.spaces) expect(causality.tree(id)).toMatchObject({ size: 1, complete: true });
    },

    'remembers nothing with a size of 0, and says so': async (open) => {
      await using world = await open({ config: { causality: { memory: 0 } } });
      const { idOf, correlation } = await order(world);
      for (const { causality } of world.spaces) {
        expect(causality.trace(idOf('order.placed'))).toBeUndefined();
        expect(causality.tree(correlation)).toEqual({
          correlationId: correlation,
          roots: [],
          size: 0,
          complete: false,
        });
        expect(causality.pathToRoot(idOf('order.placed'))).toEqual({ events: [], complete: false });
        expect(causality.events()).toEqual({ events: [], complete: false });
      }
    },

    'answers nothing to what it does not know, whatever it is asked': async (open) => {
      await using world = await open();
      await order(world);
      const { trace, tree, pathToRoot, events } = (world.spaces[0] as (typeof world.spaces)[number]).causality;
      for (const odd of ['unknown', '', '__proto__', undefined, null, 7, {}, Symbol('x'), 'x'.repeat(100_000)]) {
        const id = odd as string;
        expect(trace(id)).toBeUndefined();
        expect(pathToRoot(id)).toEqual({ events: [], complete: false });
        expect(tree(id)).toMatchObject({ roots: [], size: 0 });
        if (odd !== undefined) expect(events(id).events).toEqual([]);
      }
    },

    'answers with plain data that nobody can change, and holds no payload': async (open) => {
      await using world = await open();
      const { idOf, correlation } = await order(world);
      const { causality } = world.spaces[0] as (typeof world.spaces)[number];
      const answers = [
        causality.trace(idOf('payment.charge')),
        causality.tree(correlation),
        causality.pathToRoot(idOf('payment.note')),
        causality.events(),
      ];
      const frozen = (value: unknown): boolean =>
        typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
      for (const answer of answers) {
        expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
        expect(frozen(answer)).toBe(true);
        expect(JSON.stringify(answer)).not.toContain('never kept');
      }
      expect(causality.tree(correlation)).toEqual(causality.tree(correlation));
    },

    'knows nothing of the framework\u2019s own events': async (open) => {
      await using world = await open();
      const [a, b] = [world.node('a'), world.node('b')];
      const told = world.heard('node.error');
      b.on('fail', () => {
        throw new Error('no');
      });
      a.send(b, { type: 'fail' });
      await until('it was told', () => told.length > 0);
      for (const { causality } of world.spaces) expect(types(causality.events().events)).toEqual(['fail']);
    },
  },
};
