import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HappenError } from '../../src/errors/happen-error.js';
import { decodeEvent, encodeEvent } from '../../src/wire/event-encoding.js';
import { defaultWireLimits, envelopeLimits } from '../../src/wire/limits.js';
import type { WireEvent } from '../../src/wire/messages.js';
import { encodePayload } from '../../src/wire/payload-encoding.js';
import { Scratch } from '../../src/wire/scratch.js';
import { payload } from './arbitraries.js';
import { bareEvent, sampleEvent, sha256 } from './samples.js';

/** Decodes bytes that a sender made by hand, with a hash that fits. */
function decodeBytes(bytes: Uint8Array): WireEvent {
  return decodeEvent({ bytes, hash: sha256(bytes), integrity: undefined }, sha256);
}

function positional(changes: Record<number, unknown> = {}): unknown[] {
  const fields: unknown[] = [1, 'type', 'id', 'sender', null, null, 'correlation', 0, [], 0, null, null, 'payload'];
  for (const [position, value] of Object.entries(changes)) fields[Number(position)] = value;
  return fields;
}

function errorOf(run: () => unknown): HappenError {
  try {
    run();
  } catch (error) {
    return error as HappenError;
  }
  throw new Error('Nothing was thrown.');
}

describe('an event', () => {
  test.each([
    ['with everything', { ...sampleEvent, causes: ['a', 'b'], omittedHops: 3 }],
    ['with nothing that may be missing', bareEvent],
    ['with null as its payload', { ...bareEvent, payload: null }],
  ])('%s arrives equal', (_name, event) => {
    const encoded = encodeEvent(event, undefined, sha256);
    expect(decodeEvent(encoded, sha256)).toEqual(event);
    expect(encodeEvent(decodeEvent(encoded, sha256), undefined, sha256)).toEqual(encoded);
  });

  test('with any payload arrives equal', () => {
    const scratch = new Scratch();
    fc.assert(
      fc.property(payload, (value) => {
        const event = { ...sampleEvent, payload: value };
        const encoded = encodeEvent(event, undefined, sha256, { scratch });
        expect(encoded).toEqual(encodeEvent(event, undefined, sha256));
        expect(decodeEvent(encoded, sha256, defaultWireLimits, scratch)).toEqual(event);
      }),
      { numRuns: 300 },
    );
  });

  test('has the same bytes with a payload that was encoded before', () => {
    for (const value of [sampleEvent.payload, undefined, null]) {
      const encodedPayload = encodePayload(value);
      const event = { ...sampleEvent, payload: value };
      expect(
        encodeEvent({ ...event, payload: () => 'is not looked at' }, undefined, sha256, { encodedPayload }),
      ).toEqual(encodeEvent(event, undefined, sha256));
    }
  });

  test('has a hash of its bytes, which its integrity does not change', () => {
    const encoded = encodeEvent(sampleEvent, undefined, sha256);
    const signed = encodeEvent(sampleEvent, { signature: new Uint8Array([1]) }, sha256);
    expect(encoded.hash).toEqual(sha256(encoded.bytes));
    expect([signed.bytes, signed.hash]).toEqual([encoded.bytes, encoded.hash]);
    expect(signed.integrity).toEqual({ signature: new Uint8Array([1]) });
  });

  test('ends with its payload, so that it can be found without decoding the rest', () => {
    const { bytes } = encodeEvent(sampleEvent, undefined, sha256);
    const tail = encodePayload(sampleEvent.payload);
    expect(bytes.subarray(bytes.length - tail.length)).toEqual(tail);
  });

  test('takes a payload of the whole of the limits beside an envelope of the whole of its own', () => {
    const list = (length: number): object => ({ list: Array.from({ length }, () => 1) });
    let deep: object = {};
    for (let level = 1; level < 64; level++) deep = { deep };
    const wide = { ...bareEvent, payload: list(99_997), origin: list(20_000) as never, context: list(29_983) as never };
    for (const event of [wide, { ...bareEvent, payload: deep, origin: deep as never, context: deep as never }]) {
      expect(decodeEvent(encodeEvent(event, undefined, sha256), sha256)).toEqual(event);
    }
    const wider = { ...wide, context: list(29_984) as never };
    expect(errorOf(() => encodeEvent(wider, undefined, sha256))).toMatchObject({
      code: 'HAPPEN_PAYLOAD_TOO_LARGE',
      details: { path: 'context', unit: 'items' },
    });
  });

  test('takes an envelope of the largest size', () => {
    const name = 'n'.repeat(512);
    const event = {
      ...bareEvent,
      type: name,
      id: name,
      sender: name,
      causationId: name,
      correlationId: name,
      causes: Array.from({ length: 1_000 }, () => name),
      path: Array.from({ length: 64 }, () => [name, name] as const),
      depth: 1_000_000,
      omittedHops: 999_936,
    };
    expect(decodeEvent(encodeEvent(event, undefined, sha256), sha256)).toEqual(event);
    const many = {
      ...bareEvent,
      causes: Array.from({ length: envelopeLimits.maxCauses }, (_, index) => `cause-${index}`),
    };
    expect(decodeEvent(encodeEvent(many, undefined, sha256), sha256)).toEqual(many);
  });

  test('is larger than a frame could carry: refused by its sender', () => {
    const name = 'n'.repeat(512);
    const event = { ...bareEvent, causes: Array.from({ length: 3_000 }, () => name) };
    expect(errorOf(() => encodeEvent(event, undefined, sha256))).toMatchObject({
      code: 'HAPPEN_PAYLOAD_TOO_LARGE',
      details: { path: 'event', unit: 'bytes', limit: defaultWireLimits.maxFrameBytes },
    });
  });

  test.each<[string, Partial<WireEvent>, string]>([
    ['payload', { payload: { a: [() => 1] } }, 'payload.a[0]'],
    ['context', { context: { a: new Date(Number.NaN) } }, 'context.a'],
    ['origin', { origin: { a: Symbol('x') } }, 'context.origin.a'],
  ])('with something in its %s that can not be sent is refused by its sender with the path', (_name, change, path) => {
    expect(errorOf(() => encodeEvent({ ...sampleEvent, ...change }, undefined, sha256))).toMatchObject({
      code: 'HAPPEN_NOT_SERIALISABLE',
      details: { path },
    });
  });

  test.each<[keyof WireEvent, Record<string, unknown>]>([
    ['type', { type: '' }],
    ['type', { type: 't'.repeat(513) }],
    ['id', { id: '' }],
    ['sender', { sender: undefined }],
    ['causationId', { causationId: '' }],
    ['causes', { causes: [''] }],
    ['causes', { causes: Array.from({ length: 10_001 }, () => 'x') }],
    ['correlationId', { correlationId: 5 }],
    ['depth', { depth: -1 }],
    ['depth', { depth: 1_000_001 }],
    ['depth', { depth: 1.5 }],
    ['path', { path: Array.from({ length: 65 }, () => ['a', 'b']) }],
    ['path', { path: [['a']] }],
    ['path', { path: [['a', 'b', 'c']] }],
    ['path', { path: [['', 'b']] }],
    ['path', { path: 'ab' }],
    ['omittedHops', { omittedHops: Number.NaN }],
    ['origin', { origin: { nodeId: 'forged' } }],
    ['origin', { origin: [] }],
    ['context', { context: { causal: {} } }],
    ['context', { context: { origin: {} } }],
    ['context', { context: { integrity: {} } }],
    ['context', { context: new Map() }],
  ])('with a wrong %s is refused by its sender, who no receiver would believe', (field, change) => {
    expect(errorOf(() => encodeEvent({ ...sampleEvent, ...change } as WireEvent, undefined, sha256))).toMatchObject({
      code: 'HAPPEN_INVALID_EVENT',
      details: { field },
    });
  });

  test('with half of a surrogate pair in its envelope is refused by its sender', () => {
    expect(errorOf(() => encodeEvent({ ...sampleEvent, type: 'a\ud800' }, undefined, sha256))).toMatchObject({
      code: 'HAPPEN_INVALID_EVENT',
    });
  });
});

