import { expect } from 'vitest';
import { type Causal, type HappenError, type HappenEvent, initializeHappen } from '../../../src/index.js';
import { virtualClock } from '../../../../testing/src/clock/virtual-clock.js';
import type { Clauses } from '../clause.js';
import { codeOf, gate, until, upTo } from '../observing.js';
import { type OpenWorld, type TestNode, turn, type World } from '../worlds.js';

const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The event as a handler of the node received it. */
async function received(
  from: TestNode,
  to: TestNode,
  event: { type: string; payload?: unknown; context?: object },
): Promise<HappenEvent> {
  const arrived = gate<HappenEvent>();
  const end = to.on(event.type, (found) => arrived.open(found as HappenEvent));
  from.send(to, event);
  const found = await arrived.passed;
  end();
  return found;
}

async function pair(open: OpenWorld): Promise<{ world: World; a: TestNode; b: TestNode }> {
  const world = await open();
  return { world, a: world.node('a'), b: world.node('b') };
}

/** What `b` and `c` each received when `b` sent on to `c`. */
async function relayed(world: World, sent: object, sentOn: object): Promise<[HappenEvent, HappenEvent]> {
  const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
  const first = gate<HappenEvent>();
  const second = gate<HappenEvent>();
  b.on('first', (event, context) => {
    first.open(event as HappenEvent);
    (context.node as TestNode).send(c, { type: 'second', ...sentOn });
  });
  c.on('second', (event) => second.open(event as HappenEvent));
  a.send(b, { type: 'first', ...sent });
  return [await first.passed, await second.passed];
}

