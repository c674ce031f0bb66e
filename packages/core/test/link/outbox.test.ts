import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Address } from '../../src/index.js';
import { Outbox, type Posted } from '../../src/link/outbox.js';
import { decodeFrame } from '../../src/wire/frame.js';
import { FrameBuilder, type FrameBounds } from '../../src/wire/frame-builder.js';
import type { Message } from '../../src/wire/messages.js';

interface Letter extends Posted {
  readonly number: number;
}

interface Published {
  readonly to: Address;
  readonly numbers: readonly number[];
  readonly posted: readonly number[];
}

function outboxOf(bounds: Partial<FrameBounds> = {}) {
  const published: Published[] = [];
  let sequence = 0;
  const outbox = new Outbox<Letter>(
    () => new FrameBuilder('me', () => ++sequence, bounds),
    (to, frame, posted) => {
      const numbers = decodeFrame(frame).messages.map((message) => (message.kind === 'cancel' ? message.request : -1));
      published.push({ to, numbers, posted: posted.map(({ number }) => number) });
    },
  );
  const send = (to: Address, number: number, watched = true): void =>
    outbox.add(route(to), cancel(number), watched ? { number, handedOver: vi.fn() } : undefined);
  return { outbox, published, send };
}

function cancel(request: number, reason = ''): Message {
  return { kind: 'cancel', request, reason };
}

const node = (id: string): Address => ({ kind: 'node', id });
const route = (address: Address) => ({ address, sender: 'me' });

describe('an outbox', () => {
  it('sends what goes to one address within a turn as one frame', async () => {
    const { published, send } = outboxOf();
    for (const number of [1, 2, 3]) send(node('a'), number);
    send(node('b'), 4);
    send(node('a'), 5);
    expect(published).toEqual([]);
    await null;
    expect(published).toEqual([
      { to: node('a'), numbers: [1, 2, 3, 5], posted: [1, 2, 3, 5] },
      { to: node('b'), numbers: [4], posted: [4] },
    ]);
    send(node('a'), 6);
    await null;
    expect(published.slice(2)).toEqual([{ to: node('a'), numbers: [6], posted: [6] }]);
  });

  it('keeps addresses apart by kind, id, type and sender', async () => {
    const { published, send } = outboxOf();
    const addresses: Address[] = [
      node('x'),
      { kind: 'instance', id: 'x' },
      { kind: 'broadcast', type: 'x', sender: 'a' },
      { kind: 'broadcast', type: 'x', sender: 'b' },
      { kind: 'broadcast', type: 'x.b', sender: '' },
    ];
    for (const address of addresses) send(address, 1);
    await null;
    expect(published.map(({ to }) => to)).toEqual(addresses);
  });

  it('sends a full frame at once, with those who wait for it and no others', async () => {
    const { published, send } = outboxOf({ maxMessages: 2 });
    for (const number of [1, 2, 3, 4, 5]) send(node('a'), number, number !== 2);
    expect(published).toEqual([
      { to: node('a'), numbers: [1, 2], posted: [1] },
      { to: node('a'), numbers: [3, 4], posted: [3, 4] },
    ]);
    await null;
    expect(published.slice(2)).toEqual([{ to: node('a'), numbers: [5], posted: [5] }]);
  });

  it('refuses a message that no frame can hold, and sends the others', async () => {
    const { outbox, published, send } = outboxOf({ maxFrameBytes: 1000 });
    send(node('a'), 1);
    expect(() => outbox.add(route(node('a')), cancel(2, 'x'.repeat(2000)), undefined)).toThrow(
      expect.objectContaining({ code: 'HAPPEN_PAYLOAD_TOO_LARGE' }),
    );
    expect(() => outbox.add(route(node('b')), cancel(2, 'x'.repeat(2000)), undefined)).toThrow(
      expect.objectContaining({ code: 'HAPPEN_PAYLOAD_TOO_LARGE' }),
    );
    send(node('a'), 3);
    await null;
    expect(published).toEqual([{ to: node('a'), numbers: [1, 3], posted: [1, 3] }]);
  });

  it('goes on after thousands of addresses', async () => {
    const { published, send } = outboxOf();
    for (let i = 0; i < 3000; i++) send(node(`n${i}`), i + 1);
    await null;
    for (let i = 0; i < 3000; i++) send(node(`n${i}`), i + 3001);
    await null;
    expect(published.map(({ numbers }) => numbers)).toEqual(Array.from({ length: 6000 }, (_, i) => [i + 1]));
  });

  it('puts what comes by the same route and by an equal one into the same frame, also after thousands of addresses', async () => {
    const { outbox, published, send } = outboxOf();
    const same = route(node('last'));
    const again = (number: number): void => outbox.add(same, cancel(number), undefined);
    for (let i = 0; i < 3000; i++) send(node(`n${i}`), i + 1);
    again(1);
    await null;
    published.length = 0;
    again(2);
    send(node('last'), 3);
    again(4);
    await null;
    expect(published.map(({ numbers }) => numbers)).toEqual([[2, 3, 4]]);
  });

  it('keeps the order to each address and loses nothing, however messages and turns are mixed', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'c') },
      { weight: 1, arbitrary: fc.constantFrom('turn', 'flush') },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(step, { maxLength: 60 }),
        async (maxMessages, steps) => {
          const { outbox, published, send } = outboxOf({ maxMessages });
          const sent = new Map<string, number[]>();
          let number = 0;
          for (const one of steps) {
            if (one === 'turn') await null;
            else if (one === 'flush') outbox.flush();
            else {
              send(node(one), ++number);
              sent.set(one, [...(sent.get(one) ?? []), number]);
            }
          }
          await null;
          const arrived = new Map<string, number[]>();
          for (const { to, numbers, posted } of published) {
            expect(numbers.length).toBeGreaterThan(0);
            expect(numbers.length).toBeLessThanOrEqual(maxMessages);
            expect(posted).toEqual(numbers);
            const { id } = to as { id: string };
            arrived.set(id, [...(arrived.get(id) ?? []), ...numbers]);
          }
          expect(arrived).toEqual(sent);
        },
      ),
    );
  });
});
