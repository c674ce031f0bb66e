import { once } from 'node:events';
import { threadId, type Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { type CausalTree, type HappenEvent, initializeHappen, isHappenError } from '../../src/index.js';
import { messagePortHub, messagePortTransport } from '../../src/message-port.js';
import { thread } from './threads/thread.js';

const workers: Worker[] = [];
afterEach(async () => void (await Promise.all(workers.splice(0).map((worker) => worker.terminate()))));

function started(data: object = {}): Worker {
  const worker = thread('server.ts', data);
  workers.push(worker);
  return worker;
}

function codeOf(answer: PromiseLike<unknown>): Promise<unknown> {
  return Promise.resolve(answer).then(
    (value) => value,
    (error: unknown) => (isHappenError(error) ? error.code : error),
  );
}

describe('a node in a worker thread', () => {
  it('answers what was sent to it before its thread had come up', async () => {
    await using happen = initializeHappen({ transport: messagePortTransport(started()) });
    const answers = [1, 2, 3].map((n) => happen.createNode(`n${n}`).send('server', { type: 'double', payload: n }));
    expect(await Promise.all(answers)).toEqual([2, 4, 6]);
    expect(await happen.createNode('asker').send('server', { type: 'where' })).not.toBe(threadId);
  });

  it('is told to be nowhere at once when the other side has no such node', async () => {
    await using happen = initializeHappen({ transport: messagePortTransport(started()) });
    expect(await codeOf(happen.createNode('a').send('nobody', { type: 'x' }))).toBe('HAPPEN_NO_SUCH_NODE');
  });

  it('ends each of 1 000 requests with an answer or a coded error when it is terminated in their middle', async () => {
    const worker = started();
    await using happen = initializeHappen({ transport: messagePortTransport(worker) });
    const statuses: unknown[] = [];
    happen.on('system.connection-status', ({ payload }) => void statuses.push((payload as { status: string }).status));
    const asker = happen.createNode('asker');
    await happen.ready();
    const fates = Array.from({ length: 1_000 }, (_, n) => {
      if (n === 500) void worker.terminate();
      return codeOf(asker.send('server', { type: n % 2 === 0 ? 'double' : 'never', payload: n }));
    });
    const found = await Promise.all(fates);
    expect(found.filter((fate, n) => fate !== n * 2 && fate !== 'HAPPEN_DISCONNECTED')).toEqual([]);
    expect(found.filter((fate) => fate === 'HAPPEN_DISCONNECTED').length).toBeGreaterThanOrEqual(500);
    expect(await codeOf(asker.send('server', { type: 'double', payload: 1 }))).toBe('HAPPEN_DISCONNECTED');
    expect(statuses).toEqual(['connected', 'disconnected']);
  });

  it('ends what it was asked when its thread exits by itself', async () => {
    await using happen = initializeHappen({ transport: messagePortTransport(started()) });
    const asker = happen.createNode('asker');
    const waiting = codeOf(asker.send('server', { type: 'never' }));
    expect(await asker.send('server', { type: 'double', payload: 2 })).toBe(4);
    asker.send('server', { type: 'exit', payload: 3 });
    expect(await waiting).toBe('HAPPEN_DISCONNECTED');
  });

  it('ends what it was asked when its space is closed, and the thread ends by itself then', async () => {
    const worker = started();
    await using happen = initializeHappen({ transport: messagePortTransport(worker) });
    const asker = happen.createNode('asker');
    const ended = once(worker, 'exit');
    const waiting = codeOf(asker.send('server', { type: 'never' }));
    expect(await asker.send('server', { type: 'double', payload: 2 })).toBe(4);
    asker.send('server', { type: 'close' });
    expect(await waiting).toMatch(/^HAPPEN_(DISCONNECTED|CLOSED|CANCELLED)$/);
    expect(await ended).toEqual([0]);
  });

  it('keeps causes across the threads, also after an await, and can be asked about them on both sides', async () => {
    await using happen = initializeHappen({ transport: messagePortTransport(started()) });
    const main = happen.createNode('main');
    const reserved: HappenEvent[] = [];
    main.on('stock.reserve', (event) => {
      reserved.push(event);
      main.send('server', { type: 'double', payload: 1 });
    });
    const placed = await main.send('server', {
      type: 'order.placed',
      context: { causal: { correlationId: 'order-7' } },
    });
    const { id, tree } = placed as { id: string; tree: CausalTree };
    expect(reserved.map(({ context }) => context.causal)).toMatchObject([
      { sender: 'server', causationId: id, correlationId: 'order-7', depth: 1 },
    ]);
    const here = happen.causality.tree('order-7');
    const [root, ...others] = here.roots;
    expect(others).toEqual([]);
    expect(root?.event).toMatchObject({ id, type: 'order.placed', sender: 'main', target: 'server', depth: 0 });
    expect(root?.effects.map(({ event }) => event.type)).toEqual(['stock.reserve']);
    expect(root?.effects[0]?.effects.map(({ event }) => event.type)).toEqual(['double']);
    expect([here.size, here.complete]).toEqual([3, true]);
    // The other thread was asked before it had the last of them.
    expect(tree.roots[0]?.event).toMatchObject({ id, received: true });
    expect(tree.roots[0]?.effects[0]?.event).toMatchObject({ type: 'stock.reserve', causationId: id, received: false });
    const { events, complete } = happen.causality.pathToRoot(root?.effects[0]?.effects[0]?.event.id as string);
    expect([events.map(({ type }) => type), complete]).toEqual([['double', 'stock.reserve', 'order.placed'], true]);
  });

  it('is taken over by another thread, at the same transport', async () => {
    const worker = started();
    const transport = messagePortTransport(worker);
    await using happen = initializeHappen({ transport });
    const told: unknown[] = [];
    const reconnected = new Promise<void>((resolve) => {
      happen.on('system.connection-status', ({ payload }) => {
        told.push((payload as { status: string }).status);
        if (told.at(-1) === 'reconnected') resolve();
      });
    });
    const asker = happen.createNode('asker');
    expect(await asker.send('server', { type: 'double', payload: 1 })).toBe(2);
    const waiting = codeOf(asker.send('server', { type: 'never' }));
    await worker.terminate();
    expect(await waiting).toBe('HAPPEN_DISCONNECTED');
    transport.connect(started());
    await reconnected;
    expect(await asker.send('server', { type: 'double', payload: 2 })).toBe(4);
    expect(told).toEqual(['connected', 'disconnected', 'reconnected']);
  });

  it('tells of a thread that never came up', async () => {
    const worker = thread('server.ts', { module: 'data:text/javascript,' });
    await using happen = initializeHappen({ transport: messagePortTransport(worker) });
    await expect(happen.ready()).rejects.toMatchObject({
      code: 'HAPPEN_DISCONNECTED',
      message: expect.stringContaining('exit code 0'),
    });
    expect(await codeOf(happen.createNode('a').send('server', { type: 'where' }))).toBe('HAPPEN_DISCONNECTED');
  });
});

describe('several worker threads at a hub', () => {
  it('reach the main thread and each other from the first event on', async () => {
    const hub = messagePortHub();
    await using happen = initializeHappen({ transport: hub.transport() });
    const main = happen.createNode('main');
    main.on('where', () => threadId);
    for (const name of ['one', 'two', 'three']) hub.connect(started({ name }));
    const [one, two, three] = await Promise.all(
      ['one', 'two', 'three'].map((name) => main.send(name, { type: 'where' }).return()),
    );
    expect(new Set([one, two, three, threadId]).size).toBe(4);
    expect(await main.send('one', { type: 'ask', payload: 'two' })).toBe(two);
    expect(await main.send('two', { type: 'ask', payload: 'main' })).toBe(threadId);
    expect(await codeOf(main.send('three', { type: 'ask', payload: 'nobody' }))).toBe('HAPPEN_HANDLER_FAILED');
    expect(hub.counts().malformed).toBe(0);
    hub.close();
  });

  it('go on when one of them ends, and share its work among those of its name', async () => {
    const changes: string[] = [];
    const hub = messagePortHub({
      changed: (_, status, reason = '') => void changes.push(`${status} ${reason}`.trim()),
    });
    await using happen = initializeHappen({ transport: hub.transport() });
    const main = happen.createNode('main');
    const [first, second] = [started(), started()];
    for (const worker of [first, second]) hub.connect(worker);
    const where = (): Promise<unknown> => codeOf(main.send('server', { type: 'where' }));
    await expect
      .poll(async () => new Set([await where(), await where()]), { timeout: 30_000 })
      .toEqual(new Set([first.threadId, second.threadId]));
    const waiting: Promise<unknown>[] = [];
    for (const _ of [first, second]) {
      waiting.push(codeOf(main.send('server', { type: 'never' }, { timeout: 60_000 })));
      // What is sent to one node in one turn goes to one worker.
      await new Promise((resolve) => void setImmediate(resolve));
    }
    const survivor = second.threadId;
    await first.terminate();
    expect(await Promise.race(waiting)).toBe('HAPPEN_DISCONNECTED');
    expect([await where(), await where()]).toEqual([survivor, survivor]);
    await second.terminate();
    expect(await Promise.all(waiting)).toEqual(['HAPPEN_DISCONNECTED', 'HAPPEN_DISCONNECTED']);
    expect(await where()).toBe('HAPPEN_NO_SUCH_NODE');
    expect(changes).toEqual([
      'connected',
      'connected',
      'disconnected the worker has ended with exit code 1',
      'disconnected the worker has ended with exit code 1',
    ]);
  });
});
