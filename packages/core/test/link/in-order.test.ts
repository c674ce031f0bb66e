import { describe, expect, it } from 'vitest';
import { InOrder } from '../../src/link/in-order.js';
import { gate, upTo } from '../talking/observing.js';
import { turn } from '../talking/worlds.js';

function queue() {
  const inOrder = new InOrder();
  const seen: unknown[] = [];
  const run = (sender: string, value: unknown, size = 1): void =>
    inOrder.run(
      sender,
      size,
      value,
      (known) => void seen.push(known),
      (error) => void seen.push(`failed: ${(error as Error).message}`),
    );
  return { inOrder, seen, run };
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
    const { inOrder, seen, run } = queue();
    const open = gate<string>();
    for (const _ of upTo(4095)) run('a', open.passed);
    expect(inOrder.isFull).toBe(false);
    run('b', open.passed);
    expect(inOrder.isFull).toBe(true);
    open.open('x');
    await turn();
    expect(inOrder.isFull).toBe(false);
    expect(seen).toHaveLength(4096);
    const other = gate<string>();
    run('a', other.passed, 2 ** 26);
    expect(inOrder.isFull).toBe(true);
    other.open('y');
    await turn();
    expect(inOrder.isFull).toBe(false);
  });
});
