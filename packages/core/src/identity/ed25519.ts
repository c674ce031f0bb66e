/**
 * What may be an Ed25519 key or signature, looked at as bytes, before any arithmetic: runtimes verify more than is safe. With
 * a public key of small order one fixed signature is right for many messages, or for all of them, whoever holds no key at all.
 * Sources: RFC 8032 §5.1; "Taming the Many EdDSAs" (Chalkias, Garillot, Nikolaenko, 2020).
 */

export const seedBytes = 32;
export const publicKeyBytes = 32;
export const signatureBytes = 64;

/**
 * The y coordinates, little-endian, of the eight points whose order divides 8 (each y but the first and the third belongs to
 * one or two of them, told apart by the highest bit). Those that are written by a number of the field's size or above are
 * refused for that.
 */
const smallOrder: readonly Uint8Array[] = /* @__PURE__ */ [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map(fromHex);

/** The order of the base point, 2^252 + 27742317777372353535851937790883648493, little-endian. */
const groupOrder = /* @__PURE__ */ fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');

/** Whether bytes can be the public key of a key pair that somebody made: 32 of them, in the one form, not of small order. */
export function isSoundPublicKey(bytes: Uint8Array): boolean {
  return bytes.length === publicKeyBytes && isSoundPoint(bytes, 0);
}

/** Whether bytes can be a signature: 64 of them, a point in the one form and not of small order, a number below the order. */
export function isSoundSignature(bytes: Uint8Array): boolean {
  return bytes.length === signatureBytes && isSoundPoint(bytes, 0) && isBelowOrder(bytes, 32);
}

function isSoundPoint(bytes: Uint8Array, at: number): boolean {
  return isCanonical(bytes, at) && !smallOrder.some((point) => isSameCoordinate(point, bytes, at));
}

/** Whether a coordinate is below 2^255 - 19. The highest bit is no part of it. */
function isCanonical(bytes: Uint8Array, at: number): boolean {
  if (((bytes[at + 31] as number) & 0x7f) !== 0x7f) return true;
  for (let index = 1; index < 31; index++) if (bytes[at + index] !== 0xff) return true;
  return (bytes[at] as number) < 0xed;
}

function isSameCoordinate(point: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < 31; index++) if (point[index] !== bytes[at + index]) return false;
  return point[31] === ((bytes[at + 31] as number) & 0x7f);
}

function isBelowOrder(bytes: Uint8Array, at: number): boolean {
  for (let index = 31; index >= 0; index--) {
    const difference = (bytes[at + index] as number) - (groupOrder[index] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** Bytes of hexadecimal digits, of which there is an even number. */
export function fromHex(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length / 2);
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16);
  return bytes;
}

/** Whether two arrays hold the same bytes. Takes as long as the longest common beginning: not for secrets. */
export function isSameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}
