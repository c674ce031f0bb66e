import { describe, expect, it, vi } from 'vitest';
import { initializeHappen } from '../../src/index.js';
import { Registrations } from '../../src/node/registrations.js';

function registrations() {
  const matcherFailed = vi.fn();
  const changed = vi.fn();
  return { all: new Registrations(matcherFailed, changed), matcherFailed, changed };
}

describe('the registrations of a node', () => {
  it('answer in the order in which they were made, one function counting as often as it was registered', () => {
    const { all } = registrations();
    const [first, second] = [() => 1, () => 2];
    all.add('order.*', first);
    all.add('user.*', second);
    all.add('**', second);
    all.add('order.placed', first);
    expect(all.matching('order.placed').map(({ handler }) => handler)).toEqual([first, second, first]);
    expect(all.matching('other')).toHaveLength(1);
  });

  it('end one by one, and ending one twice changes nothing', () => {
    const { all, changed } = registrations();
    const handler = () => {};
    const [endFirst] = [all.add('x', handler), all.add('x', handler)] as const;
    endFirst();
    endFirst();
    expect(all.matching('x')).toHaveLength(1);
    expect(changed).toHaveBeenCalledTimes(3);
  });

  it('are asked again about a type when they have changed', () => {
    const { all } = registrations();
    expect(all.matching('x')).toHaveLength(0);
    const end = all.add('x', () => {});
    expect(all.matching('x')).toHaveLength(1);
    end();
    expect(all.matching('x')).toHaveLength(0);
  });

  it('answer rightly for more types than they remember', () => {
    const { all } = registrations();
    const asked = vi.fn((type: string) => type.endsWith('7'));
    all.add(asked, () => {});
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 5000; i++) expect(all.matching(`type.${i}`)).toHaveLength(i % 10 === 7 ? 1 : 0);
    }
    all.matching('type.4999');
    expect(asked.mock.calls.length).toBeLessThanOrEqual(10_000);
  });

  it('want from a transport what their patterns want, once each, and nothing of the framework', () => {
    const { all } = registrations();
    all.add('order.*', () => {});
    all.add('{order.*,user.created}', () => {});
    all.add('node.error', () => {});
    expect(all.interests()).toEqual(['order.*', 'user.created']);
    all.add(
      () => true,
      () => {},
    );
    expect(all.interests()).toEqual(['order.*', 'user.created', '**']);
  });

  it('refuse what is no handler', () => {
    const { all } = registrations();
    for (const handler of [undefined, null, 'run', {}]) {
      expect(() => all.add('x', handler)).toThrow(
        expect.objectContaining({ code: 'HAPPEN_INVALID_OPTION', details: { option: 'handler' } }),
      );
    }
  });
});

describe('a pattern function that throws', () => {
  it('counts as no match, is told, and keeps nobody else from matching', async () => {
    const { createNode, on } = initializeHappen();
    const node = createNode('node');
    const told: unknown[] = [];
    on('node.error', (event) => void told.push(event.payload));
    node.on(
      () => {
        throw new Error('no');
      },
      () => 'never',
    );
    node.on('x', () => 'other');
    expect(await node.send({ type: 'x' })).toBe('other');
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toMatchObject([
      { code: 'HAPPEN_INVALID_PATTERN', nodeId: 'node', error: { details: { node: 'node', type: 'x' } } },
    ]);
  });
});

describe("the framework's own events", () => {
  it('reach the patterns that begin with their names, and no others', async () => {
    const { createNode } = initializeHappen();
    const node = createNode('node');
    const seen: string[] = [];
    const keep = (pattern: string) => (event: { type: string }) => void seen.push(`${pattern} ${event.type}`);
    for (const pattern of ['*', '**', '*.*', '*.error', '**.error', '{node.error,x}']) node.on(pattern, keep(pattern));
    node.on(() => true, keep('a function'));
    node.on((type) => type.endsWith('.error'), keep('another function'));
    const told = new Promise<void>((resolve) => {
      node.on('node.*', keep('node.*'));
      node.on('node.{error,down}', (event) => {
        keep('node.{error,down}')(event);
        resolve();
      });
    });
    node.send('nobody', { type: 'x' });
    await told;
    expect(seen).toEqual(['node.* node.error', 'node.{error,down} node.error']);
    seen.length = 0;
    await node.send({ type: 'payment.error' });
    expect(seen).toEqual([
      '** payment.error',
      '*.* payment.error',
      '*.error payment.error',
      '**.error payment.error',
      'a function payment.error',
      'another function payment.error',
    ]);
  });

  it('that fail to be handled are logged, and do not feed themselves', async () => {
    const logged = vi.fn();
    const logger = { debug() {}, info() {}, warn() {}, error: logged };
    const { createNode, on } = initializeHappen({ logger });
    const node = createNode('node');
    const told = vi.fn(() => {
      throw new Error('in the listener');
    });
    on('node.error', told);
    node.on('node.error', () => {
      throw new Error('in the handler');
    });
    node.send('nobody', { type: 'x' });
    await vi.waitFor(() => expect(logged).toHaveBeenCalledTimes(2));
    await node.send('nobody', { type: 'sentinel' }).catch(() => {});
    expect(told).toHaveBeenCalledTimes(1);
  });
});
