import { memoryHub } from '@happen/core';
import { seededRandom } from '@happen/testing';
import { expect, it } from 'vitest';

function weather(seed: number) {
  const random = seededRandom(seed);
  return { seed: random.integer(0, 1_000_000), drop: random.next() / 10, delayMs: random.integer(0, 50) };
}

it('makes the same bad network from the same seed', () => {
  expect(weather(42)).toEqual(weather(42));
  expect(memoryHub(weather(42)).transport().supports.loss).toBe('possible');
});
