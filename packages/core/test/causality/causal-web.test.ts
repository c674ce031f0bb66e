import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CausalBranch, TracedEvent } from '../../src/index.js';
import { CausalWeb } from '../../src/causality/causal-web.js';

function traced(id: string, more: Partial<TracedEvent> = {}): TracedEvent {
  return { id, type: id, sender: 's', correlationId: 'c', depth: 0, at: 0, received: false, ...more };
}

/** Every event of a tree, walked without recursion. */
function walked(roots: readonly CausalBranch[]): string[] {
  const found: string[] = [];
  const waiting = [...roots];
  for (let branch = waiting.pop(); branch !== undefined; branch = waiting.pop()) {
    found.push(branch.event.id);
    waiting.push(...branch.effects);
  }
  return found.sort();
}

/** Events as a hostile peer might send them: repeated, pointing at each other, themselves, forwards and nowhere. */
const anyEvents = fc.array(
  fc.record(
    {
      id: fc.constantFrom(...'abcdefgh'),
      type: fc.constant('t'),
      sender: fc.constant('s'),
      causationId: fc.constantFrom(...'abcdefghxy'),
      causes: fc.array(fc.constantFrom(...'abcdefghxy'), { maxLength: 4 }),
      correlationId: fc.constantFrom('a', 'c', 'd'),
      depth: fc.nat(9),
      at: fc.nat(),
      received: fc.boolean(),
    },
    { requiredKeys: ['id', 'type', 'sender', 'correlationId', 'depth', 'at', 'received'] },
  ),
  { maxLength: 20 },
);

describe('A web of events', () => {
  it('holds each event once in the tree of its correlation, whatever the events say', () => {
    fc.assert(
      fc.property(anyEvents, fc.boolean(), (events, whole) => {
        const web = new CausalWeb(events, whole);
        const firsts = new Map<string, TracedEvent>();
        for (const event of events) if (!firsts.has(event.id)) firsts.set(event.id, event);
        for (const correlationId of ['a', 'c', 'd', 'none']) {
          const expected = [...firsts.values()].filter((event) => event.correlationId === correlationId);
          const tree = web.tree(correlationId);
          expect(walked(tree.roots)).toEqual(expected.map(({ id }) => id).sort());
          expect(tree.size).toBe(expected.length);
          expect(web.events(correlationId).events).toEqual(expected);
          expect(web.events(correlationId).complete).toBe(tree.complete);
        }
        for (const [id, event] of firsts) {
          const trace = web.trace(id);
          expect(trace?.event).toBe(event);
          const causes = event.causes ?? (event.causationId === undefined ? [] : [event.causationId]);
          expect([...(trace?.causes ?? []).map((cause) => cause.id), ...(trace?.missing ?? [])].sort()).toEqual(
            [...causes].sort(),
          );
          expect(web.pathToRoot(id).events[0]).toBe(event);
        }
      }),
    );
  });

  it('joins cause and effect both ways', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const web = new CausalWeb(events, true);
        for (const { id } of web.events(undefined).events) {
          for (const effect of web.trace(id)?.effects ?? []) {
            expect(web.trace(effect.id)?.causes.map((cause) => cause.id)).toContain(id);
          }
        }
      }),
    );
  });

  it('answers for a chain that is longer than the call stack', () => {
    const count = 200_000;
    const events = Array.from({ length: count }, (_, depth) =>
      traced(`e${depth}`, { depth, ...(depth > 0 && { causationId: `e${depth - 1}` }) }),
    );
    const web = new CausalWeb(events, true);
    expect(web.pathToRoot(`e${count - 1}`).events).toHaveLength(count);
    let deepest = 0;
    let branch = web.tree('c').roots[0];
    while (branch !== undefined) {
      deepest = branch.event.depth;
      branch = branch.effects[0];
    }
    expect(deepest).toBe(count - 1);
  });

  it('ends the way to the root where it would go round', () => {
    const web = new CausalWeb([traced('a', { causationId: 'b' }), traced('b', { causationId: 'a' })], true);
    expect(web.pathToRoot('a').events.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(web.pathToRoot('a').complete).toBe(false);
    expect(web.tree('c').roots.map(({ event, effects }) => [event.id, effects.length])).toEqual([['a', 1]]);
  });

  it('puts an event below the last of its causes that belongs to the correlation', () => {
    const web = new CausalWeb(
      [
        traced('a'),
        traced('b'),
        traced('elsewhere', { correlationId: 'd' }),
        traced('e', { causationId: 'elsewhere', causes: ['a', 'b', 'elsewhere'] }),
      ],
      true,
    );
    expect(web.tree('c').roots.map(({ event, effects }) => [event.id, effects.map((one) => one.event.id)])).toEqual([
      ['a', []],
      ['b', ['e']],
    ]);
  });

  describe('is complete', () => {
    const began = traced('c');
    const effect = traced('e', { causationId: 'c', depth: 1 });

    it('when nothing was dropped and no cause is missing', () => {
      expect(new CausalWeb([traced('a'), traced('b', { causationId: 'a' })], true).tree('c').complete).toBe(true);
      expect(new CausalWeb([traced('b', { causationId: 'a' })], true).tree('c').complete).toBe(false);
      expect(new CausalWeb([], true).tree('c').complete).toBe(true);
    });

    it('when others were dropped, but what began the correlation is held', () => {
      expect(new CausalWeb([began, effect], false).tree('c').complete).toBe(true);
      expect(new CausalWeb([effect], false).tree('c').complete).toBe(false);
      expect(new CausalWeb([traced('a')], false).tree('c').complete).toBe(false);
      expect(new CausalWeb([], false).tree('c').complete).toBe(false);
    });

    it('not by an event of that name in another correlation', () => {
      expect(new CausalWeb([traced('c', { correlationId: 'd' }), traced('a')], false).tree('c').complete).toBe(false);
    });
  });
});
