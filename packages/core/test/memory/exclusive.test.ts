import { describe, expect, it } from 'vitest';
import { initializeHappen, memoryHub, type NodeOptions } from '../../src/index.js';

async function twoSpaces() {
  const hub = memoryHub();
  const [here, there] = [
    initializeHappen({ transport: hub.transport() }),
    initializeHappen({ transport: hub.transport() }),
  ];
  await Promise.all([here.ready(), there.ready()]);
  const told: [string, string, string][] = [];
  const instances = new Map<string, string>();
  for (const [name, space] of [
    ['here', here],
    ['there', there],
  ] as const) {
    space.on('system.node-conflict', ({ payload }) => {
      told.push([name, payload.nodeId, payload.instance]);
      instances.set(name, payload.instance);
    });
  }
  // a request across and back is behind everything that was told before it
  const sentinel = async (): Promise<void> => {
    const [a, b] = [here.createNode(`a${told.length}`), there.createNode(`b${told.length}`)];
    b.on('ping', () => 'pong');
    expect(await a.send(b.id, { type: 'ping' })).toBe('pong');
    await Promise.all([a.close(), b.close()]);
  };
  return {
    here,
    there,
    told,
    instances,
    sentinel,
    [Symbol.asyncDispose]: () => Promise.all([here.close(), there.close()]).then(() => {}),
  };
}

describe('a node that is exclusive', () => {
  it.each<[NodeOptions | undefined, NodeOptions | undefined]>([
    [{ exclusive: true }, undefined],
    [undefined, { exclusive: true }],
    [{ exclusive: true }, { exclusive: true }],
  ])('is told to both spaces it lives in: %j, %j', async (first, second) => {
    await using world = await twoSpaces();
    world.here.createNode('ledger', first);
    world.there.createNode('ledger', second);
    await world.sentinel();
    expect(world.told.map(([name, id]) => `${name} ${id}`).sort()).toEqual(['here ledger', 'there ledger']);
    expect(world.instances.get('here')).not.toBe(world.instances.get('there'));
  });

  it('is told to nobody while it lives in one, nor are instances that share their work', async () => {
    await using world = await twoSpaces();
    world.here.createNode('ledger', { exclusive: true });
    for (const space of [world.here, world.there]) space.createNode('worker', { exclusive: false });
    await world.sentinel();
    await world.here.createNode('moving', { exclusive: true }).close();
    world.there.createNode('moving', { exclusive: true });
    await world.sentinel();
    expect(world.told).toEqual([]);
  });

  it('is a yes or no', () => {
    const { createNode } = initializeHappen();
    expect(() => createNode('a', { exclusive: 'yes' as never })).toThrow(
      'exclusive: expected true or false; found "yes".',
    );
  });
});
