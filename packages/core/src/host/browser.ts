import { sha256 } from '@noble/hashes/sha2.js';
import type { Crypto } from '../ports/crypto.js';
import type { AsyncTracker } from './host.js';

export { systemClock } from './system-clock.js';

declare const globalThis: { readonly crypto: { getRandomValues(bytes: Uint8Array): Uint8Array } };
declare const process: { readonly env: { readonly NODE_ENV?: string } };

/** The page's randomness, and SHA-256 in JavaScript, since the page's own answers only later. */
export const hostCrypto: Crypto = {
  randomBytes: (length) => globalThis.crypto.getRandomValues(new Uint8Array(length)),
  sha256: (bytes) => sha256(bytes),
};

/** Whether this is a development build; bundlers put the text of `process.env.NODE_ENV` in place. */
export function isDevelopment(): boolean {
  try {
    return process.env.NODE_ENV !== 'production';
  } catch {
    return true;
  }
}

/** Browsers track nothing across `await`. */
export function asyncTracker<T>(): AsyncTracker<T> | undefined {
  return undefined;
}
