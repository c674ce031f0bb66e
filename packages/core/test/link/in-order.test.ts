import { describe, expect, it } from 'vitest';
import { InOrder } from '../../src/link/in-order.js';
import { gate, upTo } from '../talking/observing.js';
import { turn } from '../talking/worlds.js';

function queue() {
  const inOrder = new InOrder();
  const seen: unknown[] = [];
  const run = (sender: string, value: unknown, size = 1, isKnown = true): void =>
    inOrder.run(
      { lane: sender, sender, isKnown },
      size,
      value,
      (known) => void seen.push(known),
      (error) => void seen.push(`failed: ${(error as Error).message}`),
    );
  const hasRoom = (sender: string, isKnown = true): boolean => inOrder.hasRoom({ lane: sender, sender, isKnown });
  /** Runs as many of a sender as there is room for. */
  const fill = (sender: string, value: unknown, size = 1, isKnown = true): number => {
    let count = 0;
    for (; hasRoom(sender, isKnown); count++) run(sender, value, size, isKnown);
    return count;
  };
  return { inOrder, seen, run, hasRoom, fill };
}

describe('what is known later', () => {
  it('is gone on with in the order in which it came, sender by sender, and failures are no exception', async () => {
    const { seen, run } = queue();
    const [slow, failing] = [gate<string>(), gate<string>()];
    run('a', slow.passed);
    run('a', failing.passed);
    run('a', 'at once, but third');
    run('b', 'another sender');
    expect(seen).toEqual(['another sender']);
    failing.fail(new Error('no'));
    await turn();
    expect(seen).toEqual(['another sender']);
    slow.open('first');
    await turn();
    expect(seen).toEqual(['another sender', 'first', 'failed: no', 'at once, but third']);
    run('a', 'at once again');
    expect(seen).toHaveLength(5);
  });

  it('is only so much, in number and in bytes', async () => {
    const { inOrder, seen, hasRoom, fill } = queue();
    const open = gate<string>();
    let taken = 0;
    for (const i of upTo(5_000)) taken += fill(`sender ${i}`, open.passed);
    expect([taken, hasRoom('one more')]).toEqual([4096, false]);
    open.open('x');
    await turn();
    expect([inOrder.isEmpty, hasRoom('one more')]).toEqual([true, true]);
    expect(seen).toHaveLength(4096);
    const other = gate<string>();
    let megabytes = 0;
    for (const i of upTo(100)) megabytes += fill(`sender ${i}`, other.passed, 2 ** 20);
    expect([megabytes, hasRoom('one more')]).toEqual([64, false]);
    other.open('y');
    await turn();
    expect([inOrder.isEmpty, hasRoom('one more')]).toEqual([true, true]);
  });

  it.each([
    ['in number', 1, 2048],
    ['in bytes', 2 ** 20, 32],
  ])('of one sender takes up no more than it leaves to the others, %s', async (_unit, size, half) => {
    const { hasRoom, fill, run } = queue();
    const open = gate<string>();
    expect(fill('greedy', open.passed, size)).toBe(half);
    expect(hasRoom('modest')).toBe(true);
    expect(fill('second', open.passed, size)).toBe(half / 2);
    run('modest', open.passed, size);
    expect([hasRoom('greedy'), hasRoom('second'), hasRoom('modest')]).toEqual([false, false, true]);
    open.open('x');
    await turn();
    expect(hasRoom('greedy')).toBe(true);
  });

  it('of senders of whom nothing is known takes up half of the room, however many names they have', () => {
    const { hasRoom, fill, run } = queue();
    const open = gate<string>();
    let taken = 0;
    for (const i of upTo(5_000)) taken += fill(`stranger ${i}`, open.passed, 1, false);
    expect([taken, hasRoom('another stranger', false)]).toEqual([2048, false]);
    expect(hasRoom('known')).toBe(true);
    expect(fill('known', open.passed)).toBe(1024);
    run('also known', open.passed);
    expect(hasRoom('also known')).toBe(true);
  });
});
