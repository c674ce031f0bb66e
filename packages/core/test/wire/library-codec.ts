import { Decoder, Encoder, ExtensionCodec } from '@msgpack/msgpack';
import { errorFromWire, errorToWire } from '../../src/wire/error-encoding.js';
import { errorFromRecord, errorRecord } from '../../src/wire/error-record.js';
import { extensionTypes, firstTypedArrayType, typedArrays } from '../../src/wire/extensions.js';
import type { WireError } from '../../src/wire/messages.js';

/** The profile written a second time, over the library: slower, without the refusals, and not by the same hand's loops. */
const extensions = new ExtensionCodec();
const encoder = new Encoder({ extensionCodec: extensions, ignoreUndefined: true });
const decoder = new Decoder({ extensionCodec: extensions });

extensions.register({
  type: extensionTypes.bigint,
  encode: (value) => (typeof value === 'bigint' ? bigintBytes(value) : null),
  decode: (bytes) => {
    const magnitude = [...bytes.subarray(1)].reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
    return bytes[0] === 1 ? -magnitude : magnitude;
  },
});

extensions.register({
  type: extensionTypes.map,
  encode: (value) => (value instanceof Map ? libraryEncode([...value].flat(1)) : null),
  decode: (bytes) => {
    const flat = decoder.decode(bytes) as unknown[];
    return new Map(Array.from({ length: flat.length / 2 }, (_, index) => [flat[index * 2], flat[index * 2 + 1]]));
  },
});

extensions.register({
  type: extensionTypes.set,
  encode: (value) => (value instanceof Set ? libraryEncode([...value]) : null),
  decode: (bytes) => new Set(decoder.decode(bytes) as unknown[]),
});

extensions.register({
  type: extensionTypes.error,
  encode: (value) => (value instanceof Error ? libraryEncode(errorRecord(errorToWire(value))) : null),
  decode: (bytes) => errorFromWire(errorFromRecord(decoder.decode(bytes)) as WireError),
});

typedArrays.forEach((TypedArray, index) => {
  extensions.register({
    type: firstTypedArrayType + index,
    encode: (value) => {
      if (!(value instanceof TypedArray)) return null;
      return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
    },
    decode: (bytes) => new TypedArray(bytes.slice().buffer),
  });
});

function bigintBytes(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value < 0n ? -value : value; rest > 0n; rest /= 256n) bytes.unshift(Number(rest % 256n));
  return Uint8Array.from([value < 0n ? 1 : 0, ...bytes]);
}

export function libraryEncode(value: unknown): Uint8Array {
  return encoder.encode(value);
}

export function libraryDecode(bytes: Uint8Array): unknown {
  return decoder.decode(bytes);
}
