import { describe, expect, it, vi } from 'vitest';
import { initializeHappen } from '../../src/index.js';

/** Whether a node with this `acceptFrom` takes an event of this sender and source. */
async function takes(acceptFrom: readonly string[] | undefined, sender: string, sourceId?: string): Promise<boolean> {
  const { createNode, metrics } = initializeHappen();
  const guarded = createNode('guarded', acceptFrom === undefined ? {} : { acceptFrom });
  const handler = vi.fn(() => 'taken');
  guarded.on('knock', handler);
  const context = sourceId === undefined ? {} : { context: { origin: { sourceId } } };
  const outcome: unknown = await createNode(sender)
    .send(guarded, { type: 'knock', ...context })
    .catch((error: unknown) => error);
  const taken = outcome === 'taken';
  if (!taken) {
    expect(outcome).toMatchObject({
      code: 'HAPPEN_NOT_ACCEPTED',
      transient: false,
      details: { node: 'guarded', sender, type: 'knock' },
    });
  }
  expect(handler).toHaveBeenCalledTimes(taken ? 1 : 0);
  expect(metrics().nodes.notAccepted).toBe(taken ? 0 : 1);
  return taken;
}

describe('acceptFrom', () => {
  it('takes everybody when it is not there, and nobody when it is empty', async () => {
    expect(await takes(undefined, 'anybody')).toBe(true);
    expect(await takes([], 'anybody')).toBe(false);
    expect(await takes([], 'anybody', 'tenant:acme')).toBe(false);
  });

  it('matches an entry without a scheme against the id of the sending node, and nothing else', async () => {
    expect(await takes(['checkout', 'api-*'], 'checkout')).toBe(true);
    expect(await takes(['checkout', 'api-*'], 'api-7')).toBe(true);
    expect(await takes(['checkout', 'api-*'], 'checkout-2')).toBe(false);
    expect(await takes(['checkout'], 'intruder', 'checkout')).toBe(false);
    expect(await takes(['*'], 'anybody')).toBe(true);
  });

  it('matches an entry with a scheme against the source that the sender claims, and nothing else', async () => {
    expect(await takes(['tenant:acme:*'], 'anybody', 'tenant:acme:user:1')).toBe(true);
    expect(await takes(['tenant:acme:*'], 'anybody', 'tenant:other:user:1')).toBe(false);
    expect(await takes(['tenant:acme:*'], 'anybody')).toBe(false);
    expect(await takes(['user:*'], 'user', 'user')).toBe(false);
  });

  it('looks at each event of a batch', async () => {
    const { createNode } = initializeHappen();
    const guarded = createNode('guarded', { acceptFrom: ['tenant:acme:*'] });
    guarded.on('knock', (batch) => (batch as unknown as readonly unknown[]).length);
    const from = (sourceId: string) => ({ type: 'knock', context: { origin: { sourceId } } });
    const sender = createNode('sender');
    expect(await sender.send(guarded, [from('tenant:acme:1'), from('tenant:acme:2')])).toBe(2);
    await expect(sender.send(guarded, [from('tenant:acme:1'), from('tenant:evil:2')]).return()).rejects.toMatchObject({
      code: 'HAPPEN_NOT_ACCEPTED',
    });
  });

  it('turns broadcasts away without a word to their sender', async () => {
    const { createNode, on } = initializeHappen();
    const failures = vi.fn();
    on('node.*', failures);
    const guarded = createNode('guarded', { acceptFrom: ['friend'] });
    const taken: unknown[] = [];
    guarded.on('news', (event) => void taken.push(event.payload));
    await createNode('stranger').broadcast({ type: 'news', payload: 1 }).sent();
    await createNode('friend').broadcast({ type: 'news', payload: 2 }).sent();
    expect(taken).toEqual([2]);
    expect(failures).not.toHaveBeenCalled();
  });

  it("does not concern the framework's own events", async () => {
    const { createNode } = initializeHappen();
    const guarded = createNode('guarded', { acceptFrom: [] });
    const told = new Promise((resolve) => guarded.on('node.error', (event) => resolve(event.payload.code)));
    createNode('sender').send('nobody', { type: 'x' });
    expect(await told).toBe('HAPPEN_NO_SUCH_NODE');
  });
});
