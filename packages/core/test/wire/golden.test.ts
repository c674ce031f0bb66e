import { describe, expect, test } from 'vitest';
import { decodeEvent, encodeEvent } from '../../src/wire/event-encoding.js';
import { extensionTypes, firstTypedArrayType, typedArrays } from '../../src/wire/extensions.js';
import { decodeFrame, encodeFrame } from '../../src/wire/frame.js';
import { messageKinds } from '../../src/wire/message-record.js';
import type { WireEvent } from '../../src/wire/messages.js';
import { decodePayload, encodePayload } from '../../src/wire/payload-encoding.js';
import eventVectors from './golden/events.json' with { type: 'json' };
import frameVectors from './golden/frames.json' with { type: 'json' };
import malformedVectors from './golden/malformed.json' with { type: 'json' };
import valueVectors from './golden/values.json' with { type: 'json' };
import { bytesOf, frameFromNotation, fromNotation, hexOf } from './notation.js';
import { bareEvent, sha256 } from './samples.js';

describe('the bytes that were once written down stay', () => {
  test.each(valueVectors)('for a payload: $name', ({ value: notation, hex }) => {
    const value = fromNotation(notation);
    expect(hexOf(encodePayload(value))).toBe(hex);
    expect(decodePayload(bytesOf(hex))).toEqual(value);
    expect(hexOf(encodePayload(decodePayload(bytesOf(hex))))).toBe(hex);
  });

  test.each(eventVectors)('for an event: $name', ({ event: notation, hex, hash }) => {
    const event = { ...bareEvent, ...(fromNotation(notation) as WireEvent) };
    const encoded = { bytes: bytesOf(hex), hash: bytesOf(hash), integrity: undefined };
    expect(encodeEvent(event, undefined, sha256)).toEqual(encoded);
    expect(decodeEvent(encoded, sha256)).toEqual(event);
  });

  test.each(frameVectors)('for a frame: $name', ({ frame: notation, hex }) => {
    const frame = frameFromNotation(notation as never);
    expect(hexOf(encodeFrame(frame))).toBe(hex);
    expect(decodeFrame(bytesOf(hex))).toEqual(frame);
  });

  test.each(malformedVectors)('refused: $name', (vector) => {
    const read =
      'frame' in vector
        ? () => decodeFrame(bytesOf(vector.frame as string))
        : () => decodePayload(bytesOf(vector.payload as string));
    expect(read).toThrow(
      expect.objectContaining({
        code: 'HAPPEN_MALFORMED_FRAME',
        details: expect.objectContaining({ reason: vector.reason }),
      }),
    );
  });
});

test('the vectors hold every extension type and every kind of message', () => {
  const values = valueVectors.map(({ hex }) => hex);
  const typeByte = (type: number): string => (type & 0xff).toString(16).padStart(2, '0');
  const holdsExtension = (type: number): boolean =>
    values.some((hex) => new RegExp(`^(?:d[4-8]|c7..|c8....)${typeByte(type)}`).test(hex));
  const types = [...Object.values(extensionTypes), ...typedArrays.map((_, index) => firstTypedArrayType + index)];
  expect(types.filter((type) => !holdsExtension(type))).toEqual([]);
  const kinds = new Set(frameVectors.flatMap(({ frame }) => frame.messages.map(({ kind }) => kind)));
  expect([...kinds].sort()).toEqual(Object.keys(messageKinds).sort());
});
