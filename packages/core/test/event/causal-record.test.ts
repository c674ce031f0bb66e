import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Causal, type HappenEvent, initializeHappen, memoryHub, type NodeRef } from '../../src/index.js';
import { toWireEvent } from '../../src/event/wire-event.js';
import { encodeEvent } from '../../src/wire/event-encoding.js';
import { emissions } from './emissions.js';

/** Sends through the nodes in turn, each passing the event on to the next, and gives back what each one received. */
async function relayed(names: readonly string[], payload?: unknown): Promise<HappenEvent[]> {
  const { createNode, close } = initializeHappen();
  const received: HappenEvent[] = [];
  const nodes = names.map((name) => createNode(name));
  nodes.forEach((node, index) => {
    node.on('pass', (event) => {
      received.push(event);
      const next = nodes[index + 1];
      return next === undefined ? 'end' : node.send(next, { type: 'pass', payload: event.payload });
    });
  });
  await createNode('starter').send(nodes[0] as NodeRef<any>, { type: 'pass', payload });
  await close();
  return received;
}

const fields = ['id', 'sender', 'causationId', 'correlationId', 'path', 'omittedHops', 'depth', 'hash'] as const;

describe('the causal part of an event', () => {
  it('says where the event stands', async () => {
    const [first, second, third] = (await relayed(['a', 'b', 'c'])).map((event) => event.context.causal) as [
      Causal,
      Causal,
      Causal,
    ];
    expect(first).toMatchObject({ sender: 'starter', correlationId: first.id, path: [], omittedHops: 0, depth: 0 });
    expect('causationId' in first).toBe(false);
    expect(second).toMatchObject({
      sender: 'a',
      causationId: first.id,
      correlationId: first.id,
      path: [['starter', 'a']],
      depth: 1,
    });
    expect(third).toMatchObject({
      sender: 'b',
      causationId: second.id,
      correlationId: first.id,
      path: [
        ['starter', 'a'],
        ['a', 'b'],
      ],
      depth: 2,
    });
    expect(third.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('shows as JSON and in a console just what reading it gives', async () => {
    for (const { context } of await relayed(['a', 'b'])) {
      const { causal } = context;
      const read = Object.fromEntries(
        fields.filter((field) => causal[field] !== undefined).map((field) => [field, causal[field]]),
      );
      expect(JSON.parse(JSON.stringify(causal))).toEqual(read);
      expect(JSON.parse(JSON.stringify(context)).causal).toEqual(read);
      expect(inspect(causal, { depth: 5 })).toBe(inspect(read, { depth: 5 }));
    }
  });

  it('can be shown in a console where the event was handled in place and holds what has no hash', () => {
    const { createNode } = initializeHappen();
    const node = createNode('a');
    node.on('t', () => ({ body: () => 'of a request' }));
    const response = node.processSync({ type: 't', payload: null });
    const { id, correlationId } = response.context.causal;
    const shown = inspect(response, { depth: 5 });
    for (const part of ['body: [Function', id, correlationId, "sender: 'a'", 'HAPPEN_NOT_SERIALISABLE']) {
      expect(shown).toContain(part);
    }
  });

  it('gives the same each time it is read, and once a property was read later than another', async () => {
    const [, event] = (await relayed(['a', 'b'])) as [HappenEvent, HappenEvent];
    const { causal } = event.context;
    for (const field of fields) expect(causal[field]).toBe(causal[field]);
  });

  it('can not be changed by who received it', async () => {
    const [event] = (await relayed(['a'])) as [HappenEvent];
    for (const field of fields) {
      expect(() => Object.assign(event.context.causal, { [field]: 'forged' })).toThrow(TypeError);
    }
    expect(() => Object.assign(event.context.causal, { extra: 1 })).toThrow(TypeError);
    expect(() => (event.context.causal.path as unknown[]).push(['x', 'y'])).toThrow(TypeError);
    expect(event.context.causal.sender).toBe('starter');
  });
});

describe('the hash of an event', () => {
  it('is the same for the sender, who computes it when it is read, and for a receiver elsewhere, who got it with the bytes', async () => {
    const hub = memoryHub();
    const { extension, all } = emissions();
    const here = initializeHappen({ transport: hub.transport(), extensions: [extension], system: { region: 'eu' } });
    const there = initializeHappen({ transport: hub.transport() });
    await Promise.all([here.ready(), there.ready()]);
    const received: HappenEvent[] = [];
    const receiver = there.createNode('receiver');
    receiver.on('**', (event) => {
      received.push(event);
      return null;
    });
    const local = here.createNode('local');
    local.on('chain', async (event) => local.send('receiver', { type: 'chained', payload: event.payload }));
    const payloads = [
      undefined,
      null,
      0,
      -0,
      1.5,
      'größe',
      [],
      { b: 1, a: [{ deep: true }] },
      new Date(5),
      10n ** 30n,
      new Map([['k', new Set([1])]]),
      new Uint8Array([1, 2, 3]),
      new Float64Array([1.5]),
      new RangeError('too far'),
    ];
    for (const payload of payloads) {
      await local.send(receiver, {
        type: 'plain',
        payload,
        context: { user: { id: 'u' }, origin: { sourceId: 's' }, tags: ['x'] },
      });
      await local.send(local, { type: 'chain', payload });
    }
    const sent = all.filter(({ type }) => type !== 'chain');
    expect(received).toHaveLength(2 * payloads.length);
    expect(received.map(({ context }) => context.causal.hash)).toEqual(sent.map(({ context }) => context.causal.hash));
    expect(new Set(received.map(({ context }) => context.causal.hash)).size).toBe(received.length);
    await Promise.all([here.close(), there.close()]);
  });

  it('is SHA-256 of the canonical bytes, which integrity is no part of', async () => {
    const { extension, all } = emissions();
    const { createNode } = initializeHappen({ extensions: [extension] });
    const node = createNode('node');
    node.on('x', () => null);
    await node.send({ type: 'x', payload: { a: 1 }, context: { integrity: { signature: 'abc' }, note: 1 } });
    const event = all[0] as HappenEvent;
    const digest = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());
    const { bytes } = encodeEvent(toWireEvent(event), undefined, digest);
    expect(event.context.causal.hash).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(event.context['integrity']).toEqual({ signature: 'abc' });
    const withoutIntegrity: HappenEvent = { ...event, context: { ...event.context, integrity: undefined } };
    expect(encodeEvent(toWireEvent(withoutIntegrity), undefined, digest).bytes).toEqual(bytes);
    const changed: HappenEvent = { ...event, context: { ...event.context, note: 2 } };
    expect(encodeEvent(toWireEvent(changed), undefined, digest).bytes).not.toEqual(bytes);
  });

  it('can be read for every payload that the limits of the space let pass', async () => {
    const limits = { maxPayloadBytes: 3_000_000, maxFrameBytes: 4_000_000 };
    const { extension, all } = emissions();
    const { createNode } = initializeHappen({ extensions: [extension], limits });
    const node = createNode('node');
    node.on('big', (event) => (event.payload as string).length);
    expect(await node.send({ type: 'big', payload: 'x'.repeat(2_000_000) })).toBe(2_000_000);
    expect(all[0]?.context.causal.hash).toMatch(/^[0-9a-f]{64}$/);
    await expect(node.send({ type: 'big', payload: 'x'.repeat(3_100_000) }).return()).rejects.toMatchObject({
      code: 'HAPPEN_PAYLOAD_TOO_LARGE',
    });
  });
});
