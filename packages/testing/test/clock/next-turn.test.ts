import { afterEach, describe, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe('the next turn', () => {
  it.each(['with', 'without'])('comes after every microtask, %s setImmediate', async (presence) => {
    if (presence === 'without') vi.stubGlobal('setImmediate', undefined);
    vi.resetModules();
    const { nextTurn } = await import('../../src/clock/next-turn.js');
    let hops = 0;
    void (async () => {
      while (hops < 1_000) {
        hops++;
        await Promise.resolve();
      }
    })();
    await nextTurn();
    expect(hops).toBe(1_000);
  });
});
