import { EventEmitter, once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type HappenEvent, initializeHappen, memoryHub, type SystemEvent } from '../../src/index.js';
import { collected, heldMegabytes } from '../hardening/garbage.js';
import { gate, until, upTo } from '../talking/observing.js';
import type { TestNode } from '../talking/worlds.js';

/** A handler's node `b`, and what `c` heard: which start each event goes back to, told by its correlation. */
function following() {
  const { createNode, detached } = initializeHappen();
  const [a, b, c] = [createNode('a'), createNode('b'), createNode('c')];
  const heard: [said: string, correlation: string, depth: number][] = [];
  c.on('heard', ({ payload, context: { causal } }) => {
    heard.push([payload as string, causal.correlationId, causal.depth]);
  });
  const start = (correlationId: string) => a.send(b, { type: 'start', context: { causal: { correlationId } } });
  return { a, b, c, heard, start, detached };
}

describe('A cause is followed by Node.js', () => {
  const ways: Record<string, (tell: () => void) => void> = {
    setTimeout: (tell) => void setTimeout(tell, 1),
    setInterval: (tell) => {
      const interval = setInterval(() => {
        clearInterval(interval);
        tell();
      }, 1);
    },
    setImmediate: (tell) => void setImmediate(tell),
    queueMicrotask: (tell) => queueMicrotask(tell),
    'process.nextTick': (tell) => process.nextTick(tell),
    'a promise of a promise': (tell) => void Promise.resolve().then(async () => tell()),
    'a stream made in the handler': (tell) => {
      const stream = new PassThrough();
      stream.on('data', tell);
      setImmediate(() => stream.end('data'));
    },
    'an emitter that is told in the handler': (tell) => {
      const emitter = new EventEmitter();
      emitter.on('tick', tell);
      emitter.emit('tick');
    },
    'an async iterator over an emitter': (tell) => {
      const emitter = new EventEmitter();
      void once(emitter, 'tick').then(tell);
      setImmediate(() => emitter.emit('tick'));
    },
  };

  it.each(Object.entries(ways))('through %s, in flows that interleave', async (_name, way) => {
    const { b, c, heard, start } = following();
    b.on('start', ({ context }) => {
      way(() => void b.send(c, { type: 'heard', payload: context.causal.correlationId }));
    });
    const names = upTo(50).map((n) => `start-${n}`);
    await Promise.all(names.map((name) => start(name)));
    await until('all have been heard', () => heard.length === 50);
    expect([...heard].sort()).toEqual(names.map((name) => [name, name, 1]).sort());
  });

  it('to the server that a handler started, unless it was detached', async () => {
    const { b, c, heard, start, detached } = following();
    const serve = async (said: string): Promise<void> => {
      const server = createServer((_request, response) => {
        void b.send(c, { type: 'heard', payload: said }).then(() => response.end());
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      servers.set(said, server);
    };
    const servers = new Map<string, ReturnType<typeof createServer>>();
    b.on('start', async () => {
      await serve('within');
      await detached(() => serve('detached'));
    });
    await start('order-7');
    for (const server of servers.values()) {
      await new Promise<void>((resolve) => {
        const { port } = server.address() as AddressInfo;
        request({ port, host: '127.0.0.1', agent: false }, (answer) => answer.resume().on('end', resolve)).end();
      });
      server.close();
    }
    expect(heard.find(([said]) => said === 'detached')?.[2]).toBe(0);
    expect(heard.find(([said]) => said === 'detached')?.[1]).not.toBe('order-7');
    expect(heard.find(([said]) => said === 'within')).toEqual(['within', 'order-7', 1]);
  });
});

describe('A loop of broadcasts', () => {
  it.each([
    ['within a space', false],
    ['across the hub', true],
  ])('ends %s with an error that names it, and the space goes on', async (_where, across) => {
    const hub = memoryHub();
    const open = () =>
      initializeHappen({
        causality: { maxDepth: 100 },
        ...(across && { transport: hub.transport() }),
      });
    const here = open();
    const there = across ? open() : here;
    await Promise.all([here.ready(), there.ready()]);
    const errors: SystemEvent<'node.error'>[] = [];
    for (const space of new Set([here, there])) space.on('node.error', (event) => void errors.push(event));
    const [ping, pong] = [here.createNode('ping'), there.createNode('pong')];
    let heard = 0;
    ping.on('pong', (_event, { node }) => {
      heard++;
      (node as TestNode).broadcast({ type: 'ping' });
    });
    pong.on('ping', (_event, { node }) => {
      heard++;
      (node as TestNode).broadcast({ type: 'pong' });
    });
    await new Promise((resolve) => void setImmediate(resolve));
    ping.broadcast({ type: 'ping' });
    await until('it is refused', () => errors.length === 1);
    expect(errors[0]?.payload).toMatchObject({ code: 'HAPPEN_DEPTH_EXCEEDED' });
    expect(errors[0]?.payload.message).toMatch(/ping → pong → ping|pong → ping → pong/);
    expect(heard).toBe(101);
    pong.on('question', () => 'answer');
    expect(await ping.send('pong', { type: 'question' })).toBe('answer');
    expect(errors).toHaveLength(1);
  });
});

describe('What is kept', () => {
  it('of chains as deep as there may be is no more than of short ones', { timeout: 120_000 }, async () => {
    const { createNode } = initializeHappen({ causality: { maxDepth: 100_000, tracking: 'explicit' } });
    const [a, b] = [createNode('a'), createNode('b')];
    const ended = gate();
    let left = 300_000;
    let latest: HappenEvent | undefined;
    const pass =
      (other: TestNode) =>
      (event: HappenEvent, { node }: { readonly node: unknown }) => {
        latest = event;
        if (--left === 0) ended.open();
        else {
          // The deepest chain there may be, and then another.
          const detached = event.context.causal.depth === 100_000;
          (node as TestNode).send(other, { type: 'ball', payload: { n: left } }, detached ? { detached } : undefined);
        }
      };
    a.on('ball', pass(b));
    b.on('ball', pass(a));
    a.on('warm.up', () => null);
    for (let n = 0; n < 2_000; n++) await b.send(a, { type: 'warm.up' });
    const before = await heldMegabytes();
    a.send(b, { type: 'ball' });
    await ended.passed;
    const held = (await heldMegabytes()) - before;
    expect(latest?.context.causal.depth).toBeGreaterThan(90_000);
    expect(latest?.context.causal.path).toHaveLength(63);
    // A link for each hop took 6.6 MB at a depth of 100 000.
    expect(held).toBeLessThan(3);
  });

  it('by an interval in a handler is the event it was started by; detached, nothing', async () => {
    const { createNode, detached } = initializeHappen();
    const [a, b] = [createNode('a'), createNode('b')];
    const refs = new Map<string, WeakRef<object>>();
    const intervals: NodeJS.Timeout[] = [];
    b.on('start', ({ payload }) => {
      const { how } = payload as { how: string };
      refs.set(how, new WeakRef(payload as object));
      const start = (): void => void intervals.push(setInterval(tick, 60_000));
      if (how === 'detached') detached(start);
      else start();
    });
    await a.send(b, { type: 'start', payload: { how: 'within' } });
    await a.send(b, { type: 'start', payload: { how: 'detached' } });
    // Another flow, so that none of the two is the latest of anything.
    await a.send(b, { type: 'start', payload: { how: 'after' } });
    await collected();
    expect(refs.get('within')?.deref()).toBeDefined();
    expect(refs.get('detached')?.deref()).toBeUndefined();
    for (const interval of intervals) clearInterval(interval);
    intervals.length = 0;
    await collected();
    expect(refs.get('within')?.deref()).toBeUndefined();
  });
});

function tick(): void {}
