import { expect } from 'vitest';
import {
  defineExtension,
  type EmissionEnd,
  type Extension,
  type ExtensionHooks,
  type FlowEnd,
  type HappenEvent,
} from '../../../src/index.js';
import type { Clauses } from '../clause.js';
import type { OpenWorld, World } from '../worlds.js';

/** A world whose spaces have extensions of these hooks, in this order. */
function openWith(open: OpenWorld, ...hooks: readonly ExtensionHooks[]): Promise<World> {
  const extensions = hooks.map((each, index) => defineExtension({ name: `hooks-${index}`, install: () => each }));
  return open({ config: { extensions: extensions as readonly Extension[] as [] } });
}

/** A promise, and what resolves it. */
function signal(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}

/** Keeps what the hooks see. */
function recorder() {
  const flowEnds: FlowEnd[] = [];
  const emissionEnds: EmissionEnd[] = [];
  const stamped: HappenEvent[] = [];
  const log: string[] = [];
  const hooks: ExtensionHooks = {
    flow({ node, type, handled, context }) {
      const count = Array.isArray(handled) ? handled.length : 1;
      log.push(`flow of ${count} ${type} at ${node} from ${context.sender}`);
      return { ended: (end) => void flowEnds.push(end) };
    },
    emission({ sender, target, type, events, cause }) {
      log.push(`${sender} sends ${events.length} ${type} to ${target ?? 'all'} because of ${cause?.type ?? 'nothing'}`);
      return { stamped: (all) => void stamped.push(...all), ended: (end) => void emissionEnds.push(end) };
    },
  };
  return { hooks, log, flowEnds, emissionEnds, stamped };
}

