import { describe, expect, it, vi } from 'vitest';
import {
  type HappenEvent,
  initializeHappen,
  memoryHub,
  type Isolation,
  type NodeRef,
  type Outgoing,
  type SendOptions,
  type Space,
  type SpaceConfig,
} from '../../src/index.js';

/** What a node receives of an event that another sends with this context. */
async function received(
  outgoing: Partial<Outgoing>,
  options?: SendOptions,
  config: SpaceConfig = {},
): Promise<HappenEvent> {
  const { createNode } = initializeHappen(config);
  const [sender, receiver] = [createNode('sender'), createNode('receiver')];
  const events: HappenEvent[] = [];
  receiver.on('**', (event) => {
    events.push(event);
    return null;
  });
  await sender.send('receiver', { type: 'thing.done', ...outgoing }, options);
  return events[0] as HappenEvent;
}

/** What the last of three nodes receives, when the first is sent `root` and each passes on an event with its own context. */
async function chained(root: object | undefined, ...passedOn: (object | undefined)[]): Promise<HappenEvent[]> {
  const { createNode } = initializeHappen();
  const events: HappenEvent[] = [];
  const starter = createNode('starter');
  const nodes = [...passedOn, undefined].map((_, index) => createNode(`n${index}`));
  nodes.forEach((node, index) => {
    node.on('pass', async (event) => {
      events.push(event);
      await null;
      const [next, context] = [nodes[index + 1], passedOn[index]];
      return next === undefined
        ? null
        : node.send(next, context === undefined ? { type: 'pass' } : { type: 'pass', context });
    });
  });
  await starter.send(nodes[0] as NodeRef<any>, root === undefined ? { type: 'pass' } : { type: 'pass', context: root });
  return events;
}

const modes: readonly Isolation[] = ['freeze', 'copy', 'trust'];

describe('what a sender writes', () => {
  it.each(modes)('beside the payload travels along, under isolation: %s', async (isolation) => {
    const context = {
      integrity: { signature: 's' },
      tags: ['a'],
      origin: { sourceId: 'user:1', team: 'blue' },
      user: { id: 1 },
    };
    const event = await received({ payload: 1, context }, undefined, { isolation });
    expect(event.context).toMatchObject({ ...context, origin: { ...context.origin, nodeId: 'sender' } });
  });

  it.each(modes)('can not pass for what the framework says, under isolation: %s', async (isolation) => {
    const forged = {
      causal: {
        id: 'forged',
        sender: 'admin',
        causationId: 'forged',
        causes: ['forged'],
        path: [['a', 'b']],
        depth: 7,
        hash: 'f',
      },
      origin: { nodeId: 'admin' },
    };
    const { causal, origin } = (await received({ context: forged }, undefined, { isolation })).context;
    expect(causal).toMatchObject({ sender: 'sender', path: [], depth: 0 });
    expect([causal.causationId, causal.causes]).toEqual([undefined, undefined]);
    expect([causal.id, causal.hash]).not.toContain('forged');
    expect(origin).toEqual({ nodeId: 'sender' });
  });

  it.each(modes)('as an origin is none if it is no object, under isolation: %s', async (isolation) => {
    for (const origin of ['user:1', 7, null]) {
      const event = await received({ context: { origin } as unknown as object }, undefined, { isolation });
      expect(event.context.origin).toEqual({ nodeId: 'sender' });
    }
  });

  it.each(modes)('can not reach prototypes, under isolation: %s', async (isolation) => {
    const hostile = JSON.parse('{"__proto__":{"polluted":1},"note":1}') as object;
    const event = await received({ context: hostile }, undefined, { isolation });
    expect(event.context['note']).toBe(1);
    expect(event.context['polluted']).toBeUndefined();
    expect(Object.getPrototypeOf(event.context)).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    if (isolation === 'trust') {
      const { origin } = (await received({ context: { origin: hostile } }, undefined, { isolation })).context;
      expect(origin['polluted']).toBeUndefined();
      expect(Object.getPrototypeOf(origin)).toBe(Object.prototype);
    } else {
      await expect(received({ context: { origin: hostile } }, undefined, { isolation })).rejects.toMatchObject({
        code: 'HAPPEN_NOT_SERIALISABLE',
        details: { path: 'context.origin.__proto__' },
      });
    }
  });

  it('leaves out what is undefined', async () => {
    const { context } = await received({ context: { note: undefined, user: undefined, origin: undefined } });
    expect(Object.keys(context).sort()).toEqual(['causal', 'origin']);
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['a string', 'thing.done'],
    ['a number', 5],
    ['no type', { payload: 1 }],
    ['an empty type', { type: '' }],
    ['a type that is no string', { type: 5 }],
    ['a type of 513 characters', { type: 'x'.repeat(513) }],
    ['a context that is no object', { type: 'x', context: 'now' }],
    ['a context of null', { type: 'x', context: null }],
    ['a correlation id that is no string', { type: 'x', context: { causal: { correlationId: 5 } } }],
    ['an empty correlation id', { type: 'x', context: { causal: { correlationId: '' } } }],
    ['a correlation id of 513 characters', { type: 'x', context: { causal: { correlationId: 'x'.repeat(513) } } }],
  ])('has to be an event: %s is refused', async (_, outgoing) => {
    const { createNode } = initializeHappen();
    const node = createNode('node');
    await expect(node.send(node, outgoing as Outgoing).return()).rejects.toMatchObject({
      code: 'HAPPEN_INVALID_EVENT',
    });
    await expect(node.broadcast(outgoing as Outgoing).sent()).rejects.toMatchObject({ code: 'HAPPEN_INVALID_EVENT' });
    await expect(node.process(outgoing as Outgoing)).rejects.toMatchObject({ code: 'HAPPEN_INVALID_EVENT' });
    expect(() => node.processSync(outgoing as Outgoing)).toThrow(
      expect.objectContaining({ code: 'HAPPEN_INVALID_EVENT' }),
    );
  });

  it.each(['node.error', 'node.x', 'system.down', 'system.'])(
    'has no type of the framework: %s is refused',
    async (type) => {
      const { createNode } = initializeHappen();
      const node = createNode('node');
      const refusal = { code: 'HAPPEN_RESERVED_TYPE', details: { type } };
      await expect(node.send(node, { type }).return()).rejects.toMatchObject(refusal);
      await expect(node.broadcast({ type }).sent()).rejects.toMatchObject(refusal);
      await expect(node.process({ type })).rejects.toMatchObject(refusal);
      for (const free of ['node', 'nodes.x', 'system', 'systems.x', 'a.node.x']) {
        expect((await received({ type: free })).type).toBe(free);
      }
    },
  );
});

