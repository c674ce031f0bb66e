// Each file has a process's globals of its own, so that nothing else sees the members that are tried here.
import { afterAll, describe, expect, it, vi } from 'vitest';

const names = ['on', 'send', 'broadcast'] as const;
const prototype = Array.prototype as unknown as Record<string, unknown>;

function removeMembers(): void {
  for (const name of names) delete prototype[name];
}

/** A copy of the framework, with or without the members for arrays. */
async function copy(withArray: boolean): Promise<typeof import('../../src/index.js')> {
  vi.resetModules();
  const core = await import('../../src/index.js');
  if (withArray) await import('../../src/array.js');
  return core;
}

const thrownBy = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('Arrays of nodes', () => {
  afterAll(removeMembers);

  it('have no members of ours without the import', async () => {
    await copy(false);
    for (const name of names) expect(name in Array.prototype).toBe(false);
  });

  it('register, send and broadcast, after the import', async () => {
    const { initializeHappen } = await copy(true);
    const { createNode } = initializeHappen();
    const [a, b, c] = [createNode('a'), createNode('b'), createNode('c')];
    const end = [a, b].on('t', (event, context) => [context.node.id, event.payload]);
    expect({ ...(await [a, b].send({ type: 't', payload: 1 })) }).toEqual({ a: ['a', 1], b: ['b', 1] });
    expect(await (await [a, b].send({ type: 't', payload: 2 })).return()).toMatchObject({ a: ['a', 2] });
    c.on('go', (_event, context) => [a, b].send({ type: 'who' }).return((results) => [context.causal.id, results]));
    [a, b].on('who', ({ context }) => [context.causal.sender, context.causal.causationId]);
    const [id, results] = await c.send({ type: 'go' });
    expect(results).toEqual({ a: ['c', id], b: ['c', id] });
    const heard = new Promise((resolve) => c.on('news', ({ context }) => resolve(context.causal.sender)));
    await Promise.all([a].broadcast({ type: 'news' }).map((handle) => handle.sent()));
    expect(await heard).toBe('a');
    end();
    await expect([a, b].send({ type: 't' }).return()).rejects.toMatchObject({ code: 'HAPPEN_NO_HANDLER' });
  });

  it('are seen by no loop, no spread and no JSON', async () => {
    await copy(true);
    const seen: string[] = [];
    for (const key in ['x']) seen.push(key);
    expect(seen).toEqual(['0']);
    expect({ ...['x'] }).toEqual({ 0: 'x' });
    expect(Object.keys(['x'])).toEqual(['0']);
    expect(JSON.stringify([['x']])).toBe('[["x"]]');
    for (const name of names) {
      expect(Object.getOwnPropertyDescriptor(Array.prototype, name)).toMatchObject({
        enumerable: false,
        writable: true,
        configurable: true,
      });
    }
  });

  it('say what is wrong with an array of anything else', async () => {
    const { initializeHappen } = await copy(true);
    const { createNode } = initializeHappen();
    const a = createNode('a');
    const elsewhere = initializeHappen().createNode('b');
    for (const list of [[], [1], [a, 'a'], [{ id: 'a' }], [a, a], [a, elsewhere]] as never[][]) {
      for (const name of names) {
        const error = thrownBy(() => (list[name] as (...parameters: unknown[]) => unknown)('t', () => 1));
        expect(error).toMatchObject({ code: 'HAPPEN_INVALID_OPTION' });
        expect((error as Error).message).toContain(`[…].${name}: `);
      }
    }
  });

  it('work for each of several copies of the framework', async () => {
    const copies = [await copy(true), await copy(true), await copy(true)];
    const pairs = copies.map(({ initializeHappen }) => {
      const { createNode } = initializeHappen();
      return [createNode('a'), createNode('b')];
    });
    for (const pair of pairs) {
      pair.on('t', (_event, context) => context.node.id);
      expect({ ...(await pair.send({ type: 't' })) }).toEqual({ a: 'a', b: 'b' });
    }
    const mixed = [pairs[0]?.[0], pairs[1]?.[1]] as NonNullable<(typeof pairs)[0]>;
    expect(thrownBy(() => mixed.send({ type: 't' }))).toMatchObject({ code: 'HAPPEN_INVALID_OPTION' });
  });

  it('do not take the place of a member that somebody else has added', async () => {
    removeMembers();
    const others = (): string => 'theirs';
    prototype['send'] = others;
    try {
      await expect(copy(true)).rejects.toMatchObject({
        code: 'HAPPEN_INVALID_CONFIG',
        details: { path: 'Array.prototype.send' },
      });
      expect(prototype['send']).toBe(others);
      expect('on' in Array.prototype).toBe(false);
    } finally {
      removeMembers();
    }
  });
});
