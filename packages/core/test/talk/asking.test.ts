import { describe, expect, it, vi } from 'vitest';
import { initializeHappen, type Node, type SendHandle, type Space } from '../../src/index.js';

interface World {
  readonly space: Space;
  /** Answers with whether the sender waits. */
  readonly server: Node<any, any, readonly [], any>;
  readonly client: Node<any, any, readonly [], any>;
  readonly asks: () => SendHandle<any>;
}

function world(): World {
  const space = initializeHappen();
  const server = space.createNode('server');
  const client = space.createNode('client');
  server.on('ask', (_, context) => ({ expected: context.expectsResponse }));
  server.on('fail', () => {
    throw new Error('no');
  });
  return { space, server, client, asks: () => client.send(server, { type: 'ask' }) };
}

/** The next turn of the event loop: everything that was sent has arrived, and every failure has been told. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(() => setImmediate(resolve), 0));
}

const answer = { expected: true };

describe('an answer is asked for in time', () => {
  const shapes: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
    'by await': async ({ asks }) => await asks(),
    'by return from an async function': async ({ asks }) => (async () => asks())(),
    'by return await': async ({ asks }) => (async () => await asks())(),
    'by return through several async functions': async ({ asks }) => {
      const inner = async () => asks();
      const outer = async () => inner();
      return outer();
    },
    'by then': ({ asks }) => asks().then((value) => value as unknown),
    'by catch': ({ asks }) => asks().catch(() => undefined),
    'by finally': ({ asks }) => asks().finally(() => {}),
    'by return()': ({ asks }) => asks().return(),
    'by return(callback)': ({ asks }) => asks().return((value) => value as unknown),
    'by Promise.resolve': ({ asks }) => Promise.resolve(asks()),
    'by Promise.all': async ({ asks }) => (await Promise.all([asks(), asks(), asks()]))[2],
    'by Promise.race': ({ asks }) => Promise.race([asks(), asks()]),
    'by Promise.any': ({ asks }) => Promise.any([asks()]),
    'by Promise.allSettled': async ({ asks }) => {
      const [first] = await Promise.allSettled([asks()]);
      return first.status === 'fulfilled' ? (first.value as unknown) : first.reason;
    },
    'by a promise that resolves with it': ({ asks }) => new Promise((resolve) => resolve(asks())),
    'by return from then': ({ asks }) => Promise.resolve().then(() => asks()),
    'by for await over a list': async ({ asks }) => {
      for await (const value of [asks()]) return value as unknown;
      return undefined;
    },
    'by yield in an asynchronous generator': async ({ asks }) => {
      async function* one() {
        yield asks();
      }
      for await (const value of one()) return value as unknown;
      return undefined;
    },
    'by return from a synchronous handler': ({ client, server, asks }) => {
      server.on('relay', () => asks());
      return client.send(server, { type: 'relay' }).return();
    },
    'by return from an asynchronous handler': ({ client, server, asks }) => {
      server.on('relay', async () => asks());
      return client.send(server, { type: 'relay' }).return();
    },
    'by return from an asynchronous handler after an await': ({ client, server, asks }) => {
      server.on('relay', async () => {
        await null;
        return asks();
      });
      return client.send(server, { type: 'relay' }).return();
    },
    'by await after other things were sent in the same turn': async ({ asks, client, server }) => {
      for (let i = 0; i < 100; i++) client.send(server, { type: 'ask' });
      return asks();
    },
    'by await of one that was sent a turn after another': async ({ asks }) => {
      const first = asks().return();
      await null;
      const second = await asks();
      expect(await first).toEqual(second);
      return second;
    },
  };

  it.each(Object.entries(shapes))('%s', async (_, shape) => {
    const here = world();
    expect(await shape(here)).toEqual(answer);
    await here.space.close();
  });
});

describe('what is not asked for', () => {
  it('is fire-and-forget, as the receiver can see', async () => {
    const { client, server } = world();
    const seen = vi.fn();
    server.on('tell', (_, context) => seen(context.expectsResponse));
    client.send(server, { type: 'tell' });
    await client.send(server, { type: 'tell' }).sent();
    await client.send(server, { type: 'tell' });
    expect(seen.mock.calls).toEqual([[false], [false], [true]]);
  });

  it('can not be asked for once it has left, by any means, and says so', async () => {
    const { asks } = world();
    const late = { code: 'HAPPEN_ASKED_TOO_LATE', transient: false };
    for (const ask of [
      (handle: SendHandle<unknown>) => handle.then((value) => value),
      (handle: SendHandle<unknown>) => handle.return(),
      (handle: SendHandle<unknown>) => handle.return((value) => value),
      async (handle: SendHandle<unknown>) => await handle,
    ]) {
      const handle = asks();
      await turn();
      await expect(ask(handle)).rejects.toMatchObject(late);
      // the same handle stays unanswerable
      await expect(handle.return()).rejects.toMatchObject(late);
    }
  });

  it('may be asked for again once it was asked for, also when it is answered', async () => {
    const { asks } = world();
    const handle = asks();
    const first = handle.return();
    await turn();
    expect(await Promise.all([first, handle, handle.return(), handle.then((value) => value)])).toEqual([
      answer,
      answer,
      answer,
      answer,
    ]);
  });
});

describe('a failure', () => {
  async function told(send: (here: World) => unknown): Promise<unknown[]> {
    const here = world();
    const codes: unknown[] = [];
    const unhandled = vi.fn();
    here.space.on('node.error', (event) => void codes.push(event.payload.code));
    process.on('unhandledRejection', unhandled);
    try {
      send(here);
      await turn();
      await turn();
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off('unhandledRejection', unhandled);
    }
    await here.space.close();
    return codes;
  }

  it('that nobody asked about is told once as node.error', async () => {
    expect(await told(({ client }) => client.send('nobody', { type: 'x' }))).toEqual(['HAPPEN_NO_SUCH_NODE']);
    expect(await told(({ client, server }) => client.send(server, { type: 'fail' }))).toEqual([
      'HAPPEN_HANDLER_FAILED',
    ]);
  });

  it('that was asked about is told as node.error when nobody looks at the answer', async () => {
    expect(await told(({ client }) => client.send('nobody', { type: 'x' }).return())).toEqual(['HAPPEN_NO_SUCH_NODE']);
    expect(await told(({ client }) => client.send('nobody', { type: 'x' }).return(() => 'never'))).toEqual([
      'HAPPEN_NO_SUCH_NODE',
    ]);
    expect(
      await told(({ client, server }) =>
        client.send(server, { type: 'ask' }).return(() => {
          throw new Error('in the callback');
        }),
      ),
    ).toEqual(['HAPPEN_HANDLER_FAILED']);
    expect(
      await told(({ client, server }) =>
        client.send(server, { type: 'ask' }).return(async () => {
          throw new Error('later');
        }),
      ),
    ).toEqual(['HAPPEN_HANDLER_FAILED']);
  });

  it('that somebody looks at is his alone', async () => {
    expect(
      await told(({ client }) =>
        client
          .send('nobody', { type: 'x' })
          .return()
          .catch(() => {}),
      ),
    ).toEqual([]);
    expect(await told(({ client }) => client.send('nobody', { type: 'x' }).then(undefined, () => {}))).toEqual([]);
    expect(await told(({ client }) => client.send('nobody', { type: 'x' }).catch(() => {}))).toEqual([]);
    expect(await told(({ client }) => Promise.allSettled([client.send('nobody', { type: 'x' })]))).toEqual([]);
    expect(
      await told(({ client }) =>
        client
          .send('nobody', { type: 'x' })
          .sent()
          .catch(() => {}),
      ),
    ).toEqual([]);
  });
});

describe('what a callback sends', () => {
  it('is caused by what its asker handles, not by what answered', async () => {
    for (const tracking of ['automatic', 'explicit'] as const) {
      const { createNode } = initializeHappen({ causality: { tracking } });
      const [asker, answerer, witness] = [createNode('asker'), createNode('answerer'), createNode('witness')];
      const causes: unknown[] = [];
      answerer.on('ask', () => 'at once');
      answerer.on('ask.slowly', async () => {
        await null;
        return 'later';
      });
      witness.on('done', (event) => void causes.push(event.context.causal.causationId));
      asker.on('go', async (event) => {
        for (const type of ['ask', 'ask.slowly']) {
          void asker.send(answerer, { type }).return(() => void asker.send(witness, { type: 'done' }));
          void asker.send(answerer, { type }).then(() => void asker.send(witness, { type: 'done' }));
        }
        return event.context.causal.id;
      });
      const go = await asker.send({ type: 'go' });
      await turn();
      expect(causes).toEqual([go, go, go, go]);
      void asker.send(answerer, { type: 'ask' }).return(() => void asker.send(witness, { type: 'done' }));
      await turn();
      expect(causes[4]).toBeUndefined();
      expect(causes).toHaveLength(5);
    }
  });
});