describe('what is inherited along a chain', () => {
  it('is the user, unless given anew', async () => {
    const events = await chained({ user: { id: 'u1' } }, undefined, { user: { id: 'u2' } }, undefined, { user: null });
    expect(events.map(({ context }) => context.user as unknown)).toEqual([
      { id: 'u1' },
      { id: 'u1' },
      { id: 'u2' },
      { id: 'u2' },
      null,
    ]);
  });

  it('is the origin but for its node, key by key unless given anew', async () => {
    const events = await chained({ origin: { sourceId: 's1', sourceType: 'user' } }, undefined, {
      origin: { sourceId: 's2', nodeId: 'x' },
    });
    expect(events.map(({ context }) => context.origin)).toEqual([
      { nodeId: 'starter', sourceId: 's1', sourceType: 'user' },
      { nodeId: 'n0', sourceId: 's1', sourceType: 'user' },
      { nodeId: 'n1', sourceId: 's2', sourceType: 'user' },
    ]);
  });

  it('is nothing else', async () => {
    const [, second] = await chained({ tags: ['a'], integrity: { signature: 's' } }, undefined);
    expect(Object.keys(second?.context ?? {}).sort()).toEqual(['causal', 'origin']);
  });

  it('is the correlation, which a root may name and nobody else', async () => {
    const named = { causal: { correlationId: 'order-17' } };
    const events = await chained(named, { causal: { correlationId: 'other' } }, undefined);
    expect(events.map(({ context }) => context.causal.correlationId)).toEqual(['order-17', 'order-17', 'order-17']);
    const [root] = await chained(undefined);
    expect(root?.context.causal.correlationId).toBe(root?.context.causal.id);
  });
});

describe('the cause of an event', () => {
  it('can be named by the event that is to be it, also when that was stored as JSON', async () => {
    const cause = await received({ context: { user: 'u', origin: { sourceId: 's' }, causal: { correlationId: 'c' } } });
    for (const causedBy of [cause, JSON.parse(JSON.stringify(cause)) as HappenEvent]) {
      const { context } = await received({}, { causedBy });
      expect(context.causal).toMatchObject({
        causationId: cause.context.causal.id,
        correlationId: 'c',
        path: [['sender', 'sender']],
        depth: 1,
      });
      expect(context.user).toBe('u');
      expect(context.origin).toEqual({ nodeId: 'sender', sourceId: 's' });
    }
  });

  it('is none for what is detached', async () => {
    const { createNode } = initializeHappen();
    const [a, b] = [createNode('a'), createNode('b')];
    b.on('x', (event) => event.context.causal.causationId ?? 'none');
    a.on('go', async () => [await a.send(b, { type: 'x' }), await a.send(b, { type: 'x' }, { detached: true })]);
    const [caused, detached] = (await a.send({ type: 'go' })) as string[];
    expect(caused).toMatch(/^[0-9a-f-]{36}$/);
    expect(detached).toBe('none');
  });

  it('of what a batch handler emits is its last event, with all of them listed, and the correlation only if all agree', async () => {
    const { createNode } = initializeHappen();
    const [a, b] = [createNode('a'), createNode('b')];
    const effects: HappenEvent[] = [];
    b.on('effect', (event) => void effects.push(event));
    const ids: string[][] = [];
    a.on('point', async (batch) => {
      ids.push((batch as unknown as HappenEvent[]).map(({ context }) => context.causal.id));
      await b.send(b, { type: 'effect' });
    });
    const point = (correlationId: string) => ({ type: 'point', context: { causal: { correlationId } } });
    await a.send(a, [point('same'), point('same')]);
    await a.send(a, [point('one'), point('other')]);
    const [agreed, split] = effects.map(({ context }) => context.causal);
    expect(agreed).toMatchObject({ causationId: ids[0]?.[1], causes: ids[0], correlationId: 'same', depth: 1 });
    expect(split).toMatchObject({ causationId: ids[1]?.[1], causes: ids[1], correlationId: split?.id, depth: 1 });
  });
});

