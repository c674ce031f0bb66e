import { fromHex, isSoundPublicKey } from './ed25519.js';
import type { NodeKeys, PublicKey } from './security-config.js';

/** Whether this can be said as a public key in a config. */
export function isPublicKey(value: unknown): boolean {
  if (typeof value === 'string') return /^[0-9a-fA-F]{64}$/.test(value) && isSoundPublicKey(fromHex(value));
  return value instanceof Uint8Array && isSoundPublicKey(value);
}

/**
 * The keys of a node as bytes, none of them the array that was given.
 *
 * @throws TypeError for what is no public key
 */
export function keysOf(given: NodeKeys): readonly Uint8Array[] {
  return (Array.isArray(given) ? (given as readonly PublicKey[]) : [given as PublicKey]).map(bytesOf);
}

function bytesOf(key: PublicKey): Uint8Array {
  if (!isPublicKey(key)) throw new TypeError('a key is the raw 32 bytes, or 64 hexadecimal digits');
  return typeof key === 'string' ? fromHex(key) : key.slice();
}
