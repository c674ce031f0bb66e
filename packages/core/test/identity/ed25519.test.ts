import { describe, expect, it } from 'vitest';
import { hostCrypto } from '../../src/host/node.js';
import { isSoundPublicKey, isSoundSignature } from '../../src/identity/ed25519.js';
import { encoded, littleEndian, numberOf, order, prime, smallOrderOf, smallOrderPoints, written } from './curve.js';

const seed = Uint8Array.from({ length: 32 }, (_, index) => index);
const message = new TextEncoder().encode('a message');
const key = hostCrypto.publicKey(seed) as Uint8Array;
const signature = hostCrypto.sign(message, seed) as Uint8Array;

const weak = smallOrderPoints();
/** Every way to write a point of small order: also with numbers beyond the field, and with the sign of no x. */
const weakForms = weak.flatMap(({ y }) =>
  [y, y + prime]
    .filter((number) => number < 2n ** 255n)
    .flatMap((number) => [written(number, false), written(number, true)]),
);

function joined(point: Uint8Array, scalar: Uint8Array): Uint8Array {
  return Uint8Array.from([...point, ...scalar]);
}

describe('what may be a public key', () => {
  it('is what a key pair has, and as long as that', () => {
    for (let index = 0; index < 64; index++) {
      const drawn = hostCrypto.publicKey(hostCrypto.randomBytes(32)) as Uint8Array;
      expect(isSoundPublicKey(drawn)).toBe(true);
    }
    for (const length of [0, 31, 33]) expect(isSoundPublicKey(new Uint8Array(length).fill(7))).toBe(false);
  });

  it('is none of the eight points of small order, in whatever form', () => {
    expect(weak.map(smallOrderOf).sort()).toEqual([1, 2, 4, 4, 8, 8, 8, 8]);
    expect(new Set(weak.map((point) => encoded(point).join())).size).toBe(8);
    for (const form of weakForms) expect([form, isSoundPublicKey(form)]).toEqual([form, false]);
  });

  // Node.js 20 verifies this signature, which nobody made, for any message; 24 does not.
  it('is refused, whatever the runtime thinks of it', () => {
    const neutral = written(1n, false);
    expect(isSoundPublicKey(neutral)).toBe(false);
    expect(isSoundSignature(joined(neutral, new Uint8Array(32)))).toBe(false);
  });

  it('is written by a number below the size of the field', () => {
    for (let above = 0n; above < 19n; above++) {
      for (const odd of [false, true]) expect(isSoundPublicKey(written(prime + above, odd))).toBe(false);
    }
    expect(isSoundPublicKey(written(prime - 2n, false))).toBe(true);
  });
});

describe('what may be a signature', () => {
  it('is what a key pair gave', () => {
    expect(isSoundSignature(signature)).toBe(true);
    expect(hostCrypto.verify(message, signature, key)).toBe(true);
    for (const length of [0, 63, 65]) expect(isSoundSignature(new Uint8Array(length).fill(1))).toBe(false);
  });

  it('has a number below the order of the group, so that there is no second form of it', () => {
    const point = signature.subarray(0, 32);
    const number = numberOf(signature.subarray(32));
    expect(isSoundSignature(joined(point, littleEndian(number + order)))).toBe(false);
    for (const [scalar, sound] of [
      [0n, true],
      [order - 1n, true],
      [order, false],
      [order + 1n, false],
      [2n ** 256n - 1n, false],
    ] as const)
      expect([scalar, isSoundSignature(joined(point, littleEndian(scalar)))]).toEqual([scalar, sound]);
  });

  it('has a point in the one form and not of small order', () => {
    const scalar = signature.subarray(32);
    for (const form of weakForms) expect(isSoundSignature(joined(form, scalar))).toBe(false);
    for (let above = 0n; above < 19n; above++)
      expect(isSoundSignature(joined(written(prime + above, false), scalar))).toBe(false);
  });
});
