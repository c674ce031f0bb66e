import { encodeEvent } from '../../../src/wire/event-encoding.js';
import { errorToWire } from '../../../src/wire/error-encoding.js';
import { encodeFrame } from '../../../src/wire/frame.js';
import type { EncodedEvent, Message } from '../../../src/wire/messages.js';
import { encodePayload } from '../../../src/wire/payload-encoding.js';
import { bareEvent, sampleEvent, sha256 } from '../samples.js';

const everyType = {
  nothing: null,
  yes: true,
  no: false,
  numbers: [
    0,
    -0,
    1,
    -1,
    -33,
    127,
    128,
    255,
    256,
    65_535,
    65_536,
    2 ** 32,
    -(2 ** 31) - 1,
    Number.MAX_SAFE_INTEGER,
    0.1,
    Number.NaN,
  ],
  text: ['', 'plain', 'ünïcödé', '😀', 'x'.repeat(40), 'y'.repeat(300)],
  dates: [new Date(0), new Date(1), new Date(-1), new Date(8.64e15)],
  big: [0n, -1n, 2n ** 64n],
  map: new Map<unknown, unknown>([
    ['a', 1],
    [2, new Map()],
    [null, { deep: [[[]]] }],
  ]),
  set: new Set<unknown>([1, 'a', new Set([2])]),
  errors: [new Error('plain'), new RangeError('far', { cause: new Error('inner') })],
  binary: new Uint8Array(20),
  typed: [
    new Int8Array(3),
    new Uint8ClampedArray(1),
    new Int16Array(2),
    new Uint16Array(2),
    new Int32Array(1),
    new Uint32Array(1),
  ],
  floats: [new Float32Array(2), new Float64Array(2), new BigInt64Array(1), new BigUint64Array(1)],
  object: { 1: 'one', 'a b': 2, toString: 3, nested: { nested: { nested: {} } } },
};

const wide = {
  list: Array.from({ length: 2_000 }, (_, index) => index),
  keys: Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, index])),
};

/** Payloads from which the mutated ones are made. */
export const payloads = [everyType, sampleEvent.payload, wide, 'text', [1, [2, [3, [4]]]]].map((value) =>
  encodePayload(value),
);

/** Events from which the mutated ones are made. */
export const events: readonly EncodedEvent[] = [
  encodeEvent(sampleEvent, undefined, sha256),
  encodeEvent(bareEvent, { by: 'a', signature: new Uint8Array(64) }, sha256),
  encodeEvent({ ...sampleEvent, payload: everyType, causes: ['a', 'b'] }, undefined, sha256),
  encodeEvent({ ...sampleEvent, payload: wide }, undefined, sha256),
];

export function deliver(carried: readonly EncodedEvent[]): Message {
  return {
    kind: 'deliver',
    target: 'target',
    events: carried,
    batch: carried.length > 1,
    request: 1,
    remainingMs: 2_000,
    priority: 0,
    key: 'key',
    dedupeKey: undefined,
  };
}

const failure = errorToWire(new RangeError('m', { cause: new Error('inner') }));

/** The sound frames from which the mutated ones are made. */
export const frames: readonly Uint8Array[] = [
  ...events.map((event) => [deliver([event])]),
  [deliver(events.slice(0, 3))],
  payloads.slice(0, 2).map((value): Message => ({ kind: 'reply', request: 3, value })),
  [
    { kind: 'failure', request: 4, error: { ...failure, details: { everyType: everyType.map } } } satisfies Message,
    { kind: 'cancel', request: 5, reason: 'why' } satisfies Message,
  ],
  [
    { kind: 'stream', request: 6 } satisfies Message,
    { kind: 'items', request: 6, first: 3, items: payloads.slice(0, 3) } satisfies Message,
    { kind: 'end', request: 6, count: 6, value: payloads[0] as Uint8Array } satisfies Message,
    { kind: 'broken', request: 6, count: 6, error: failure } satisfies Message,
    { kind: 'credit', request: 6, items: 256, bytes: 262_144 } satisfies Message,
    { kind: 'subscribe', request: 7, stream: 6 } satisfies Message,
    { kind: 'dropped', request: 7, count: 2 } satisfies Message,
  ],
  Array.from({ length: 50 }, () => deliver([events[1] as EncodedEvent])),
].map((messages, index) => encodeFrame({ from: 'instance', sequence: index, messages }));