export const eventClauses: Clauses = {
  'EVENT-1': {
    'fills in where a root stands and who it comes from': async (open) => {
      const opened = await pair(open);
      await using _ = opened.world;
      const { context, ...rest } = await received(opened.a, opened.b, { type: 'order.placed', payload: { total: 3 } });
      const { causal, origin, ...nothingElse } = context;
      expect(rest).toEqual({ type: 'order.placed', payload: { total: 3 } });
      expect(causal.id).toMatch(uuidV7);
      expect(causal.sender).toBe('a');
      expect('causationId' in causal).toBe(false);
      expect('causes' in causal).toBe(false);
      expect(causal.correlationId).toBe(causal.id);
      expect(causal.path).toEqual([]);
      expect(causal.omittedHops).toBe(0);
      expect(causal.depth).toBe(0);
      expect(causal.hash).toMatch(/^[0-9a-f]{64}$/);
      expect(origin).toEqual({ nodeId: 'a' });
      expect(nothingElse).toEqual({});
    },

    'shows the causal record whole when it is written as JSON': async (open) => {
      const opened = await pair(open);
      await using _ = opened.world;
      const { causal } = (await received(opened.a, opened.b, { type: 't' })).context;
      const { id, hash } = causal;
      expect(JSON.parse(JSON.stringify(causal))).toEqual({
        id,
        hash,
        sender: 'a',
        correlationId: id,
        path: [],
        omittedHops: 0,
        depth: 0,
      });
    },

    'lets a root name its correlation': async (open) => {
      const opened = await pair(open);
      await using _ = opened.world;
      const { causal } = (
        await received(opened.a, opened.b, { type: 't', context: { causal: { correlationId: 'order-123' } } })
      ).context;
      expect(causal.correlationId).toBe('order-123');
      expect(causal.id).not.toBe('order-123');
    },

    'lets an effect inherit the correlation, whatever it names': async (open) => {
      await using world = await open();
      const [first, second] = await relayed(
        world,
        { context: { causal: { correlationId: 'order-123' } } },
        { context: { causal: { correlationId: 'another' } } },
      );
      expect(first.context.causal.correlationId).toBe('order-123');
      expect(second.context.causal.correlationId).toBe('order-123');
    },

    'overwrites what would forge a causal record or an origin': async (open) => {
      const opened = await pair(open);
      await using _ = opened.world;
      const forged = {
        causal: { id: 'i', sender: 'root', causationId: 'c', depth: 99, path: [['x', 'y']], hash: 'h' },
        origin: { nodeId: 'root', sourceId: 'user:7' },
      };
      const { causal, origin } = (await received(opened.a, opened.b, { type: 't', context: forged })).context;
      expect(causal).toMatchObject({ sender: 'a', depth: 0, path: [] });
      expect(causal.id).toMatch(uuidV7);
      expect(causal.hash).toMatch(/^[0-9a-f]{64}$/);
      expect('causationId' in causal).toBe(false);
      expect(origin).toEqual({ nodeId: 'a', sourceId: 'user:7' });
    },

    'carries every other key of the context': async (open) => {
      const opened = await pair(open);
      await using _ = opened.world;
      const context = { integrity: { signature: new Uint8Array([1, 2, 3]) }, tenant: 'acme', trace: { spans: [1, 2] } };
      const found = (await received(opened.a, opened.b, { type: 't', context })).context;
      expect(found['integrity']).toEqual(context.integrity);
      expect(found['tenant']).toBe('acme');
      expect(found['trace']).toEqual({ spans: [1, 2] });
    },

    'leaves absent what the sender did not give': async (open) => {
      const opened = await pair(open);
      await using _ = opened.world;
      const { context } = await received(opened.a, opened.b, { type: 't', context: { user: undefined } });
      expect(Object.keys(context).sort()).toEqual(['causal', 'origin']);
    },

    'inherits the user and the original source along the chain': async (open) => {
      await using world = await open();
      const context = {
        user: { id: 'u1' },
        origin: { sourceId: 'user:u1', sourceType: 'user', channel: 'web' },
        note: 'for b only',
        integrity: { by: 'a' },
      };
      const [, second] = await relayed(world, { context }, {});
      expect(second.context.user).toEqual({ id: 'u1' });
      expect(second.context.origin).toEqual({ nodeId: 'b', sourceId: 'user:u1', sourceType: 'user', channel: 'web' });
      expect('note' in second.context).toBe(false);
      expect('integrity' in second.context).toBe(false);
    },

    'inherits nothing that is given anew': async (open) => {
      await using world = await open();
      const [, second] = await relayed(
        world,
        { context: { user: { id: 'u1' }, origin: { sourceId: 'user:u1', sourceType: 'user' } } },
        { context: { user: { id: 'u2' }, origin: { sourceId: 'job:7' } } },
      );
      expect(second.context.user).toEqual({ id: 'u2' });
      expect(second.context.origin).toEqual({ nodeId: 'b', sourceId: 'job:7', sourceType: 'user' });
    },

    'says where the sender runs, from the config': async (open) => {
      await using world = await open({ config: { system: { environment: 'staging', region: 'eu-1' } } });
      const [first, second] = await relayed(world, { context: { system: { region: 'forged' } } }, {});
      expect(first.context.system).toEqual({ environment: 'staging', region: 'eu-1' });
      expect(second.context.system).toEqual({ environment: 'staging', region: 'eu-1' });
    },

    'makes a new event of each send and leaves the sender\u2019s object alone': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const ids: string[] = [];
      for (const node of [b, c]) node.on('t', (event) => event.context.causal.id);
      const event = { type: 't', payload: { n: 1 } };
      for (const target of [b, c, b]) ids.push(await a.send(target, event));
      expect(new Set(ids).size).toBe(3);
      expect(Object.isFrozen(event)).toBe(false);
      expect(Object.keys(event)).toEqual(['type', 'payload']);
    },

    'takes a received event as one to be sent, with its own keys and a causal record of its own': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const seen: HappenEvent[] = [];
      b.on('t', (event, context) => {
        seen.push(event as HappenEvent);
        return (context.node as TestNode).send(c, event as HappenEvent);
      });
      c.on('t', (event) => {
        seen.push(event as HappenEvent);
        return event.payload;
      });
      const integrity = { signature: 'abc' };
      expect(await a.send(b, { type: 't', payload: [1], context: { integrity, note: 'n' } })).toEqual([1]);
      const [first, second] = seen.map((event) => event.context) as [HappenEvent['context'], HappenEvent['context']];
      expect(second.causal).toMatchObject({ sender: 'b', causationId: first.causal.id, depth: 1 });
      expect(second['integrity']).toEqual(integrity);
      expect(second['note']).toBe('n');
      expect(second.origin.nodeId).toBe('b');
    },

    'refuses what is no event': async (open) => {
      const opened = await pair(open);
      await using _ = opened.world;
      const { a, b } = opened;
      const wrong: unknown[] = [
        null,
        'text',
        7,
        {},
        { type: '' },
        { type: 7 },
        { type: 'x'.repeat(513) },
        { type: 't', context: 'text' },
        { type: 't', context: null },
        { type: 't', context: { causal: { correlationId: 7 } } },
        { type: 't', context: { causal: { correlationId: '' } } },
      ];
      b.on('**', () => 'taken');
      for (const event of wrong)
        expect(await codeOf(a.send(b, event as never)), JSON.stringify(event)).toBe('HAPPEN_INVALID_EVENT');
      expect(await a.send(b, { type: 'x'.repeat(512) })).toBe('taken');
    },
  },

  'EVENT-2': {
    'makes the event being handled the cause of what its handler sends': async (open) => {
      await using world = await open();
      const [first, second] = await relayed(world, {}, {});
      expect(second.context.causal).toMatchObject({
        causationId: first.context.causal.id,
        correlationId: first.context.causal.correlationId,
        sender: 'b',
        depth: 1,
      });
    },

    'also after await': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      b.on('first', async (event, context) => {
        await new Promise((resolve) => setImmediate(resolve));
        await Promise.all([1, 2, 3]);
        return [event.context.causal.id, await world.within(b, context).send(c, { type: 'second' })];
      });
      c.on('second', (event) => event.context.causal.causationId);
      const [id, cause] = await a.send(b, { type: 'first' });
      expect(cause).toBe(id);
    },

    'also in timers the handler set, after its flow has completed': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      b.on('first', (event, context) => {
        setTimeout(() => void world.within(b, context).send(c, { type: 'second' }), 1);
        return event.context.causal.id;
      });
      const second = gate<Causal>();
      c.on('second', (event) => second.open(event.context.causal));
      const id: string = await a.send(b, { type: 'first' });
      expect(await second.passed).toMatchObject({ causationId: id, correlationId: id, depth: 1 });
    },

    'also for what another node sends from inside a handler': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const other = world.spaceOf(b).createNode('other');
      b.on('first', (event) => {
        other.send(c, { type: 'second' });
        return event.context.causal.id;
      });
      const second = gate<Causal>();
      c.on('second', (event) => second.open(event.context.causal));
      const id: string = await a.send(b, { type: 'first' });
      expect(await second.passed).toMatchObject({ causationId: id, sender: 'other', path: [['a', 'other']] });
    },

    'also for a broadcast from inside a handler': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      b.on('first', (event) => {
        b.broadcast({ type: 'news' });
        return event.context.causal.id;
      });
      const news = gate<Causal>();
      c.on('news', (event) => news.open(event.context.causal));
      await world.listening();
      const id: string = await a.send(b, { type: 'first' });
      expect((await news.passed).causationId).toBe(id);
    },

    'lets context.node carry the cause wherever it is used': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const held = gate<[string, TestNode]>();
      b.on('first', (event, context) => held.open([event.context.causal.id, context.node as TestNode]));
      c.on('second', (event) => event.context.causal.causationId);
      a.send(b, { type: 'first' });
      const [id, bound] = await held.passed;
      expect(await bound.send(c, { type: 'second' })).toBe(id);
      expect(await b.send(c, { type: 'second' })).toBeUndefined();
    },

    'keeps what is sent after await without context.node apart from any cause where nothing tracks it': async (
      open,
    ) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      b.on('first', async (event) => {
        await new Promise((resolve) => setImmediate(resolve));
        return [event.context.causal.id, await b.send(c, { type: 'second' })];
      });
      c.on('second', (event) => event.context.causal.causationId ?? 'none');
      const [id, cause] = await a.send(b, { type: 'first' });
      expect(cause).toBe(world.tracking === 'automatic' ? id : 'none');
    },

    'gives no cause to what is sent outside of flows, also in the callback of an answer': async (open) => {
      const opened = await pair(open);
      await using _ = opened.world;
      const { a, b } = opened;
      b.on('t', (event) => event.context.causal.causationId ?? 'none');
      b.on('slow', async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return 'done';
      });
      for (const first of ['t', 'slow']) {
        expect(await a.send(b, { type: first }).then(() => a.send(b, { type: 't' }))).toBe('none');
        expect(await a.send(b, { type: first }).return(() => a.send(b, { type: 't' }))).toBe('none');
        expect(
          await a
            .send(b, { type: first })
            .catch(() => {})
            .then(() => a.send(b, { type: 't' })),
        ).toBe('none');
      }
      expect(await a.send(b, { type: 'missing' }).catch(() => a.send(b, { type: 't' }))).toBe('none');
    },

    'gives what is sent in the callback of an answer the cause of the flow that asked': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      c.on('cause', (event) => event.context.causal.causationId);
      c.on('slow', async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return 'done';
      });
      for (const question of ['cause', 'slow', 'missing']) {
        const end = b.on('first', (event, context) => {
          const node = world.within(b, context);
          const again = (): PromiseLike<unknown> => node.send(c, { type: 'cause' });
          return node
            .send(c, { type: question })
            .then(again, again)
            .then((cause) => [event.context.causal.id, cause]);
        });
        const [id, cause] = await a.send(b, { type: 'first' });
        expect(cause, question).toBe(id);
        end();
      }
    },

    'keeps the causes of thousands of flows at once apart, after await and in timers': async (open) => {
      await using world = await open({ config: { concurrency: { default: { maxConcurrent: 10_000 } } } });
      const count = world.tracking === 'automatic' && world.isolation === 'freeze' ? 10_000 : 1_000;
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const wrong: unknown[] = [];
      const ids = new Set<string>();
      const heard = gate();
      let effects = 0;
      c.on('second', ({ payload, context: { causal } }) => {
        if (causal.causationId !== payload) wrong.push([payload, causal]);
        ids.add(payload as string);
        if (++effects === 1.1 * count) heard.open();
      });
      let waiting = 0;
      const all = gate();
      b.on('first', async (event, context) => {
        if (++waiting === count) all.open();
        await all.passed;
        const node = world.within(b, context);
        const effect = (): void => void node.send(c, { type: 'second', payload: event.context.causal.id });
        effect();
        if (event.payload % 10 === 0) setTimeout(effect, event.payload % 7);
      });
      for (const n of upTo(count)) a.send(b, { type: 'first', payload: n });
      await heard.passed;
      expect(wrong).toEqual([]);
      expect(ids.size).toBe(count);
    },

    'mixes up no causes in what listeners to the framework\u2019s own events send': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const alerts: [about: string, cause: string | undefined, correlation: string][] = [];
      for (const [index, space] of world.spaces.entries()) {
        const watcher = space.createNode(`watcher-${index}`);
        space.on(
          'node.error',
          ({ payload }) => void watcher.send(c, { type: 'alert', payload: (payload as { type: string }).type }),
        );
      }
      c.on(
        'alert',
        ({ payload, context: { causal } }) => void alerts.push([payload, causal.causationId, causal.correlationId]),
      );
      b.on('lose.*', async ({ type }, context) => {
        await turn();
        (context.node as TestNode).send('nobody', { type });
      });
      b.on('fail.*', () => {
        throw new Error('no');
      });
      for (const n of upTo(20)) {
        const type = `${n % 2 === 0 ? 'lose' : 'fail'}.${n}`;
        a.send(b, { type, context: { causal: { correlationId: type } } });
      }
      await until('all alerts have arrived', () => alerts.length === 20);
      expect(new Set(alerts.map(([about]) => about)).size).toBe(20);
      expect(alerts.filter(([about, cause, correlation]) => cause !== undefined && correlation !== about)).toEqual([]);
    },

    'makes a whole batch the cause of what its handler sends': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      b.on('first', (events, context) => {
        const ids = (events as unknown as HappenEvent[]).map((event) => event.context.causal.id);
        return (context.node as TestNode).send(c, { type: 'second' }).then((causal) => [ids, causal]);
      });
      c.on('second', ({ context: { causal } }) => JSON.parse(JSON.stringify(causal)) as Causal);
      const correlated = (correlationId: string): object => ({ type: 'first', context: { causal: { correlationId } } });
      const [ids, apart] = (await a.send(b, [correlated('one'), correlated('two')] as never)) as [string[], Causal];
      expect(apart).toMatchObject({ causationId: ids[1], causes: ids, depth: 1 });
      expect(apart.correlationId).toBe(apart.id);
      const [, agreed] = (await a.send(b, [correlated('one'), correlated('one')] as never)) as [string[], Causal];
      expect(agreed.correlationId).toBe('one');
    },
  },

  'EVENT-3': {
    'lists the hops from the root as pairs of senders': async (open) => {
      await using world = await open();
      const nodes = ['a', 'b', 'c', 'd'].map((id) => world.node(id));
      for (const [index, node] of nodes.entries()) {
        const next = nodes[index + 1];
        node.on('go', ({ context: { causal } }, context) =>
          next === undefined ? [causal.path, causal.depth] : (context.node as TestNode).send(next, { type: 'go' }),
        );
      }
      const outside = world.node('outside');
      expect(await outside.send('a', { type: 'go' })).toEqual([
        [
          ['outside', 'a'],
          ['a', 'b'],
          ['b', 'c'],
        ],
        3,
      ]);
    },

    'keeps the first 8 and the last 55 hops of a long chain, and counts on': async (open) => {
      const opened = await pair(open);
      await using _ = opened.world;
      const { a, b } = opened;
      const found = new Map<number, Causal>();
      const ended = gate();
      const bounce = (other: TestNode) => (event: HappenEvent, context: { readonly node: unknown }) => {
        const left = event.payload as number;
        found.set(event.context.causal.depth, event.context.causal);
        if (left === 0) ended.open();
        else (context.node as TestNode).send(other, { type: 'ball', payload: left - 1 });
      };
      b.on('ball', bounce(a));
      a.on('ball', bounce(b));
      a.send(b, { type: 'ball', payload: 200 });
      await ended.passed;
      const hops = (depth: number): [string, string][] =>
        upTo(depth).map((n) => (n % 2 === 0 ? ['a', 'b'] : ['b', 'a']));
      expect(found.get(64)).toMatchObject({ depth: 64, omittedHops: 0 });
      expect(found.get(64)?.path).toEqual(hops(64));
      for (const depth of [65, 66, 127, 200]) {
        const { path, omittedHops } = found.get(depth) as Causal;
        expect(path).toEqual([...hops(8), ...hops(depth).slice(-55)]);
        expect(omittedHops).toBe(depth - 63);
      }
    },

    'refuses an event deeper than maxDepth and names the hops that repeat': async (open) => {
      await using world = await open({ config: { causality: { maxDepth: 20 } } });
      const [ping, pong] = [world.node('ping'), world.node('pong')];
      let turns = 0;
      const refused = gate<HappenError>();
      for (const [node, other] of [
        [ping, pong],
        [pong, ping],
      ] as const) {
        node.on('ball', (_event, context) => {
          turns++;
          (context.node as TestNode).send(other, { type: 'ball' }).sent().catch(refused.open);
        });
      }
      ping.send(pong, { type: 'ball' });
      const error = await refused.passed;
      expect(error).toMatchObject({ code: 'HAPPEN_DEPTH_EXCEEDED', details: { maxDepth: 20 } });
      expect(error.message).toMatch(/ping → pong|pong → ping/);
      expect(turns).toBe(21);
    },

    'lets a chain be a thousand deep unless told otherwise': async (open) => {
      const opened = await pair(open);
      await using _ = opened.world;
      const { a, b } = opened;
      const deepest: number[] = [];
      const refused = gate<string>();
      for (const [node, other] of [
        [a, b],
        [b, a],
      ] as const) {
        node.on('ball', (event, context) => {
          deepest.push(event.context.causal.depth);
          (context.node as TestNode)
            .send(other, { type: 'ball' })
            .sent()
            .catch((error: { code: string }) => refused.open(error.code));
        });
      }
      a.send(b, { type: 'ball' });
      expect(await refused.passed).toBe('HAPPEN_DEPTH_EXCEEDED');
      expect(Math.max(...deepest)).toBe(1000);
    },
  },

  'EVENT-4': {
    'gives ids that say the time, never repeat, and sort in the order of the sends': async (open) => {
      const clock = virtualClock({ start: Date.UTC(2026, 4, 1, 12) });
      await using world = await open({ clock });
      const [a, b] = [world.node('a'), world.node('b')];
      b.on('t', (event) => event.context.causal.id);
      const round = (): Promise<string[]> =>
        Promise.all(upTo(500).map(() => a.send(b, { type: 't' }) as PromiseLike<string>));
      const first = await round();
      clock.jump(-60_000);
      const second = await round();
      const ids = [...first, ...second];
      for (const id of ids) expect(id).toMatch(uuidV7);
      expect(new Set(ids).size).toBe(1_000);
      expect([...ids].sort()).toEqual(ids);
      expect(Number.parseInt((ids[0] as string).replace('-', '').slice(0, 12), 16)).toBe(Date.UTC(2026, 4, 1, 12));
    },

    'takes ids of the user\u2019s own making': async (open) => {
      let made = 0;
      await using world = await open({ config: { ids: () => `id-${++made}` } });
      const [a, b] = [world.node('a'), world.node('b')];
      const first = await received(a, b, { type: 't' });
      const second = await received(a, b, { type: 't' });
      expect([first, second].map(({ context }) => context.causal.id)).toEqual(['id-1', 'id-2']);
      expect(second.context.causal.correlationId).toBe('id-2');
    },

    'refuses to send under an id that is none': async (open) => {
      let id: unknown = '';
      await using world = await open({ config: { ids: () => id as string } });
      const [a, b] = [world.node('a'), world.node('b')];
      for (id of ['', 7, undefined, 'x'.repeat(513)])
        expect(await codeOf(a.send(b, { type: 't' }))).toBe('HAPPEN_INVALID_CONFIG');
    },
  },

  'EVENT-5': {
    'has a hash that can be read at once in the first handler, and stays': async (open) => {
      const opened = await pair(open);
      await using _ = opened.world;
      const { a, b } = opened;
      b.on('t', ({ context: { causal } }) => [causal.hash, causal.hash]);
      const [one, again] = await a.send(b, { type: 't', payload: { n: 1 } });
      expect(one).toMatch(/^[0-9a-f]{64}$/);
      expect(again).toBe(one);
    },

    'hashes the same event to the same digits wherever it is received': async (open) => {
      const here = async (payload: unknown): Promise<string> => {
        await using world = await open({ config: { ids: () => 'fixed' } });
        const found = await received(world.node('a'), world.node('b'), {
          type: 't',
          payload,
          context: { user: { id: 'u' }, note: [1], integrity: { signature: 'left out of the hash' } },
        });
        return found.context.causal.hash;
      };
      await using reference = initializeHappen({ ids: () => 'fixed' });
      const atHome = await received(reference.createNode('a'), reference.createNode('b'), {
        type: 't',
        payload: { when: new Date(7), n: 1n },
        context: { user: { id: 'u' }, note: [1] },
      });
      expect(await here({ when: new Date(7), n: 1n })).toBe(atHome.context.causal.hash);
      expect(await here({ when: new Date(8), n: 1n })).not.toBe(atHome.context.causal.hash);
    },
  },
};
