import { EventEmitter } from 'node:events';
import { expect } from 'vitest';
import type { Causal } from '../../../src/index.js';
import type { Clauses } from '../clause.js';
import { codeOf, gate, until, upTo } from '../observing.js';
import { type TestNode, turn } from '../worlds.js';

/** What a root looks like to its receiver. */
const root = { caused: false, depth: 0, path: [], user: undefined };

/** Lets a node answer where what it receives stands. */
function answersStanding(node: TestNode): void {
  node.on('stand', ({ context: { causal, user } }) => ({
    caused: 'causationId' in causal,
    depth: causal.depth,
    path: causal.path,
    user: user as unknown,
  }));
}

const asked = { type: 'first', context: { user: { id: 'u1' } } };

export const detachedClauses: Clauses = {
  'SPACE-9': {
    'makes roots of what is sent inside, also after await, and gives back its result': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const { detached } = world.spaceOf(b);
      answersStanding(c);
      b.on('first', async () => {
        const plain = detached(() => 'plain');
        const list = await detached(async () => {
          const early: unknown = await b.send(c, { type: 'stand' });
          await turn();
          await Promise.all([1, 2]);
          return [early, await b.send(c, { type: 'stand' })];
        });
        return [plain, ...list];
      });
      expect(await a.send(b, asked)).toEqual(['plain', root, root]);
    },

    'makes roots of what timers, microtasks, emitters and promises started inside send': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const { detached } = world.spaceOf(b);
      answersStanding(c);
      const emitter = new EventEmitter();
      const answers: unknown[] = [];
      const ended = gate();
      b.on('first', (_event, context) => {
        context['ticks'] = 0;
        detached(() => {
          const send = (): void => void b.send(c, { type: 'stand' }).then((found) => answers.push(found));
          const interval = setInterval(() => {
            send();
            if (++context['ticks'] === 3) {
              clearInterval(interval);
              ended.open();
            }
          }, 1);
          setTimeout(send, 1);
          setImmediate(send);
          queueMicrotask(send);
          void Promise.resolve().then(send);
          emitter.on('tick', () => setImmediate(send));
          setImmediate(() => emitter.emit('tick'));
        });
      });
      a.send(b, asked);
      await ended.passed;
      await until('all are answered', () => answers.length === 8);
      expect(answers).toEqual(upTo(8).map(() => root));
    },

    'goes on with the cause after it, and does so when it throws': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const { detached } = world.spaceOf(b);
      answersStanding(c);
      b.on('first', () => {
        expect(() =>
          detached(() => {
            throw new RangeError('mine');
          }),
        ).toThrow(new RangeError('mine'));
        detached(() => detached(() => {}));
        return b.send(c, { type: 'stand' });
      });
      expect(await a.send(b, asked)).toEqual({ caused: true, depth: 1, path: [['a', 'b']], user: { id: 'u1' } });
    },

    'nests, with detached sends in it': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const { detached } = world.spaceOf(b);
      answersStanding(c);
      b.on('first', () =>
        detached(() => {
          const inner = detached(() => b.send(c, { type: 'stand' }).return());
          const after = b.send(c, { type: 'stand' }).return();
          const twice = b.send(c, { type: 'stand' }, { detached: true }).return();
          return Promise.all([inner, after, twice]);
        }),
      );
      expect(await a.send(b, asked)).toEqual([root, root, root]);
    },

    'lets what is received in consequence be a cause again': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const { detached } = world.spaceOf(b);
      const seen: Causal[] = [];
      const late = gate<Causal>();
      b.on('second', ({ context: { causal } }) => void seen.push(causal));
      b.on('third', ({ context: { causal } }) => late.open(causal));
      c.on('begin', async (event, context) => {
        seen.push(event.context.causal);
        await c.send(b, { type: 'second' });
        setImmediate(() => void world.within(c, context).send(b, { type: 'third' }));
        return event.context.causal.id;
      });
      b.on('first', () => detached(() => b.send(c, { type: 'begin' })));
      const id: string = await a.send(b, asked);
      expect(seen).toMatchObject([
        { id, depth: 0, correlationId: id },
        { causationId: id, depth: 1, correlationId: id },
      ]);
      expect(await late.passed).toMatchObject({ causationId: id, depth: 1 });
    },

    'makes roots of broadcasts, sends to many and batches inside': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const { detached, createNodeArray } = world.spaceOf(b);
      const depths: Record<string, unknown> = {};
      c.on('news', ({ context: { causal } }) => {
        depths[String(causal.sender)] = causal.depth;
      });
      answersStanding(c);
      c.on('batch', (events) =>
        (events as unknown as { context: { causal: Causal } }[]).map((e) => e.context.causal.depth),
      );
      await world.listening();
      b.on('first', async () => {
        await detached(() => b.broadcast({ type: 'news' }).sent());
        return detached(() =>
          Promise.all([
            b.send([c], { type: 'stand' }).return(({ c: found }) => found as unknown),
            b.send(c, [{ type: 'batch' }, { type: 'batch' }]).return(),
            createNodeArray([b])
              .send({ type: 'self' })
              .return(({ b: found }) => found as unknown),
          ]),
        );
      });
      b.on('self', ({ context: { causal } }) => causal.depth);
      expect(await a.send(b, asked)).toEqual([root, [0, 0], 0]);
      await until('the news have come', () => 'b' in depths);
      expect(depths).toEqual({ b: 0 });
    },

    'leaves context.node its cause, which it names wherever it is used': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const { detached } = world.spaceOf(b);
      c.on('cause', ({ context: { causal } }) => causal.causationId);
      b.on('first', (event, { node }) =>
        detached(() => (node as TestNode).send(c, { type: 'cause' })).return(
          (cause) => cause === event.context.causal.id,
        ),
      );
      expect(await a.send(b, asked)).toBe(true);
    },

    'gives what it sends its own time, not what is left of the flow around it': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const { detached } = world.spaceOf(b);
      const answered = gate<unknown>();
      const release = gate();
      c.on('slow', () => release.passed.then(() => 'done'));
      b.on('first', () => {
        detached(() => void b.send(c, { type: 'slow' }).return(answered.open));
        return new Promise(() => {});
      });
      expect(await codeOf(a.send(b, asked, { timeout: 5 }))).toBe('HAPPEN_TIMEOUT');
      release.open();
      expect(await answered.passed).toBe('done');
    },

    'makes a root of a detached broadcast': async (open) => {
      await using world = await open();
      const [a, b, c] = [world.node('a'), world.node('b'), world.node('c')];
      const news = gate<Causal>();
      c.on('news', ({ context: { causal } }) => news.open(causal));
      await world.listening();
      b.on('first', (_event, { node }) => void (node as TestNode).broadcast({ type: 'news' }, { detached: true }));
      a.send(b, asked);
      const { depth, id, correlationId } = await news.passed;
      expect([depth, correlationId]).toEqual([0, id]);
    },

    'can be called outside of flows, and refuses what is no function': async (open) => {
      await using world = await open();
      const { detached } = world.spaces[0] as { detached: (run: unknown) => unknown };
      expect(detached(() => 7)).toBe(7);
      for (const wrong of [undefined, null, {}, 'text']) {
        expect(() => detached(wrong)).toThrow(expect.objectContaining({ code: 'HAPPEN_INVALID_OPTION' }));
      }
    },
  },
};
