import { expect } from 'vitest';
import type { EventStream, HappenEvent, StandardSchema } from '../../../src/index.js';
import { virtualClock } from '../../../../testing/src/clock/virtual-clock.js';
import type { Clauses } from '../clause.js';
import { codeOf, gate, until, upTo } from '../observing.js';
import { type OpenWorld, type TestNode, turn, type World } from '../worlds.js';

type AnyStream = EventStream<any, any>;
type Streamed = HappenEvent & { [Symbol.asyncIterator](): AnyStream };

/** A node that broadcasts, and two that may receive: one in its space, one not (where there are two spaces). */
async function three(open: OpenWorld): Promise<{ world: World; source: TestNode; far: TestNode; near: TestNode }> {
  const world = await open();
  return { world, source: world.node('source'), far: world.node('far'), near: world.node('near') };
}

function openStreams(world: World): number {
  return world.spaces.reduce((sum, space) => sum + space.metrics().streams.open, 0);
}

/** A handler that takes so many items of the stream it receives, and gives them out. */
function taking(count: number): {
  readonly items: Promise<unknown[]>;
  readonly handler: (event: Streamed) => Promise<void>;
} {
  const done = gate<unknown[]>();
  return {
    items: done.passed,
    async handler(event) {
      const items: unknown[] = [];
      for await (const item of event) if (items.push(item) === count) break;
      done.open(items);
    },
  };
}

