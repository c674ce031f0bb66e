import { encode } from '@msgpack/msgpack';
import { describe, expect, test } from 'vitest';
import type { HappenError } from '../../src/errors/happen-error.js';
import { encodeEvent } from '../../src/wire/event-encoding.js';
import { FrameBuilder, encodeFrames } from '../../src/wire/frame-builder.js';
import { decodeFrame, encodeFrame } from '../../src/wire/frame.js';
import { defaultWireLimits } from '../../src/wire/limits.js';
import type { Frame, Message } from '../../src/wire/messages.js';
import { encodePayload } from '../../src/wire/payload-encoding.js';
import { Scratch } from '../../src/wire/scratch.js';
import { bareEvent, sampleEvent, sha256 } from './samples.js';

type Deliver = Extract<Message, { kind: 'deliver' }>;

const delivery: Deliver = {
  kind: 'deliver',
  target: 'inventory',
  events: [encodeEvent(sampleEvent, undefined, sha256)],
  batch: false,
  request: 7,
  remainingMs: 1_500.25,
  priority: -3,
  key: 'order-1',
  dedupeKey: 'once',
};

const messages: Message[] = [
  delivery,
  {
    ...delivery,
    target: undefined,
    events: [
      encodeEvent(bareEvent, { by: 'x', signature: new Uint8Array([1, 2]) }, sha256),
      encodeEvent(sampleEvent, undefined, sha256),
    ],
    batch: true,
    request: 0,
    remainingMs: 0,
    priority: 0,
    key: undefined,
    dedupeKey: undefined,
  },
  { kind: 'reply', request: Number.MAX_SAFE_INTEGER, value: encodePayload({ ok: true }) },
  { kind: 'reply', request: 1, value: encodePayload(undefined) },
  {
    kind: 'failure',
    request: 2,
    error: {
      name: 'E',
      message: 'm',
      code: 'C',
      details: { a: 1n },
      cause: { name: 'F', message: '', code: undefined, details: undefined, cause: undefined },
    },
  },
  { kind: 'cancel', request: 3, reason: 'no longer needed' },
  { kind: 'stream', request: 4 },
  { kind: 'items', request: 4, first: 0, items: [encodePayload({ progress: 0.5 }), encodePayload(undefined)] },
  { kind: 'items', request: 4, first: Number.MAX_SAFE_INTEGER, items: [encodePayload(new Uint8Array(3))] },
  { kind: 'end', request: 4, count: 2, value: encodePayload('done') },
  { kind: 'end', request: 4, count: 0, value: encodePayload(undefined) },
  {
    kind: 'broken',
    request: 4,
    count: 3,
    error: { name: 'E', message: 'm', code: 'C', details: undefined, cause: undefined },
  },
  { kind: 'credit', request: 4, items: 256, bytes: 262_144 },
  { kind: 'credit', request: 4, items: 0, bytes: Number.MAX_SAFE_INTEGER },
  { kind: 'subscribe', request: 5, stream: 3 },
  { kind: 'dropped', request: 5, count: 12 },
];

function errorOf(run: () => unknown): HappenError {
  try {
    run();
  } catch (error) {
    return error as HappenError;
  }
  throw new Error('Nothing was thrown.');
}

/** A frame written with the library, so that anything can stand in it. */
function frameOf(body: unknown, header = [0xc1, 0x48, 1, 0]): Uint8Array {
  return Uint8Array.from([...header, ...encode(body)]);
}

function deliverRecord(changes: Record<number, unknown> = {}): unknown[] {
  const fields: unknown[] = [1, 'target', false, 1, 0, 0, null, null, [[new Uint8Array(1), new Uint8Array(32), null]]];
  for (const [position, value] of Object.entries(changes)) fields[Number(position)] = value;
  return fields;
}

function reasonFor(bytes: Uint8Array): unknown[] {
  const error = errorOf(() => decodeFrame(bytes));
  expect(error.code).toBe('HAPPEN_MALFORMED_FRAME');
  return [error.details['reason'], error.details['field']];
}

