import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { causalTree, type TracedEvent } from '../../src/trace/causal-tree.js';

function event(id: string, causationId?: string, target?: string): TracedEvent {
  return {
    id,
    type: `type-${id}`,
    sender: 'one',
    correlationId: 'all',
    depth: 0,
    ...(causationId !== undefined && { causationId }),
    ...(target !== undefined && { target }),
  };
}

describe('the causal tree', () => {
  it('draws who caused what, in the order given', () => {
    expect(causalTree([event('a'), event('b', 'a', 'two'), event('c', 'b'), event('d', 'a'), event('e', 'd')])).toEqual(
      [
        'type-a        one ⇒ everyone',
        '├─ type-b     one → two',
        '│  └─ type-c  one ⇒ everyone',
        '└─ type-d     one ⇒ everyone',
        '   └─ type-e  one ⇒ everyone',
      ],
    );
  });

  it('does not need causes to come before their effects', () => {
    expect(causalTree([event('b', 'a'), event('a')])).toEqual(causalTree([event('a'), event('b', 'a')]));
  });

  it('draws several roots one after the other', () => {
    expect(causalTree([event('a'), event('b'), event('c', 'a')])).toEqual([
      'type-a     one ⇒ everyone',
      '└─ type-c  one ⇒ everyone',
      'type-b     one ⇒ everyone',
    ]);
  });

  it('says where a cause was not recorded', () => {
    expect(causalTree([event('b', 'gone')])).toEqual(['type-b  one ⇒ everyone  (its cause was not recorded)']);
  });

  it('draws nothing for nothing', () => {
    expect(causalTree([])).toEqual([]);
  });

  it('draws a chain of thousands', { timeout: 30_000 }, () => {
    const chain = Array.from({ length: 3_000 }, (_, at) => event(String(at), at === 0 ? undefined : String(at - 1)));
    expect(causalTree(chain)).toHaveLength(3_000);
  });

  it('draws each event once, even where causes go round in a circle', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    fc.assert(
      fc.property(fc.array(fc.tuple(id, fc.option(id, { nil: undefined }))), (pairs) => {
        const lines = causalTree(pairs.map(([own, cause]) => event(own, cause)));
        expect(lines).toHaveLength(new Set(pairs.map(([own]) => own)).size);
      }),
    );
  });
});
