import { describe, expect, it } from 'vitest';
import { initializeHappen } from '../../src/index.js';
import { codeOf, until } from '../talking/observing.js';
import type { TestSpace } from '../talking/worlds.js';

describe('a generator that yields a promise which rejects', () => {
  function world() {
    const space: TestSpace = initializeHappen();
    return { space, asker: space.createNode('asker'), node: space.createNode('node') };
  }

  it('has its finally run, with a consumer', async () => {
    const { asker, node } = world();
    let cleaned = 0;
    node.on('give', function* () {
      try {
        yield Promise.reject(new Error('no'));
      } finally {
        cleaned++;
      }
    });
    const stream = (await asker.send('node', { type: 'give' })) as AsyncIterator<unknown>;
    expect(await codeOf(stream.next())).toBe('HAPPEN_HANDLER_FAILED');
    await until('it is cleaned up', () => cleaned === 1);
  });

  it('has its finally run, without a consumer', async () => {
    const { asker, node } = world();
    let cleaned = 0;
    node.on('give', function* () {
      try {
        yield Promise.reject(new Error('no'));
      } finally {
        cleaned++;
      }
    });
    asker.send('node', { type: 'give' });
    await until('it is cleaned up', () => cleaned === 1);
  });
});