describe('a frame', () => {
  test('with every kind of message arrives equal', () => {
    const frame: Frame = { from: 'instance-1', sequence: 42, messages };
    expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
    expect(encodeFrame(decodeFrame(encodeFrame(frame)))).toEqual(encodeFrame(frame));
  });

  test('without messages arrives', () => {
    const frame: Frame = { from: 'i', sequence: 0, messages: [] };
    expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
  });

  test('gives its events as views of what arrived, so that their bytes are never written again', () => {
    const bytes = encodeFrame({ from: 'i', sequence: 1, messages: [delivery] });
    const [message] = decodeFrame(bytes).messages as [Deliver];
    expect(message.events[0]?.bytes.buffer).toBe(bytes.buffer);
    expect(message.events[0]?.bytes).toEqual(delivery.events[0]?.bytes);
  });

  test('is read from a Buffer in the middle of another', () => {
    const bytes = encodeFrame({ from: 'i', sequence: 1, messages });
    const inside = Buffer.concat([Buffer.alloc(13, 0xff), bytes, Buffer.alloc(5, 0xff)]).subarray(
      13,
      13 + bytes.length,
    );
    const frame = decodeFrame(inside);
    expect(frame.messages).toEqual(messages);
    expect(Object.getPrototypeOf((frame.messages[2] as { value: Uint8Array }).value)).toBe(Uint8Array.prototype);
  });

  test('is the same with a scratch, used again and again', () => {
    const scratch = new Scratch();
    const frames = [1, 2, 3].map((sequence) =>
      encodeFrame({ from: `i${sequence}`, sequence, messages }, defaultWireLimits, scratch),
    );
    expect(frames).toEqual([1, 2, 3].map((sequence) => encodeFrame({ from: `i${sequence}`, sequence, messages })));
    // A frame is given away, so it has memory of its own.
    expect(frames.every((frame) => frame.buffer.byteLength === frame.length)).toBe(true);
  });

  test('cuts a reason for cancelling that is too long', () => {
    const [message] = decodeFrame(
      encodeFrame({ from: 'i', sequence: 1, messages: [{ kind: 'cancel', request: 1, reason: '😀'.repeat(9_000) }] }),
    ).messages;
    expect((message as { reason: string }).reason.length).toBe(8_192);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['target', { target: '' }, 'target'],
    ['key', { key: 'k'.repeat(1_025) }, 'key'],
    ['dedupe key', { dedupeKey: 'k'.repeat(1_025) }, 'dedupeKey'],
    ['key that is not text', { key: 'a\ud800' }, 'key'],
    ['remaining time', { remainingMs: Number.NaN }, 'remainingMs'],
    ['request', { request: -1 }, 'request'],
    ['priority', { priority: Number.POSITIVE_INFINITY }, 'priority'],
    ['number of events', { events: [] }, 'events'],
  ])('is not made of a message with a wrong %s', (_name, change, field) => {
    const message = { ...delivery, ...change } as Message;
    expect(errorOf(() => encodeFrame({ from: 'i', sequence: 1, messages: [message] }))).toMatchObject({
      code: 'HAPPEN_INVALID_OPTION',
      details: { field },
    });
  });
});