export const broadcastStreamClauses: Clauses = {
  'TALK-6 broadcasts': {
    'lets every receiver iterate over the event whose generator its sender has': async (open) => {
      const { world, source, far, near } = await three(open);
      await using _ = world;
      let [made, received] = [0, 0];
      source.on('metrics', async function* ({ payload }, { expectsResponse }) {
        received++;
        for (;;) {
          await turn();
          yield [payload, expectsResponse, ++made];
        }
      });
      const [one, two] = [taking(20), taking(20)];
      far.on('metrics', one.handler);
      near.on('metrics', two.handler);
      await world.listening();
      source.broadcast({ type: 'metrics', payload: 'p' });
      for (const { items } of [one, two]) {
        // Whoever comes later has missed nothing.
        expect(await items).toEqual(upTo(20).map((index) => ['p', false, index + 1]));
      }
      expect(received).toBe(1);
    },

    'lets a receiver iterate as well whose schema makes something else of the payload': async (open) => {
      await using world = await open();
      const schema: StandardSchema = {
        '~standard': {
          version: 1,
          vendor: 'clause',
          validate: (payload) => ({ value: { ...(payload as object), checked: true } }),
        },
      };
      const source = world.node('source');
      const nodes = [
        world.node('far', { events: { metrics: schema } }),
        world.node('near', { events: { metrics: schema } }),
      ];
      source.on('metrics', function* () {
        yield 1;
        yield 2;
      });
      const taken: unknown[] = [];
      for (const node of nodes) {
        node.on('metrics', async (event: Streamed) => {
          const items: unknown[] = [];
          for await (const item of event) items.push(item);
          taken.push([event.payload, items]);
        });
      }
      await world.listening();
      source.broadcast({ type: 'metrics', payload: { of: 'source' } });
      await until('both have taken them', () => taken.length === 2);
      const expected = [{ of: 'source', checked: true }, [1, 2]];
      expect(taken).toEqual([expected, expected]);
    },

    'gives what the generator returns to all, and tells all of its failure': async (open) => {
      const { world, source, far, near } = await three(open);
      await using _ = world;
      const ends: unknown[] = [];
      source.on('finite', async function* () {
        yield 1;
        return 'the end';
      });
      source.on('breaks', async function* () {
        yield 1;
        throw new Error('no');
      });
      for (const node of [far, near]) {
        node.on('finite', async (event: Streamed) => {
          const stream = event[Symbol.asyncIterator]();
          for await (const _item of stream);
          ends.push(await stream.result);
        });
        node.on('breaks', async (event: Streamed) => {
          ends.push(
            await codeOf(
              Promise.resolve(event[Symbol.asyncIterator]()).then(async (stream) => {
                for await (const _item of stream);
              }),
            ),
          );
        });
      }
      await world.listening();
      source.broadcast({ type: 'finite' });
      await until('all have seen the end', () => ends.length === 2);
      expect(ends).toEqual(['the end', 'the end']);
      source.broadcast({ type: 'breaks' });
      await until('all have seen the failure', () => ends.length === 4);
      expect(ends.slice(2)).toEqual(['HAPPEN_HANDLER_FAILED', 'HAPPEN_HANDLER_FAILED']);
      await until('nothing is left', () => openStreams(world) === 0);
    },

    'does not pull the generator while nobody listens, and ends it after the timeout': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [source, far] = [world.node('source'), world.node('far')];
      let begun = false;
      const got = gate<Streamed>();
      source.on('metrics', async function* () {
        begun = true;
        yield 1;
      });
      far.on('metrics', (event: Streamed) => got.open(event));
      await world.listening();
      source.broadcast({ type: 'metrics' }, { timeout: 1_000 });
      const event = await got.passed;
      await clock.advance(900);
      expect(openStreams(world)).toBe(1);
      await clock.advance(200);
      await until('it is over', () => openStreams(world) === 0);
      expect(begun).toBe(false);
      const late = event[Symbol.asyncIterator]();
      expect(await codeOf(late.next())).toBe('HAPPEN_TIMEOUT');
    },

    'ends the generator when the last receiver has left for good': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [source, far, near] = [world.node('source'), world.node('far'), world.node('near')];
      const cleaned = gate();
      source.on('metrics', async function* () {
        try {
          for (let i = 0; ; i++) {
            await turn();
            yield i;
          }
        } finally {
          cleaned.open();
        }
      });
      const [one, two] = [taking(3), taking(30)];
      far.on('metrics', one.handler);
      near.on('metrics', two.handler);
      await world.listening();
      source.broadcast({ type: 'metrics' }, { timeout: 1_000 });
      expect(await one.items).toHaveLength(3);
      expect(await two.items).toHaveLength(30);
      for (let step = 0; step < 40; step++) await clock.advance(100);
      await cleaned.passed;
      await until('nothing is left', () => openStreams(world) === 0);
    },

    'does not let a slow receiver hold up another: its oldest items give way, and are counted': async (open) => {
      const { world, source, far, near } = await three(open);
      await using _ = world;
      source.on('metrics', function* () {
        yield* upTo(5_000);
      });
      const [begun, slow] = [gate(), gate()];
      const seen: number[] = [];
      const dropped = gate<number>();
      far.on('metrics', async (event: Streamed) => {
        const stream = event[Symbol.asyncIterator]();
        for await (const item of stream) {
          seen.push(item);
          begun.open();
          await slow.passed;
        }
        dropped.open(stream.dropped);
      });
      const fast = gate<number[]>();
      near.on('metrics', async (event: Streamed) => {
        await begun.passed;
        const items: number[] = [];
        for await (const item of event) items.push(item);
        fast.open(items);
      });
      await world.listening();
      source.broadcast({ type: 'metrics' });
      const items = await fast.passed;
      expect(items).toEqual(upTo(5_000));
      slow.open();
      const lost = await dropped.passed;
      expect(lost).toBeGreaterThan(0);
      expect(seen.length + lost).toBe(5_000);
      expect(seen.at(-1)).toBe(4_999);
      expect(seen).toEqual([...seen].sort((one, two) => one - two));
      expect(world.spaceOf(source).metrics().streams.dropped).toBe(lost);
    },

    'waits for the slowest receiver when asked to, and loses nothing': async (open) => {
      const { world, source, far, near } = await three(open);
      await using _ = world;
      let made = 0;
      source.on('metrics', function* () {
        for (; made < 3_000; made++) yield made;
      });
      const release = gate();
      const lists: number[][] = [];
      const held = gate<number>();
      far.on('metrics', async (event: Streamed) => {
        const items: number[] = [];
        for await (const item of event) {
          items.push(item);
          if (items.length === 1) {
            held.open(item);
            await release.passed;
          }
        }
        lists.push(items);
      });
      near.on('metrics', async (event: Streamed) => {
        await held.passed;
        const items: number[] = [];
        for await (const item of event) items.push(item);
        lists.push(items);
      });
      await world.listening();
      source.broadcast({ type: 'metrics' }, { overflow: 'block' });
      const first = await held.passed;
      await turn();
      // The buffer, and where there is a transport, what is on its way.
      expect(made - first).toBeLessThanOrEqual(world.crosses ? 2 * 257 : 258);
      release.open();
      await until('both are through', () => lists.length === 2);
      for (const items of lists) expect(items).toEqual(upTo(3_000));
      expect(world.spaceOf(source).metrics().streams.dropped).toBe(0);
    },

    'goes on when the slowest receiver has left': async (open) => {
      const { world, source, far, near } = await three(open);
      await using _ = world;
      source.on('metrics', function* () {
        yield* upTo(2_000);
      });
      const [begun, leave] = [gate(), gate()];
      const all = gate<number[]>();
      far.on('metrics', async (event: Streamed) => {
        for await (const _item of event) {
          begun.open();
          await leave.passed;
          break;
        }
      });
      let taken = 0;
      near.on('metrics', async (event: Streamed) => {
        await begun.passed;
        const items: number[] = [];
        for await (const item of event) {
          items.push(item);
          taken = items.length;
        }
        all.open(items);
      });
      await world.listening();
      source.broadcast({ type: 'metrics' }, { overflow: 'block' });
      await until('the other one has to wait', () => taken > 200);
      leave.open();
      expect(await all.passed).toEqual(upTo(2_000));
    },

    'ends at once where the sender does not take its own broadcast': async (open) => {
      await using world = await open();
      const source = world.node('source', { acceptFrom: ['somebody'] });
      source.on('metrics', function* () {
        yield 1;
      });
      const ends: unknown[] = [];
      for (const node of [world.node('far'), world.node('near')]) {
        node.on('metrics', async (event: Streamed) => {
          const items: unknown[] = [];
          for await (const item of event) items.push(item);
          ends.push(items);
        });
      }
      await world.listening();
      source.broadcast({ type: 'metrics' }, { timeout: '1h' });
      await until('both have seen the end', () => ends.length === 2);
      expect(ends).toEqual([[], []]);
      await until('nothing is left', () => openStreams(world) === 0);
    },

    'ends a generator that could begin only when nobody was there any more': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const source = world.node('source', { concurrency: { maxConcurrent: 1 } });
      const far = world.node('far');
      const [begun, goOn] = [gate(), gate()];
      source.on('busy', () => {
        begun.open();
        return goOn.passed;
      });
      source.on('metrics', function* () {
        yield 1;
      });
      const heard = gate();
      far.on('metrics', () => heard.open());
      await world.listening();
      source.send({ type: 'busy' });
      await begun.passed;
      source.broadcast({ type: 'metrics' }, { timeout: 1_000 });
      await heard.passed;
      await clock.advance(1_100);
      goOn.open();
      const last = source.send({ type: 'busy' });
      await last;
      await until('nothing is left', () => openStreams(world) === 0);
      const { running, waiting } = world.spaceOf(source).metrics().queues['source'] ?? expect.fail();
      expect({ running, waiting }).toEqual({ running: 0, waiting: 0 });
    },

    'sets no deadline to who receives it': async (open) => {
      const clock = virtualClock();
      await using world = await open({ clock });
      const [source, far, other] = [world.node('source'), world.node('far'), world.node('other')];
      source.on('metrics', function* () {
        yield 1;
      });
      const begun = gate();
      const answered = gate<unknown>();
      other.on('report', async () => {
        begun.open();
        await new Promise<void>((resolve) => void clock.setTimer(20_000, resolve));
        return 'reported';
      });
      far.on('metrics', async (event: Streamed, context) => {
        for await (const _item of event);
        const asked = (context.node as TestNode).send(other, { type: 'report' }).return();
        answered.open(await asked.catch((error: { code: string }) => error.code));
      });
      await world.listening();
      source.broadcast({ type: 'metrics' }, { timeout: 1_000 });
      await begun.passed;
      await clock.advance(20_000);
      expect(await answered.passed).toBe('reported');
    },

    'starts no stream where the sender has no generator, or another node has': async (open) => {
      const { world, source, far, near } = await three(open);
      await using _ = world;
      const seen: unknown[] = [];
      let drained = 0;
      near.on('plain', async function* () {
        yield 1;
        drained++;
      });
      source.on('plain', () => 'result');
      far.on('plain', (event: object) => void seen.push(Symbol.asyncIterator in event));
      await world.listening();
      source.broadcast({ type: 'plain' });
      await until('all have handled it', () => seen.length === 1 && drained === 1);
      expect(seen).toEqual([false]);
      await expect(async () =>
        source.broadcast({ type: 'plain' }, { overflow: 'sometimes' as never }).sent(),
      ).rejects.toMatchObject({
        code: 'HAPPEN_INVALID_OPTION',
        details: { option: 'overflow' },
      });
    },

    'causes what the generator emits by the broadcast, and ends with its space': async (open) => {
      const { world, source, far, near } = await three(open);
      await using _ = world;
      const notes: HappenEvent[] = [];
      near.on('note', (event) => void notes.push(event));
      source.on('metrics', async function* (_event, context) {
        while (!context.signal.aborted) {
          await turn();
          world.within(source, context).send(near, { type: 'note' });
          yield 1;
        }
      });
      const begun = gate<HappenEvent>();
      far.on('metrics', async (event: Streamed) => {
        for await (const _item of event) begun.open(event);
      });
      await world.listening();
      source.broadcast({ type: 'metrics' });
      const event = await begun.passed;
      await until('a note has come', () => notes.length > 0);
      expect(notes[0]?.context.causal.causationId).toBe(event.context.causal.id);
      expect((await world.spaceOf(source).close()).unfinished).toEqual([]);
    },
  },
};