describe('an event that arrives', () => {
  test('is refused when one of its bytes, or its hash, was changed', () => {
    const encoded = encodeEvent(sampleEvent, undefined, sha256);
    for (let at = 0; at < encoded.bytes.length; at++) {
      const bytes = encoded.bytes.slice();
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      expect(errorOf(() => decodeEvent({ ...encoded, bytes }, sha256)).code).toBe('HAPPEN_HASH_MISMATCH');
    }
    for (const hash of [new Uint8Array(0), encoded.hash.subarray(0, 31), new Uint8Array(32)]) {
      expect(errorOf(() => decodeEvent({ ...encoded, hash }, sha256)).code).toBe('HAPPEN_HASH_MISMATCH');
    }
  });

  test('shares no memory with the bytes it came in', () => {
    const encoded = encodeEvent({ ...sampleEvent, payload: { binary: new Uint8Array([1, 2, 3]) } }, undefined, sha256);
    const arrived = decodeEvent(encoded, sha256);
    encoded.bytes.fill(0);
    expect(arrived).toEqual({ ...sampleEvent, payload: { binary: new Uint8Array([1, 2, 3]) } });
  });

  test('is refused when it is longer than a frame may be', () => {
    expect(errorOf(() => decodeBytes(new Uint8Array(defaultWireLimits.maxFrameBytes + 1)))).toMatchObject({
      code: 'HAPPEN_MALFORMED_FRAME',
      details: { reason: 'size' },
    });
  });

  test('has just the fields it should have', () => {
    expect(decodeBytes(encode(positional()))).toEqual({
      ...bareEvent,
      type: 'type',
      id: 'id',
      sender: 'sender',
      correlationId: 'correlation',
      payload: 'payload',
    });
    expect(decodeBytes(encode(positional().slice(0, 12))).payload).toBe(undefined);
  });

  test.each<[string, unknown, string, string]>([
    ['no array', { type: 'x' }, 'schema', 'event'],
    ['too short', positional().slice(0, 11), 'schema', 'event'],
    ['too long', [...positional(), 1], 'schema', 'event'],
    ['of another version', positional({ 0: 2 }), 'version', 'event'],
    ['without a version', positional({ 0: null }), 'version', 'event'],
    ['with a number as its type', positional({ 1: 5 }), 'schema', 'type'],
    ['with an empty type', positional({ 1: '' }), 'schema', 'type'],
    ['with a type that is too long', positional({ 1: 'x'.repeat(513) }), 'schema', 'type'],
    ['with nil as its id', positional({ 2: null }), 'schema', 'id'],
    ['with an object as its sender', positional({ 3: { startsWith: 1 } }), 'schema', 'sender'],
    ['with an empty cause', positional({ 4: '' }), 'schema', 'causationId'],
    ['with a text as its causes', positional({ 5: 'abc' }), 'schema', 'causes'],
    ['with numbers as its causes', positional({ 5: [1] }), 'schema', 'causes'],
    ['with nil as its correlation', positional({ 6: null }), 'schema', 'correlationId'],
    ['with a negative depth', positional({ 7: -1 }), 'schema', 'depth'],
    ['with a depth beyond reason', positional({ 7: 1_000_001 }), 'schema', 'depth'],
    ['with a text as its depth', positional({ 7: '1' }), 'schema', 'depth'],
    ['with a path that is too long', positional({ 8: Array.from({ length: 65 }, () => ['a', 'b']) }), 'schema', 'path'],
    ['with a hop of one', positional({ 8: [['a']] }), 'schema', 'path'],
    ['with a hop of numbers', positional({ 8: [[1, 2]] }), 'schema', 'path'],
    ['with nil as its path', positional({ 8: null }), 'schema', 'path'],
    ['with half a hop omitted', positional({ 9: 0.5 }), 'schema', 'omittedHops'],
    ['with a text as its origin', positional({ 10: 'x' }), 'schema', 'origin'],
    ['with an array as its origin', positional({ 10: [] }), 'schema', 'origin'],
    ['with a forged node id', positional({ 10: { nodeId: 'admin' } }), 'schema', 'origin'],
    ['with an array as its context', positional({ 11: [] }), 'schema', 'context'],
    ['with a date as its context', positional({ 11: new Date(0) }), 'schema', 'context'],
    ['with forged causality', positional({ 11: { causal: { sender: 'admin' } } }), 'schema', 'context'],
    ['with a forged origin', positional({ 11: { origin: { nodeId: 'admin' } } }), 'schema', 'context'],
    ['with forged integrity', positional({ 11: { integrity: {} } }), 'schema', 'context'],
  ])('%s is refused', (_name, record, reason, field) => {
    expect(errorOf(() => decodeBytes(encode(record)))).toMatchObject({
      code: 'HAPPEN_MALFORMED_FRAME',
      details: { reason, field },
    });
  });

  test('with nothing in it is refused', () => {
    expect(errorOf(() => decodeBytes(new Uint8Array(0)))).toMatchObject({
      code: 'HAPPEN_MALFORMED_FRAME',
      details: { reason: 'truncated' },
    });
  });
});
