import { sha256 } from '@noble/hashes/sha2.js';
import { HappenError } from '../errors/happen-error.js';
import { privateKeyForm, publicKeyForm } from './ed25519-forms.js';
import type { AsyncTracker, HostCrypto } from './host.js';

export { systemClock } from './system-clock.js';

/** The part of the platform's Web Cryptography used here. A key is opaque to us. */
interface Subtle {
  importKey(form: string, bytes: Uint8Array, algorithm: string, extractable: boolean, uses: string[]): Promise<object>;
  exportKey(form: 'jwk', key: object): Promise<{ readonly x?: string }>;
  sign(algorithm: string, key: object, message: Uint8Array): Promise<ArrayBuffer>;
  verify(algorithm: string, key: object, signature: Uint8Array, message: Uint8Array): Promise<boolean>;
}

declare const globalThis: {
  readonly crypto: { getRandomValues(bytes: Uint8Array): Uint8Array; readonly subtle?: Subtle };
};
declare const process: { readonly env: { readonly NODE_ENV?: string } };
declare const atob: (text: string) => string;

const ed25519 = 'Ed25519';
const privateKeys = /* @__PURE__ */ new WeakMap<Uint8Array, Promise<object>>();
const publicKeys = /* @__PURE__ */ new WeakMap<Uint8Array, Promise<object>>();

/** The page's randomness and Ed25519, and SHA-256 in JavaScript, since the page's own answers only later. */
export const hostCrypto: HostCrypto = {
  randomBytes: (length) => globalThis.crypto.getRandomValues(new Uint8Array(length)),
  sha256: (bytes) => sha256(bytes),
  async publicKey(seed) {
    // The one way to a public key leads through a private key that may be written out; it is forgotten at once.
    const key = await imported('pkcs8', privateKeyForm(seed), true, 'sign');
    const { x = '' } = await subtle().exportKey('jwk', key);
    return Uint8Array.from(atob(x.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
  },
  async sign(message, seed) {
    const key = await kept(privateKeys, seed, () => imported('pkcs8', privateKeyForm(seed), false, 'sign'));
    return new Uint8Array(await subtle().sign(ed25519, key, message));
  },
  async verify(message, signature, publicKey) {
    const key = await kept(publicKeys, publicKey, () => imported('spki', publicKeyForm(publicKey), false, 'verify'));
    return subtle().verify(ed25519, key, signature, message);
  },
};

/** One import for each array of bytes, also while it is on its way. */
function kept(
  keys: WeakMap<Uint8Array, Promise<object>>,
  bytes: Uint8Array,
  make: () => Promise<object>,
): Promise<object> {
  let key = keys.get(bytes);
  if (key === undefined) {
    key = make();
    keys.set(bytes, key);
  }
  return key;
}

async function imported(form: string, bytes: Uint8Array, extractable: boolean, use: string): Promise<object> {
  try {
    return await subtle().importKey(form, bytes, ed25519, extractable, [use]);
  } catch (cause) {
    if ((cause as { name?: unknown } | null)?.name !== 'NotSupportedError') throw cause;
    throw notAvailable('its Web Cryptography has no Ed25519', cause);
  }
}

function subtle(): Subtle {
  const found = globalThis.crypto.subtle;
  if (found === undefined) throw notAvailable('Web Cryptography is there only for pages from https or localhost');
  return found;
}

function notAvailable(why: string, cause?: unknown): HappenError {
  return new HappenError('HAPPEN_NOT_AVAILABLE', `This runtime can't sign or verify with Ed25519: ${why}.`, { cause });
}

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
