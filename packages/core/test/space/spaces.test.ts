import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, vi } from 'vitest';
import { initializeHappen, type SystemEvent } from '../../src/index.js';

describe('several spaces in one process', () => {
  it('share nothing: ids, events, listeners, counts', async () => {
    const [one, two] = [initializeHappen(), initializeHappen()];
    const heard = vi.fn();
    for (const space of [one, two]) {
      const node = space.createNode('same');
      node.on('news', (event) => void heard(space === one ? 'one' : 'two', event.payload));
    }
    const failures: string[] = [];
    one.on('node.error', () => void failures.push('one'));
    two.on('node.error', () => void failures.push('two'));
    const sender = two.createNode('sender');
    await sender.broadcast({ type: 'news', payload: 1 }).sent();
    sender.send('only in one', { type: 'x' });
    one.createNode('only in one');
    await vi.waitFor(() => expect(failures).toEqual(['two']));
    expect(heard.mock.calls).toEqual([['two', 1]]);
    expect(one.metrics().talk).toEqual({ sent: 0, broadcast: 0, requests: 0, failedRequests: 0 });
    await one.close();
    expect(await sender.send('same', { type: 'news', payload: 2 })).toBeUndefined();
    expect(heard).toHaveBeenCalledTimes(2);
  });

  it('leave nothing with the runtime when they are closed', async () => {
    const disable = vi.spyOn(AsyncLocalStorage.prototype, 'disable');
    const space = initializeHappen();
    await space.createNode('a').send('a', { type: 'x' }).sent();
    expect(disable).not.toHaveBeenCalled();
    await space.close();
    expect(disable).toHaveBeenCalledTimes(1);
    disable.mockRestore();
  });

  it('keep a cause apart from what another space sends meanwhile', async () => {
    const [one, two] = [initializeHappen(), initializeHappen()];
    const inner = two.createNode('inner');
    inner.on('x', (event) => event.context.causal.sender);
    const outer = one.createNode('outer');
    outer.on('go', () => inner.send({ type: 'x' }));
    expect(await outer.send({ type: 'go' })).toBe('inner');
  });
});

describe('the members of a space', () => {
  it('may be taken out of it', async () => {
    const { createNode, createNodeArray, node, on, off, ready, metrics, close } = initializeHappen();
    const a = createNode('a');
    a.on('x', () => 'answer');
    await ready();
    const listener = vi.fn();
    on('node.unhandled', listener);
    off(listener);
    expect(await createNodeArray([a]).send({ type: 'x' })).toEqual({ a: 'answer' });
    expect(await a.send(node('a'), { type: 'x' })).toBe('answer');
    expect(metrics().talk.sent).toBe(2);
    expect(await close()).toEqual({ unfinished: [] });
    expect(listener).not.toHaveBeenCalled();
  });

  it('count what happened', async () => {
    const { createNode, metrics } = initializeHappen({ concurrency: { default: { maxConcurrent: 1, queueLimit: 1 } } });
    const node = createNode('node', { acceptFrom: ['node'] });
    const stranger = createNode('stranger');
    node.on('ok', () => 1);
    node.on('fail', () => {
      throw new Error('no');
    });
    node.on('slow', () => new Promise((resolve) => setImmediate(resolve)));
    const quietly = (sent: PromiseLike<unknown>): Promise<unknown> => Promise.resolve(sent).catch(() => {});
    await node.send({ type: 'ok' });
    await quietly(node.send({ type: 'fail' }));
    await quietly(node.send({ type: 'nothing' }));
    await quietly(stranger.send(node, { type: 'ok' }));
    await node.broadcast({ type: 'ok' }).sent();
    await Promise.all([1, 2, 3].map(() => quietly(node.send({ type: 'slow' }))));
    expect(metrics()).toEqual({
      talk: { sent: 7, broadcast: 1, requests: 7, failedRequests: 4 },
      nodes: { handled: 5, handlerFailures: 1, notAccepted: 1, unhandled: 1, queueFull: 1, schemaRejected: 0 },
      link: undefined,
      streams: { open: 0, dropped: 0 },
      latencies: undefined,
      queues: { node: { running: 0, waiting: 0 }, stranger: { running: 0, waiting: 0 } },
    });
  });
});