describe('bytes are refused as a frame', () => {
  test.each<[string, Uint8Array, string, string?]>([
    ['when there are none', new Uint8Array(0), 'truncated'],
    ['when they end in the header', Uint8Array.of(0xc1, 0x48, 1), 'truncated'],
    ['when they end after the header', Uint8Array.of(0xc1, 0x48, 1, 0), 'truncated'],
    ['when they are JSON', new TextEncoder().encode('{"a":1}'), 'magic'],
    ['when they are MessagePack', encode(['i', 1, []]), 'magic'],
    ['when the second byte is another', frameOf(['i', 1, []], [0xc1, 0x49, 1, 0]), 'magic'],
    ['when they are of a later version', frameOf(['i', 1, []], [0xc1, 0x48, 2, 0]), 'version'],
    ['when a flag is set', frameOf(['i', 1, []], [0xc1, 0x48, 1, 1]), 'flags'],
    ['when there are too many', new Uint8Array(1_048_577), 'size'],
    ['when more follow', Uint8Array.from([...frameOf(['i', 1, []]), 0]), 'trailing'],
    ['when they hold no array', frameOf({ from: 'i' }), 'schema', 'frame'],
    ['when something is missing', frameOf(['i', 1]), 'schema', 'frame'],
    ['when the sender has no name', frameOf(['', 1, []]), 'schema', 'from'],
    ['when the sender is a number', frameOf([1, 1, []]), 'schema', 'from'],
    ['when the number is negative', frameOf(['i', -1, []]), 'schema', 'sequence'],
    ['when the number is no integer', frameOf(['i', 0.5, []]), 'schema', 'sequence'],
    ['when the messages are no array', frameOf(['i', 1, {}]), 'schema', 'messages'],
    ['when a message is no array', frameOf(['i', 1, [1]]), 'schema', 'message'],
    ['when a message is empty', frameOf(['i', 1, [[]]]), 'schema', 'kind'],
    ['when a message is of an unknown kind', frameOf(['i', 1, [[99, 1, 'x']]]), 'schema', 'kind'],
    ['when a delivery is too short', frameOf(['i', 1, [deliverRecord().slice(0, 8)]]), 'schema', 'message'],
    ['when a delivery is too long', frameOf(['i', 1, [[...deliverRecord(), 1]]]), 'schema', 'message'],
    ['when a target is empty', frameOf(['i', 1, [deliverRecord({ 1: '' })]]), 'schema', 'target'],
    ['when a target is a number', frameOf(['i', 1, [deliverRecord({ 1: 1 })]]), 'schema', 'target'],
    ['when batch is a number', frameOf(['i', 1, [deliverRecord({ 2: 1 })]]), 'schema', 'batch'],
    ['when a request is negative', frameOf(['i', 1, [deliverRecord({ 3: -1 })]]), 'schema', 'request'],
    ['when the remaining time is negative', frameOf(['i', 1, [deliverRecord({ 4: -1 })]]), 'schema', 'remainingMs'],
    [
      'when the remaining time is infinite',
      frameOf(['i', 1, [deliverRecord({ 4: Number.POSITIVE_INFINITY })]]),
      'schema',
      'remainingMs',
    ],
    ['when the remaining time is a text', frameOf(['i', 1, [deliverRecord({ 4: '5' })]]), 'schema', 'remainingMs'],
    ['when the priority is no number', frameOf(['i', 1, [deliverRecord({ 5: Number.NaN })]]), 'schema', 'priority'],
    ['when a key is a number', frameOf(['i', 1, [deliverRecord({ 6: 1 })]]), 'schema', 'key'],
    ['when a key is too long', frameOf(['i', 1, [deliverRecord({ 6: 'k'.repeat(1_025) })]]), 'schema', 'key'],
    ['when a dedupe key is a number', frameOf(['i', 1, [deliverRecord({ 7: 1 })]]), 'schema', 'dedupeKey'],
    ['when there are no events', frameOf(['i', 1, [deliverRecord({ 8: [] })]]), 'schema', 'events'],
    ['when events are no array', frameOf(['i', 1, [deliverRecord({ 8: null })]]), 'schema', 'events'],
    ['when there are two events but no batch', frameOf(['i', 1, [deliverRecord({ 8: [1, 2] })]]), 'schema', 'events'],
    ['when an event is no array', frameOf(['i', 1, [deliverRecord({ 8: [1] })]]), 'schema', 'event'],
    [
      'when an event is a text',
      frameOf(['i', 1, [deliverRecord({ 8: [['x', new Uint8Array(32), null]] })]]),
      'schema',
      'event',
    ],
    [
      'when a hash is too short',
      frameOf(['i', 1, [deliverRecord({ 8: [[new Uint8Array(1), new Uint8Array(31), null]] })]]),
      'schema',
      'hash',
    ],
    [
      'when there is no hash',
      frameOf(['i', 1, [deliverRecord({ 8: [[new Uint8Array(1), null, null]] })]]),
      'schema',
      'hash',
    ],
    [
      'when integrity is not encoded',
      frameOf(['i', 1, [deliverRecord({ 8: [[new Uint8Array(1), new Uint8Array(32), 'x']] })]]),
      'schema',
      'integrity',
    ],
    [
      'when integrity can not be decoded',
      frameOf(['i', 1, [deliverRecord({ 8: [[new Uint8Array(1), new Uint8Array(32), Uint8Array.of(0xc1)]] })]]),
      'form',
    ],
    ['when a reply is to nothing', frameOf(['i', 1, [[2, 0, new Uint8Array(0)]]]), 'schema', 'request'],
    ['when a reply is to what no number says', frameOf(['i', 1, [[2, 0.5, new Uint8Array(0)]]]), 'schema', 'request'],
    ['when a reply is not encoded', frameOf(['i', 1, [[2, 1, 'x']]]), 'schema', 'value'],
    ['when a reply has more fields', frameOf(['i', 1, [[2, 1, new Uint8Array(0), 1]]]), 'schema', 'message'],
    ['when a failure is not encoded', frameOf(['i', 1, [[3, 1, ['Error', 'm', null, null, null]]]]), 'schema', 'error'],
    ['when a failure is no error', frameOf(['i', 1, [[3, 1, encode(['Error'])]]]), 'schema', 'error'],
    ['when a failure is empty', frameOf(['i', 1, [[3, 1, new Uint8Array(0)]]]), 'schema', 'error'],
    ['when a cancellation has no reason', frameOf(['i', 1, [[4, 1, null]]]), 'schema', 'reason'],
    ['when a stream has more fields', frameOf(['i', 1, [[5, 1, 1]]]), 'schema', 'message'],
    ['when a stream answers nothing', frameOf(['i', 1, [[5, 0]]]), 'schema', 'request'],
    ['when items have no number', frameOf(['i', 1, [[6, 1, -1, [new Uint8Array(0)]]]]), 'schema', 'first'],
    ['when there are no items', frameOf(['i', 1, [[6, 1, 0, []]]]), 'schema', 'items'],
    ['when items are no list', frameOf(['i', 1, [[6, 1, 0, new Uint8Array(1)]]]), 'schema', 'items'],
    ['when an item is not encoded', frameOf(['i', 1, [[6, 1, 0, [new Uint8Array(0), 'x']]]]), 'schema', 'items'],
    ['when an end has no count', frameOf(['i', 1, [[7, 1, 0.5, new Uint8Array(0)]]]), 'schema', 'count'],
    ['when an end is not encoded', frameOf(['i', 1, [[7, 1, 0, null]]]), 'schema', 'value'],
    ['when a broken stream has no error', frameOf(['i', 1, [[8, 1, 0, new Uint8Array(0)]]]), 'schema', 'error'],
    [
      'when a broken stream has no count',
      frameOf(['i', 1, [[8, 1, null, encode(['E', 'm', null, null, null])]]]),
      'schema',
      'count',
    ],
    ['when a subscription is to nothing', frameOf(['i', 1, [[10, 1, 0]]]), 'schema', 'stream'],
    ['when less than nothing was dropped', frameOf(['i', 1, [[11, 1, -1]]]), 'schema', 'count'],
    ['when credit is negative', frameOf(['i', 1, [[9, 1, -1, 0]]]), 'schema', 'items'],
    ['when credit is no integer', frameOf(['i', 1, [[9, 1, 1, 1.5]]]), 'schema', 'bytes'],
    ['when a reason is too long', frameOf(['i', 1, [[4, 1, 'x'.repeat(8_193)]]]), 'schema', 'reason'],
    ['when they are nested deeper than a frame is', frameOf(['i', 1, [[[[[1]]]]]]), 'depth'],
    [
      'when they hold more values than a frame does',
      frameOf(['i', 1, Array.from({ length: 50_000 }, () => 1)]),
      'items',
    ],
  ])('%s', (_name, bytes, reason, field?: string) => {
    expect(reasonFor(bytes)).toEqual([reason, field]);
  });
});

