import { describe, expect, it } from 'vitest';
import { createNodeArray, initializeHappen } from '../../src/index.js';
import { handClock } from '../host/hand-clock.js';

describe('a node', () => {
  it("takes the user's own properties, which context.node has as well", async () => {
    const { createNode } = initializeHappen();
    const node = Object.assign(createNode('shop'), { cache: new Map<string, number>(), server: undefined as unknown });
    node.server = { listening: true };
    node.on('put', (event, context) => {
      const here = context.node as typeof node;
      here.cache.set('k', event.payload as number);
      return here.server;
    });
    expect(await node.send({ type: 'put', payload: 5 })).toEqual({ listening: true });
    expect(node.cache.get('k')).toBe(5);
    expect(Object.keys(node)).toEqual(['id', 'cache', 'server']);
  });

  it('does not show its inside', () => {
    const node = initializeHappen().createNode('shop');
    expect(JSON.stringify(node)).toBe('{"id":"shop"}');
    expect(Object.isExtensible(node)).toBe(true);
  });

  it('answers processSync at once, however long the flow is', () => {
    const clock = handClock();
    const slow = {
      ...clock,
      now() {
        clock.jump(5);
        return clock.now();
      },
    };
    const node = initializeHappen({ clock: slow }).createNode('node');
    let left = 10_000;
    node.on('count', function again(): unknown {
      return --left > 0 ? again : 'done';
    });
    expect(node.processSync({ type: 'count' })).toMatchObject({ type: 'count', payload: 'done' });
    expect(clock.waiting).toBe(0);
  });
});

describe('an array of nodes', () => {
  it('is made of nodes of one space only, and of at least one', () => {
    const { createNode } = initializeHappen();
    const refusal = expect.objectContaining({ code: 'HAPPEN_INVALID_OPTION' }) as Error;
    const nodes = [createNode('a'), createNode('b')];
    expect(createNodeArray(nodes).nodes).toEqual(nodes);
    for (const wrong of [
      [],
      undefined,
      [{ id: 'a' }],
      ['a'],
      [...nodes, initializeHappen().createNode('c')],
      nodes[0],
    ]) {
      expect(() => createNodeArray(wrong as never)).toThrow(refusal);
    }
  });

  it('says how to send to references and ids, which are no nodes', () => {
    const { createNode, node } = initializeHappen();
    for (const targets of [['far'], [node('far')], [createNode('near'), 'far']])
      expect(() => createNodeArray(targets as never)).toThrow('node.send([…], event)');
    for (const others of [[], [5], [null], 'far'])
      expect(() => createNodeArray(others as never)).toThrow(/made by createNode\.$/);
  });
});