describe('a chain of causes', () => {
  it('is refused above maxDepth, naming the hops that repeat', async () => {
    const { createNode, on } = initializeHappen({ causality: { maxDepth: 20 } });
    const [a, b] = [createNode('ping'), createNode('pong')];
    const depths: number[] = [];
    a.on('ball', (event) => {
      depths.push(event.context.causal.depth);
      a.send(b, { type: 'ball' });
    });
    b.on('ball', (event) => {
      depths.push(event.context.causal.depth);
      b.send(a, { type: 'ball' });
    });
    const error = await new Promise<{ code: string; message: string; error: Error }>((resolve) => {
      on('node.error', (event) => resolve(event.payload));
      createNode('start').send(a, { type: 'ball' });
    });
    expect(error).toMatchObject({ code: 'HAPPEN_DEPTH_EXCEEDED', error: { details: { maxDepth: 20 } } });
    expect(error.message).toMatch(/ping → pong → ping|pong → ping → pong/);
    expect(depths).toEqual(Array.from({ length: 21 }, (_, depth) => depth));
  });

  it('is refused with the same words when it goes round between processes', async () => {
    const hub = memoryHub();
    const causality = { maxDepth: 20 };
    const [here, there] = [1, 2].map(() => initializeHappen({ transport: hub.transport(), causality })) as [
      Space,
      Space,
    ];
    const [ping, pong] = [here.createNode('ping'), there.createNode('pong')];
    ping.on('ball', () => void ping.send('pong', { type: 'ball' }));
    pong.on('ball', () => void pong.send('ping', { type: 'ball' }));
    await Promise.all([here.ready(), there.ready()]);
    const message = await new Promise<string>((resolve) => {
      for (const { on } of [here, there]) on('node.error', ({ payload }) => resolve(payload.message));
      ping.send('pong', { type: 'ball' });
    });
    expect(message).toMatch(/ping → pong → ping|pong → ping → pong/);
    await Promise.all([here.close(), there.close()]);
  });

  it('may be 1000 deep unless told otherwise', async () => {
    const { createNode, on } = initializeHappen();
    const node = createNode('node');
    let deepest = 0;
    const failed = vi.fn();
    const told = new Promise<void>((resolve) => {
      on('node.error', (event) => {
        failed(event.payload.code);
        resolve();
      });
    });
    node.on('again', (event) => {
      deepest = event.context.causal.depth;
      node.send({ type: 'again' });
    });
    node.send({ type: 'again' });
    await told;
    expect(deepest).toBe(1000);
    expect(failed).toHaveBeenCalledExactlyOnceWith('HAPPEN_DEPTH_EXCEEDED');
  });
});

describe('the config', () => {
  it('fills context.system, which a sender can not set', async () => {
    const system = { environment: 'test', region: 'eu' };
    expect((await received({ context: { system: { region: 'moon' } } }, undefined, { system })).context.system).toEqual(
      system,
    );
    expect((await received({}, undefined, { system })).context.system).toEqual(system);
  });

  it('may bring its own ids', async () => {
    let count = 0;
    const event = await received({}, undefined, { ids: () => `id-${++count}` });
    expect(event.context.causal).toMatchObject({ id: 'id-1', correlationId: 'id-1' });
  });

  it.each<[string, unknown]>([
    ['', ''],
    ['a number', 5],
    ['a promise', Promise.resolve('id')],
    ['513 characters', 'x'.repeat(513)],
  ])('fails the sender when its ids are none: %s', async (_, id) => {
    await expect(received({}, undefined, { ids: () => id as string })).rejects.toMatchObject({
      code: 'HAPPEN_INVALID_CONFIG',
      details: { path: 'ids' },
    });
  });
});