describe('messages are gathered into frames', () => {
  const cancel = (request: number, length: number): Message => ({
    kind: 'cancel',
    request,
    reason: 'x'.repeat(length),
  });
  const counter = (): (() => number) => {
    let next = 1;
    return () => next++;
  };

  test('of at most so many messages, in order, with growing numbers', () => {
    const frames = [
      ...encodeFrames(
        Array.from({ length: 600 }, (_, index) => cancel(index + 1, 1)),
        'i',
        counter(),
      ),
    ].map((bytes) => decodeFrame(bytes));
    expect(frames.map((frame) => [frame.from, frame.sequence, frame.messages.length])).toEqual([
      ['i', 1, 256],
      ['i', 2, 256],
      ['i', 3, 88],
    ]);
    expect(
      frames.flatMap((frame) => frame.messages.map((message) => (message as { request: number }).request)),
    ).toEqual(Array.from({ length: 600 }, (_, index) => index + 1));
  });

  test('of at most so many bytes, but for a message that is longer on its own', () => {
    const lengths = [10, 400, 400, 400, 5_000, 10, 10, 3_000, 3_000, 1];
    const frames = [
      ...encodeFrames(
        lengths.map((length, index) => cancel(index + 1, length)),
        'i',
        counter(),
        { targetBytes: 1_000 },
      ),
    ];
    expect(
      frames.map((bytes) => decodeFrame(bytes).messages.map((message) => (message as { request: number }).request)),
    ).toEqual([[1, 2, 3], [4], [5], [6, 7], [8], [9], [10]]);
    expect(frames.filter((bytes) => bytes.length > 1_000).length).toBe(3);
  });

  test('that hold no more values than a receiver takes', () => {
    const batch: Message = {
      ...delivery,
      batch: true,
      events: Array.from({ length: 4_000 }, () => ({
        bytes: new Uint8Array(1),
        hash: new Uint8Array(32),
        integrity: undefined,
      })),
    };
    const frames = [...encodeFrames([batch, batch, batch, batch, batch], 'i', counter(), { targetBytes: 1_000_000 })];
    expect(frames.map((bytes) => decodeFrame(bytes).messages.length)).toEqual([3, 2]);
  });

  test('as they come: each one is encoded once, and given out when the next one would not fit', () => {
    const builder = new FrameBuilder('i', counter(), { maxMessages: 2 });
    expect([builder.add(cancel(1, 1)), builder.add(cancel(2, 1)), builder.length]).toEqual([undefined, undefined, 2]);
    const first = builder.add(cancel(3, 1)) ?? new Uint8Array();
    expect(decodeFrame(first).messages).toEqual([cancel(1, 1), cancel(2, 1)]);
    expect(builder.length).toBe(1);
    expect(decodeFrame(builder.finish())).toEqual({ from: 'i', sequence: 2, messages: [cancel(3, 1)] });
    expect(builder.length).toBe(0);
    builder.add(cancel(4, 1));
    expect(decodeFrame(builder.finish())).toEqual({ from: 'i', sequence: 3, messages: [cancel(4, 1)] });
  });

  test('and one that no frame can hold is refused without harm to the others', () => {
    const builder = new FrameBuilder('i', counter(), { maxFrameBytes: 1_000 });
    builder.add(cancel(1, 10));
    for (const bad of [
      cancel(2, 1_000),
      { ...delivery, target: '\ud800' },
      { ...delivery, key: 5 as unknown as string },
    ]) {
      expect(['HAPPEN_PAYLOAD_TOO_LARGE', 'HAPPEN_INVALID_OPTION']).toContain(errorOf(() => builder.add(bad)).code);
    }
    builder.add(cancel(3, 10));
    expect(decodeFrame(builder.finish()).messages).toEqual([cancel(1, 10), cancel(3, 10)]);
  });

  test('none of them is longer than the transport takes', () => {
    const limit = 600;
    for (let length = 1; length < limit; length++) {
      let frames: Uint8Array[];
      try {
        frames = [
          ...encodeFrames([cancel(1, length), cancel(2, length), cancel(3, 5)], 'i', () => Number.MAX_SAFE_INTEGER, {
            maxFrameBytes: limit,
          }),
        ];
      } catch (error) {
        expect((error as HappenError).code).toBe('HAPPEN_PAYLOAD_TOO_LARGE');
        expect(length).toBeGreaterThan(limit - 40);
        continue;
      }
      expect(Math.max(...frames.map((bytes) => bytes.length))).toBeLessThanOrEqual(limit);
    }
  });

  test('of no messages, none are made', () => {
    expect([...encodeFrames([], 'i', counter())]).toEqual([]);
  });

  test('with two builders at work on one scratch', () => {
    const scratch = new Scratch();
    const [one, two] = [
      new FrameBuilder('one', counter(), {}, scratch),
      new FrameBuilder('two', counter(), {}, scratch),
    ];
    for (let request = 1; request <= 3; request++) {
      one.add(cancel(request, 100));
      two.add(cancel(request + 10, 100));
    }
    expect(decodeFrame(one.finish())).toEqual({
      from: 'one',
      sequence: 1,
      messages: [cancel(1, 100), cancel(2, 100), cancel(3, 100)],
    });
    expect(decodeFrame(two.finish())).toEqual({
      from: 'two',
      sequence: 1,
      messages: [cancel(11, 100), cancel(12, 100), cancel(13, 100)],
    });
  });
});