describe('happen.on', () => {
  it('tells nothing more to a handler that another one has taken back', async () => {
    const { createNode, on, off, close } = initializeHappen();
    const heard: string[] = [];
    const third = (): void => void heard.push('third');
    on('node.unhandled', () => {
      heard.push('first');
      endSecond();
      off(third);
    });
    const endSecond = on('node.unhandled', () => void heard.push('second'));
    on('node.*', third);
    const last = new Promise<void>((resolve) => on('node.**', () => resolve()));
    createNode('a').send({ type: 'unheard' });
    await last;
    expect(heard).toEqual(['first']);
    await close();
  });

  it('listens by type and by pattern, to what happens from then on until it is ended', async () => {
    const { createNode, on, off } = initializeHappen();
    const node = createNode('node');
    const heard: string[] = [];
    const keep = (name: string) => (event: SystemEvent) => void heard.push(`${name} ${event.type}`);
    const endFirst = on('node.error', keep('first'));
    const all = keep('all');
    on('node.*', all);
    on('node.{error,unhandled}', keep('both'));
    const provoke = async (): Promise<string[]> => {
      heard.length = 0;
      await node
        .send('nobody', { type: 'x' })
        .sent()
        .catch(() => {});
      node.send('nobody', { type: 'x' });
      node.send({ type: 'unhandled' });
      await new Promise((resolve) => setImmediate(resolve));
      return heard;
    };
    expect(await provoke()).toEqual([
      'first node.error',
      'all node.error',
      'both node.error',
      'all node.unhandled',
      'both node.unhandled',
    ]);
    endFirst();
    off(all);
    expect(await provoke()).toEqual(['both node.error', 'both node.unhandled']);
  });

  it("takes only patterns of the framework's own events, and only functions", () => {
    const { on } = initializeHappen();
    for (const pattern of ['order.*', '**', '*.error', 'node', '']) {
      expect(() => on(pattern, () => {})).toThrow(expect.objectContaining({ code: 'HAPPEN_INVALID_PATTERN' }));
    }
    expect(() => on((() => true) as never, () => {})).toThrow(
      expect.objectContaining({ code: 'HAPPEN_INVALID_PATTERN' }),
    );
    expect(() => on('node.error', undefined as never)).toThrow(
      expect.objectContaining({ code: 'HAPPEN_INVALID_OPTION' }),
    );
  });

  it('hands over events that nobody can change, told after what they tell of', async () => {
    const { createNode, on } = initializeHappen();
    const node = createNode('node');
    let inHandler = false;
    const told = new Promise<SystemEvent<'node.error'>>((resolve) => {
      on('node.error', (event) => {
        expect(inHandler).toBe(false);
        resolve(event);
      });
    });
    node.on('fail', () => {
      inHandler = true;
      try {
        throw new Error('no');
      } finally {
        queueMicrotask(() => {});
        inHandler = false;
      }
    });
    node.send({ type: 'fail' });
    const event = await told;
    expect(event.payload).toMatchObject({ nodeId: 'node', code: 'HAPPEN_HANDLER_FAILED', type: 'fail' });
    expect(event.context.causal.sender).toBe('system');
    for (const part of [event, event.payload, event.context]) expect(Object.isFrozen(part)).toBe(true);
  });

  it('is not disturbed by a listener that fails, which is logged', async () => {
    const logged = vi.fn();
    const { createNode, on } = initializeHappen({ logger: { debug() {}, info() {}, warn() {}, error: logged } });
    on('node.unhandled', () => {
      throw new Error('at once');
    });
    on('node.unhandled', async () => {
      throw new Error('later');
    });
    const heard = new Promise((resolve) => on('node.unhandled', resolve));
    createNode('node').send('node', { type: 'x' });
    await heard;
    await vi.waitFor(() => expect(logged).toHaveBeenCalledTimes(2));
  });
});
