import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { initializeHappen, memoryHub, verifySignature } from '../../src/index.js';

// What a bundler resolves for a page: the same module under the name that core imports.
vi.mock('#host', () => import('../../src/host/browser.js'));

describe('core on the browser host', () => {
  it('resolves to that host', async () => {
    const { asyncTracker } = await import('#host');
    expect(asyncTracker()).toBeUndefined();
  });

  it('answers, broadcasts and runs flows', async () => {
    const { createNode, close } = initializeHappen();
    const [a, b] = [createNode('a'), createNode('b')];
    b.on('add', (event) => () => (event.payload as number[]).reduce((sum, part) => sum + part, 0));
    expect(await a.send(b, { type: 'add', payload: [1, 2] })).toBe(3);
    const heard: unknown[] = [];
    b.on('news', (event) => void heard.push(event.payload));
    await a.broadcast({ type: 'news', payload: 5 }).sent();
    expect(heard).toEqual([5]);
    expect(await close()).toEqual({ unfinished: [] });
  });

  it('knows the cause until the first await, and through context.node after it', async () => {
    const { createNode } = initializeHappen();
    const [a, b] = [createNode('a'), createNode('b')];
    b.on('x', (event) => event.context.causal.causationId ?? 'none');
    a.on('go', async (event, context) => {
      const before = a.send(b, { type: 'x' }).return();
      await null;
      const after = await a.send(b, { type: 'x' });
      const bound = await context.node.send(b, { type: 'x' });
      await null;
      const boundLater = await context.node.send(b, { type: 'x' });
      return { own: event.context.causal.id, before: await before, after, bound, boundLater };
    });
    const { own, before, after, bound, boundLater } = (await a.send({ type: 'go' })) as Record<string, string>;
    expect([before, bound, boundLater]).toEqual([own, own, own]);
    expect(after).toBe('none');
  });

  it("gives nodes an identity, by the page's own cryptography", async () => {
    const { createNode } = initializeHappen();
    const seed = new Uint8Array(32).fill(3);
    const [drawn, given] = [createNode('drawn'), createNode('given', { identity: seed })];
    expect((await drawn.identity.publicKey()).length).toBe(32);
    const data = new TextEncoder().encode('a challenge');
    const [publicKey, signature] = await Promise.all([given.identity.publicKey(), given.identity.sign(data)]);
    const x = Buffer.from(publicKey).toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    expect(verify(null, data, key, signature)).toBe(true);
    expect(await verifySignature(publicKey, data, signature)).toBe(true);
  });

  it('talks to other spaces, with hashes that are checked', async () => {
    const hub = memoryHub();
    const [here, there] = [
      initializeHappen({ transport: hub.transport() }),
      initializeHappen({ transport: hub.transport() }),
    ];
    await Promise.all([here.ready(), there.ready()]);
    there
      .createNode('server')
      .on('echo', (event) => ({ payload: event.payload as unknown, hash: event.context.causal.hash }));
    const answer = (await here.createNode('client').send('server', { type: 'echo', payload: { at: new Date(5) } })) as {
      payload: unknown;
      hash: string;
    };
    expect(answer.payload).toEqual({ at: new Date(5) });
    expect(answer.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(there.metrics().link).toMatchObject({ malformed: 0, hashMismatches: 0 });
    await Promise.all([here.close(), there.close()]);
  });
});