export const interceptionClauses: Clauses = {
  'SPACE-10': {
    'calls an extension around each emission and each flow, with what they come to': async (open) => {
      const { hooks, log, flowEnds, emissionEnds, stamped } = recorder();
      await using world = await openWith(open, hooks);
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('ask', async (event, context) => {
        await Promise.resolve();
        return world.within(b, context).send(a, { type: 'back', payload: event.payload });
      });
      a.on('back', ({ payload }) => payload + 1);
      expect(await a.send(b, { type: 'ask', payload: 1 })).toBe(2);
      expect(log).toEqual([
        'a sends 1 ask to b because of nothing',
        'flow of 1 ask at b from a',
        'b sends 1 back to a because of ask',
        'flow of 1 back at a from b',
      ]);
      expect(stamped.map(({ type, context }) => [type, context.causal.depth])).toEqual([
        ['ask', 0],
        ['back', 1],
      ]);
      expect(flowEnds).toEqual([
        { value: 2, error: undefined },
        { value: 2, error: undefined },
      ]);
      expect(emissionEnds).toEqual([
        { asked: true, value: 2, error: undefined },
        { asked: true, value: 2, error: undefined },
      ]);
    },
    'ends the emission of what is broadcast, or sent without asking, when it is handed over': async (open) => {
      const { hooks, log, emissionEnds } = recorder();
      await using world = await openWith(open, hooks);
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('news', () => 1);
      await world.listening();
      await a.broadcast({ type: 'news' }).sent();
      await a.send(b, { type: 'news' }).sent();
      expect(emissionEnds).toEqual([
        { asked: false, value: undefined, error: undefined },
        { asked: false, value: undefined, error: undefined },
      ]);
      expect(log.filter((line) => line.includes('sends'))).toEqual([
        'a sends 1 news to all because of nothing',
        'a sends 1 news to b because of nothing',
      ]);
    },
    'takes a batch as one emission and one flow, and each target and each type as one of its own': async (open) => {
      const { hooks, log, stamped } = recorder();
      await using world = await openWith(open, hooks);
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      for (const node of [b, c]) {
        node.on('one', () => 1);
        node.on('two', () => 2);
      }
      await a.send([b, c], { type: 'one' });
      await a.send(b, [{ type: 'one' }, { type: 'two' }, { type: 'one' }]);
      expect(log.filter((line) => line.includes('sends'))).toEqual([
        'a sends 1 one to b because of nothing',
        'a sends 1 one to c because of nothing',
        'a sends 2 one to b because of nothing',
        'a sends 1 two to b because of nothing',
      ]);
      expect(log.filter((line) => line.startsWith('flow')).sort()).toEqual([
        'flow of 1 one at b from a',
        'flow of 1 one at c from a',
        'flow of 1 two at b from a',
        'flow of 2 one at b from a',
      ]);
      expect(stamped).toHaveLength(5);
    },
    'tells of a failure with its code, at the flow and at the emission': async (open) => {
      const { hooks, flowEnds, emissionEnds } = recorder();
      await using world = await openWith(open, hooks);
      const [a, b] = [world.node('a'), world.node('b')];
      const thrown = new RangeError('no');
      b.on('fail', () => {
        throw thrown;
      });
      await expect(a.send(b, { type: 'fail' })).rejects.toThrow('no');
      await expect(a.send('nobody', { type: 'x' })).rejects.toMatchObject({ code: 'HAPPEN_NO_SUCH_NODE' });
      expect(flowEnds.map(({ value, error }) => [value, error?.code, error?.cause])).toEqual([
        [undefined, 'HAPPEN_HANDLER_FAILED', thrown],
      ]);
      expect(emissionEnds.map(({ value, error }) => [value, error?.code])).toEqual([
        [undefined, 'HAPPEN_HANDLER_FAILED'],
        [undefined, 'HAPPEN_NO_SUCH_NODE'],
      ]);
    },
    'lets an extension refuse a flow, which its asker gets as a coded error': async (open) => {
      const denial = new TypeError('not on Sundays');
      const outer = recorder();
      await using world = await openWith(open, outer.hooks, {
        flow({ type }) {
          if (type === 'work') throw denial;
        },
      });
      const [a, b] = [world.node('a'), world.node('b')];
      const errors = world.heard('node.error');
      let ran = 0;
      b.on('work', () => ++ran);
      b.on('rest', () => 'resting');
      await expect(a.send(b, { type: 'work' })).rejects.toMatchObject({
        code: 'HAPPEN_REFUSED',
        message: 'The extension "hooks-1" refused "work" at node "b": not on Sundays',
        details: { extension: 'hooks-1', name: 'TypeError', message: 'not on Sundays' },
      });
      expect(await a.send(b, { type: 'rest' })).toBe('resting');
      expect(ran).toBe(0);
      expect(outer.flowEnds).toEqual([
        { value: undefined, error: expect.objectContaining({ code: 'HAPPEN_REFUSED', cause: denial }) as unknown },
        { value: 'resting', error: undefined },
      ]);
      expect(errors.map(({ payload }) => payload)).toMatchObject([{ nodeId: 'b', code: 'HAPPEN_REFUSED' }]);
    },
    'lets an extension refuse an emission, before or after it was stamped': async (open) => {
      const outer = recorder();
      await using world = await openWith(open, outer.hooks, {
        emission({ type }) {
          if (type === 'before') throw new Error('never');
          return {
            stamped([event]) {
              if (event?.type === 'after') throw new Error(`not ${event.context.causal.depth}`);
            },
          };
        },
      });
      const [a, b] = [world.node('a'), world.node('b')];
      const errors = world.heard('node.error');
      const received: string[] = [];
      for (const type of ['before', 'after', 'fine']) b.on(type, (event) => void received.push(event.type));
      await world.listening();
      await expect(a.send(b, { type: 'before' })).rejects.toMatchObject({
        code: 'HAPPEN_REFUSED',
        message: 'The extension "hooks-1" refused "before" of "a": never',
      });
      await expect(a.send(b, [{ type: 'after' }])).rejects.toMatchObject({
        code: 'HAPPEN_REFUSED',
        message: 'The extension "hooks-1" refused "after" of "a": not 0',
      });
      await expect(a.broadcast({ type: 'before' }).sent()).rejects.toMatchObject({ code: 'HAPPEN_REFUSED' });
      a.send(b, { type: 'before' });
      await a.send(b, { type: 'fine' });
      expect(received).toEqual(['fine']);
      expect(outer.emissionEnds.map(({ error }) => error?.code)).toEqual([
        'HAPPEN_REFUSED',
        'HAPPEN_REFUSED',
        'HAPPEN_REFUSED',
        'HAPPEN_REFUSED',
        undefined,
      ]);
      expect(errors.map(({ payload }) => payload)).toMatchObject([{ nodeId: 'a', code: 'HAPPEN_REFUSED' }]);
    },
    'lets extensions put keys into the context of what leaves, which the hash covers': async (open) => {
      await using world = await openWith(
        open,
        { emission: (emission) => emission.addContext({ trail: 'one', user: 'ada', origin: { sourceId: 's' } }) },
        {
          emission: (emission) =>
            emission.addContext({ trail: 'two', causal: { id: 'forged' }, origin: { nodeId: 'forged' } }),
        },
      );
      const [a, b] = [world.node('a'), world.node('b')];
      const got: HappenEvent[] = [];
      b.on('x', (events) => void got.push(...((Array.isArray(events) ? events : [events]) as HappenEvent[])));
      await world.listening();
      await a.send(b, { type: 'x', context: { user: 'eve', own: 1, origin: { sourceType: 'user' } } });
      await a.send(b, [{ type: 'x' }, { type: 'x' }]);
      await a.broadcast({ type: 'x' }).sent();
      await a.send(b, { type: 'x' });
      expect(got.map(({ context: { causal, origin, ...rest } }) => [rest, origin.nodeId, origin.sourceId])).toEqual([
        [{ trail: 'two', user: 'ada', own: 1 }, 'a', undefined],
        ...Array.from({ length: 4 }, () => [{ trail: 'two', user: 'ada' }, 'a', undefined]),
      ]);
      expect(got[0]?.context.origin).toEqual({ nodeId: 'a', sourceType: 'user' });
      expect(got.every(({ context }) => context.causal.id !== 'forged')).toBe(true);
    },
    'lets no keys be put in once the hook has returned': async (open) => {
      const late: unknown[] = [];
      await using world = await openWith(open, {
        emission: (emission) => ({
          stamped() {
            try {
              emission.addContext({ trail: 'late' });
            } catch (error) {
              late.push(error);
            }
          },
        }),
      });
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('x', ({ context }) => 'trail' in context);
      expect(await a.send(b, { type: 'x' })).toBe(false);
      expect(late).toEqual([new Error('addContext() is possible until the hook returns.')]);
    },

    'nests extensions in the order in which they are given': async (open) => {
      const log: string[] = [];
      const named = (name: string): ExtensionHooks => ({
        flow() {
          log.push(`${name} begins`);
          return {
            within(part) {
              log.push(`${name} enters`);
              part();
              log.push(`${name} leaves`);
            },
            ended: () => void log.push(`${name} ends`),
          };
        },
        emission() {
          log.push(`${name} emission`);
          return {
            stamped: () => void log.push(`${name} stamped`),
            ended: () => void log.push(`${name} emission ended`),
          };
        },
      });
      await using world = await openWith(open, named('outer'), named('inner'));
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('x', () => {
        log.push('handler');
        return 1;
      });
      await a.send(b, { type: 'x' });
      expect(log).toEqual([
        'outer emission',
        'inner emission',
        'outer stamped',
        'inner stamped',
        'outer begins',
        'inner begins',
        'outer enters',
        'inner enters',
        'handler',
        'inner leaves',
        'outer leaves',
        'inner ends',
        'outer ends',
        'inner emission ended',
        'outer emission ended',
      ]);
    },
    'goes on when a hook throws, rejects, or does not run its part, and tells of it': async (open) => {
      const fault = (name: string) => (): never => {
        throw new Error(name);
      };
      await using world = await openWith(
        open,
        { flow: () => ({ within: () => {}, ended: fault('flow ended') }), emission: () => ({ ended: fault('ended') }) },
        {
          flow: () => ({
            within: fault('within'),
            // an async function, as a user may write it against the contract
            ended: (async () => fault('later')()) as () => void,
          }),
        },
        {
          flow: () => ({
            within(part) {
              part();
              part();
            },
          }),
        },
      );
      const [a, b] = [world.node('a'), world.node('b')];
      const told = signal();
      const errors: string[] = [];
      for (const space of world.spaces) {
        space.on('node.error', ({ payload: { error } }) => {
          errors.push(`${error.code} ${error.message}`);
          if (errors.length >= 6) told.resolve();
        });
      }
      let ran = 0;
      b.on('x', () => ++ran);
      expect(await a.send(b, { type: 'x' })).toBe(1);
      expect(ran).toBe(1);
      await told.promise;
      const failed = (hook: string, name: string, why: string): string =>
        `HAPPEN_EXTENSION_FAILED The hook "${hook}" of the extension "${name}" failed, which changed nothing else: ${why}`;
      expect(errors.sort()).toEqual(
        [
          failed('emission.ended', 'hooks-0', 'ended'),
          failed('flow.ended', 'hooks-0', 'flow ended'),
          failed('flow.ended', 'hooks-1', 'later'),
          failed('flow.within', 'hooks-0', 'within() did not call its part before it returned.'),
          failed('flow.within', 'hooks-1', 'within'),
          failed('flow.within', 'hooks-2', 'within() calls its part once, before it returns.'),
        ].sort(),
      );
    },
    'ends a flow that outlives its space with HAPPEN_CLOSED, once': async (open) => {
      const { hooks, flowEnds } = recorder();
      const world = await openWith(open, hooks);
      const [a, b] = [world.node('a'), world.node('b')];
      const later = signal();
      b.on('long', () => later.promise.then(() => 'late'));
      const answer = a.send(b, { type: 'long' }).return();
      answer.catch(() => {});
      await a.send(b, { type: 'other' }).catch(() => {});
      await Promise.all(world.spaces.map(({ close }) => close({ timeout: 1 })));
      expect(flowEnds.map(({ error }) => error?.code)).toEqual(['HAPPEN_CLOSED']);
      later.resolve();
      await new Promise((resolve) => setImmediate(resolve));
      expect(flowEnds).toHaveLength(1);
    },
    'sees the flows that handle the framework’s own events, and process()': async (open) => {
      const { hooks, log } = recorder();
      await using world = await openWith(open, hooks);
      const a = world.node('a');
      const seen = signal();
      a.on('node.error', () => seen.resolve());
      a.on('bad', () => {
        throw new Error('no');
      });
      await a.process({ type: 'bad' }).catch(() => {});
      await seen.promise;
      expect(log).toEqual(['flow of 1 bad at a from a', 'flow of 1 node.error at a from system']);
    },
  },
};
