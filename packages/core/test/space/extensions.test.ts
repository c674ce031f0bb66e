import { describe, expect, it, vi } from 'vitest';
import { defineExtension, type Extension, initializeHappen } from '../../src/index.js';

interface CounterExtension extends Extension {
  readonly members: { readonly counter: Counter };
}

interface Counter {
  readonly value: number;
  add(by?: number): number;
}

/** A small extension: each node gets a counter of its own. */
function counter(): CounterExtension {
  return defineExtension<CounterExtension>({
    name: 'counter',
    install: () => ({
      node() {
        let value = 0;
        return {
          counter: {
            get value() {
              return value;
            },
            add: (by = 1) => (value += by),
          },
        };
      },
    }),
  });
}

function extension(name: string, members: (id: string) => object | undefined): Extension {
  return defineExtension({ name, install: () => ({ node: ({ id }) => members(id) as object }) }) as Extension;
}

describe('an extension', () => {
  it('gives each node of its space its members, and nodes of other spaces nothing', () => {
    const { createNode } = initializeHappen({ extensions: [counter()] });
    const [a, b] = [createNode('a'), createNode('b')];
    a.counter.add(2);
    b.counter.add();
    expect([a.counter.value, b.counter.value]).toEqual([2, 1]);
    expect('counter' in initializeHappen().createNode('a')).toBe(false);
  });

  it('gives them to context.node as well', async () => {
    const { createNode } = initializeHappen({ extensions: [counter()] });
    const node = createNode('a');
    node.on('hit', (_, context) => context.node.counter.add());
    await node.send({ type: 'hit' });
    expect(await node.send({ type: 'hit' })).toBe(2);
  });

  it('may share an instance among spaces, and is installed in each of them', () => {
    const install = vi.fn(() => ({}));
    const shared = defineExtension({ name: 'shared', install }) as Extension;
    initializeHappen({ extensions: [shared] });
    initializeHappen({ extensions: [shared] });
    expect(install).toHaveBeenCalledTimes(2);
    expect(install.mock.calls).toEqual([
      [{ clock: expect.objectContaining({ now: expect.any(Function) as unknown }) as unknown }],
      [expect.anything()],
    ]);
  });

  it('may add getters, which are asked each time', () => {
    let asked = 0;
    const { createNode } = initializeHappen({
      extensions: [
        extension('lazy', () => ({
          get asked() {
            return ++asked;
          },
        })),
      ],
    });
    const node = createNode('a') as unknown as { asked: number };
    expect(asked).toBe(0);
    expect([node.asked, node.asked]).toEqual([1, 2]);
  });

  it('may add nothing', () => {
    expect(() => initializeHappen({ extensions: [extension('none', () => undefined)] }).createNode('a')).not.toThrow();
  });

  it.each(['send', 'on', 'broadcast', 'process', 'close', 'id', 'constructor', 'toString'])(
    'may not take a name that nodes have: %s',
    (name) => {
      const { createNode } = initializeHappen({ extensions: [extension('clash', () => ({ [name]: 1 }))] });
      expect(() => createNode('a')).toThrow(
        expect.objectContaining({
          code: 'HAPPEN_INVALID_CONFIG',
          details: { path: 'extensions', extension: 'clash' },
          message: expect.stringContaining(`"${name}"`) as string,
        }),
      );
    },
  );

  it('may not take a name that another extension has given', () => {
    const { createNode } = initializeHappen({ extensions: [counter(), extension('rival', () => ({ counter: 1 }))] });
    expect(() => createNode('a')).toThrow(
      expect.objectContaining({ code: 'HAPPEN_INVALID_CONFIG', details: { path: 'extensions', extension: 'rival' } }),
    );
  });

  it('has no hooks around flows and emissions unless defineExtension() made it', () => {
    for (const hooks of [{ flow: () => undefined }, { emission: () => undefined }]) {
      const bare = { name: 'bare', install: () => hooks } as unknown as Extension;
      expect(() => initializeHappen({ extensions: [counter(), bare] })).toThrow(
        expect.objectContaining({
          code: 'HAPPEN_INVALID_CONFIG',
          details: { path: 'extensions[1]' },
          message: expect.stringContaining('defineExtension()') as string,
        }),
      );
    }
  });

  it('sees each event that leaves a node, stamped and before anybody receives it', async () => {
    const log: string[] = [];
    const watching = defineExtension({
      name: 'watching',
      install: () => ({
        emission: ({ target }) => ({
          stamped(events) {
            for (const { type, context } of events)
              log.push(`${type} of ${context.causal.sender} to ${target ?? 'all'}`);
          },
        }),
      }),
    }) as Extension;
    const { createNode } = initializeHappen({ extensions: [watching, counter()] });
    const [a, b] = [createNode('a'), createNode('b')];
    b.on('x', (event) => {
      log.push(`received ${event.type}`);
      b.broadcast({ type: 'y' });
      return null;
    });
    await a.send(b, { type: 'x' });
    await a.send(b, [{ type: 'x' }, { type: 'x' }]);
    await a.send('nobody', { type: 'z' }).catch(() => {});
    expect(log).toEqual([
      'x of a to b',
      'received x',
      'y of b to all',
      'x of a to b',
      'x of a to b',
      'received undefined',
      'y of b to all',
      'z of a to nobody',
    ]);
  });
});
