/** The MessagePack extension types of the profile. A number is never reused for another meaning. */
export const extensionTypes = {
  timestamp: -1,
  bigint: 1,
  map: 2,
  set: 3,
  error: 4,
} as const;

/** The extension type of the first entry of {@link typedArrays}; the others follow in order. */
export const firstTypedArrayType = 16;

/** The typed arrays that have an extension type, in the order of their numbers. `Uint8Array` travels as plain binary. */
export const typedArrays = [
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

/** Where a typed array of this class stands in {@link typedArrays}; -1 when it doesn't. */
export function typedArrayIndex(name: string): number {
  return typedArrays.findIndex((type) => type.name === name);
}

const littleEndianHost = /* @__PURE__ */ new Uint8Array(/* @__PURE__ */ new Uint16Array([1]).buffer)[0] === 1;

/** Turns the elements' bytes from the host's order into little-endian, or back. Changes the array given. */
export function toWireOrder(bytes: Uint8Array, elementBytes: number, swap = !littleEndianHost): Uint8Array {
  if (swap) for (let at = 0; at < bytes.length; at += elementBytes) bytes.subarray(at, at + elementBytes).reverse();
  return bytes;
}
