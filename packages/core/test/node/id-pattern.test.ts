import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initializeHappen } from '../../src/index.js';
import { idPattern } from '../../src/node/id-pattern.js';

describe('an id pattern', () => {
  it.each([
    ['api', 'api', true],
    ['api', 'api2', false],
    ['api-*', 'api-7', true],
    ['api-*', 'api-', true],
    ['api-*', 'api', false],
    ['*', '', true],
    ['*', 'anything at all', true],
    ['*-eu', 'shop-eu', true],
    ['*-eu', 'shop-eu-2', false],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['ab*ba', 'abba', true],
    ['tenant:acme:*', 'tenant:acme:user:1', true],
    ['tenant:acme:*', 'tenant:other:user:1', false],
    ['**', 'x', true],
    ['a.c', 'abc', false],
    ['[a-z]', 'b', false],
  ])('%s and %j: %s', (pattern, id, expected) => {
    expect(idPattern(pattern)(id)).toBe(expected);
  });

  it('matches what a plainly written regular expression matches', () => {
    const text = (characters: string) =>
      fc.array(fc.constantFrom(...characters), { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text('ab*'), text('ab'), (pattern, id) => {
        expect(idPattern(pattern)(id)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(id));
      }),
      { numRuns: 1000 },
    );
  });

  it('takes no longer for a pattern that was made to be slow', () => {
    const matches = idPattern(`${'*a'.repeat(250)}b`);
    const before = performance.now();
    for (let i = 0; i < 1000; i++) expect(matches('a'.repeat(512))).toBe(false);
    expect(performance.now() - before).toBeLessThan(2000);
  });
});

describe('a node id', () => {
  it.each([
    ['empty', ''],
    ['with a colon', 'tenant:acme'],
    ['of 513 characters', 'x'.repeat(513)],
    ['a number', 5],
    ['nothing', undefined],
    ['an object', { id: 'x' }],
  ])('is refused when it is %s', (_, id) => {
    const { createNode, node } = initializeHappen();
    const refusal = expect.objectContaining({ code: 'HAPPEN_INVALID_NODE_ID' }) as Error;
    expect(() => createNode(id as string)).toThrow(refusal);
    expect(() => node(id as string)).toThrow(refusal);
  });

  it('may hold any other characters', async () => {
    const { createNode } = initializeHappen();
    const ids = ['x'.repeat(512), 'größe 🚀', '*', '.', '__proto__', 'a.b>c', '\u0000'];
    for (const id of ids) createNode(id).on('who', (_, context) => (context.node as { id: string }).id);
    const asker = createNode('asker');
    for (const id of ids) expect(await asker.send(id, { type: 'who' })).toBe(id);
  });

  it('is there once in a space', async () => {
    const { createNode } = initializeHappen();
    const first = createNode('same');
    expect(() => createNode('same')).toThrow(
      expect.objectContaining({ code: 'HAPPEN_DUPLICATE_NODE', details: { node: 'same' } }),
    );
    await first.close();
    expect(createNode('same').id).toBe('same');
    expect(initializeHappen().createNode('same').id).toBe('same');
  });
});
