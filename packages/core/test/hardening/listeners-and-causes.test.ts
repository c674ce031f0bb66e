import { describe, expect, it } from 'vitest';
import { createNodeArray, type HappenEvent, initializeHappen } from '../../src/index.js';
import { until } from '../talking/observing.js';
import { type TestNode, turn } from '../talking/worlds.js';
import { never } from './misbehaving.js';

/** Nodes, and what a log heard: of each event what it says, its correlation and the ways that led to it. */
function world(tracking: 'automatic' | 'explicit' = 'automatic') {
  const space = initializeHappen({ causality: { tracking } });
  const [web, a, b, log] = ['web', 'a', 'b', 'log'].map((id) => space.createNode(id)) as [
    TestNode,
    TestNode,
    TestNode,
    TestNode,
  ];
  const heard: { said: unknown; correlation: string; path: string }[] = [];
  log.on('log', ({ payload, context: { causal } }) => {
    heard.push({
      said: payload,
      correlation: causal.correlationId,
      path: causal.path.map((hop) => hop.join('>')).join(' '),
    });
  });
  return { space, web, a, b, log, heard };
}

function within(correlationId: string): object {
  return { context: { causal: { correlationId } } };
}

describe('what a listener of an abort sends is caused by the event whose signal it is', () => {
  function listening() {
    const all = world();
    const { a, b, log } = all;
    b.on('slow', ({ context }, { signal }) => {
      signal.addEventListener('abort', () => void b.send(log, { type: 'log', payload: context.causal.correlationId }));
      return never();
    });
    a.on('ask.slowly', async () => {
      await a.send(b, { type: 'slow' }, { timeout: 20 }).catch(() => {});
    });
    return all;
  }

  it('when its time ends, whoever armed the timer', async () => {
    const { web, a, b, heard } = listening();
    web.send(a, { type: 'ask.slowly', ...within('first') });
    await turn();
    web
      .send(b, { type: 'slow', ...within('second') }, { timeout: 60 })
      .return()
      .catch(() => {});
    await until('both have aborted', () => heard.length === 2);
    expect(heard).toEqual([
      { said: 'first', correlation: 'first', path: 'web>a a>b' },
      { said: 'second', correlation: 'second', path: 'web>b' },
    ]);
  });

  it('when somebody else aborts it, from a flow of their own', async () => {
    const { web, a, b, heard } = listening();
    const abort = new AbortController();
    web
      .send(b, { type: 'slow', ...within('asked') }, { signal: abort.signal })
      .return()
      .catch(() => {});
    await turn();
    a.on('abort', () => abort.abort());
    web.send(a, { type: 'abort', ...within('stranger') });
    await until('it has aborted', () => heard.length > 0);
    expect(heard).toEqual([{ said: 'asked', correlation: 'asked', path: 'web>b' }]);
  });
});

describe("what a handler of the framework's own events sends", () => {
  it('belongs to no flow, whichever flow came first in the turn', async () => {
    const { space, web, a, b, log, heard } = world();
    space.on('node.unhandled', ({ payload }) => {
      log.send(log, { type: 'log', payload: (payload as { type: string }).type });
    });
    a.on('go', () => void a.send(b, { type: 'unknown.to.b' }));
    b.on('go', () => void b.send(a, { type: 'unknown.to.a' }));
    web.send(a, { type: 'go', ...within('one') });
    web.send(b, { type: 'go', ...within('two') });
    await until('both are told', () => heard.length === 2);
    expect(heard.map(({ said, path }) => ({ said, path }))).toEqual([
      { said: 'unknown.to.b', path: '' },
      { said: 'unknown.to.a', path: '' },
    ]);
    expect(heard.map(({ correlation }) => correlation)).not.toContain('one');
    expect(heard.map(({ correlation }) => correlation)).not.toContain('two');
  });
});

describe.each(['automatic', 'explicit'] as const)('with tracking "%s"', (tracking) => {
  it('an array of nodes with a context.node in it sends within its flow', async () => {
    const { web, a, b } = world(tracking);
    const seen: HappenEvent[] = [];
    for (const node of [a, b]) node.on('each', (event) => void seen.push(event));
    a.on('go', async (_, context) => {
      await turn();
      await createNodeArray([context.node as TestNode, b]).send({ type: 'each' });
    });
    await web.send(a, { type: 'go', ...within('mine') });
    expect(seen.map(({ context }) => [context.causal.correlationId, context.causal.sender])).toEqual([
      ['mine', 'a'],
      ['mine', 'a'],
    ]);
  });
});
