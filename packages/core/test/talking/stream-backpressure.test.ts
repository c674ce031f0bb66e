import { describe, it } from 'vitest';
import { slowConsumer } from './stream-backpressure.js';
import { oneSpace, twoEndsOfAChannel, twoSpaces } from './worlds.js';

const settings = { tracking: 'automatic', isolation: 'freeze' } as const;
const mostMs = 180_000;

describe('an endless stream with a consumer a hundred times slower holds at most 20 MB', () => {
  it('within a space', () => slowConsumer(oneSpace(settings)), mostMs);
  it('over the hub', () => slowConsumer(twoSpaces(settings)), mostMs);
  it('over a message port', () => slowConsumer(twoEndsOfAChannel(settings)), mostMs);
});
