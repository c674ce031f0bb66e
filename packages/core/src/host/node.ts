import { AsyncLocalStorage } from 'node:async_hooks';
import * as nodeCrypto from 'node:crypto';
import { privateKeyForm, publicKeyForm } from './ed25519-forms.js';
import type { AsyncTracker, HostCrypto } from './host.js';

export { systemClock } from './system-clock.js';

/** Making a key object takes longer than using it. */
const privateKeys = /* @__PURE__ */ new WeakMap<Uint8Array, nodeCrypto.KeyObject>();
const publicKeys = /* @__PURE__ */ new WeakMap<Uint8Array, nodeCrypto.KeyObject>();

/** The runtime's primitives. */
export const hostCrypto: HostCrypto = {
  randomBytes: (length) => nodeCrypto.randomFillSync(new Uint8Array(length)),
  sha256(bytes) {
    // `hash` needs no object for the state and is three times as fast; not every runtime has it. A buffer would cost more than
    // the digest in it, since its memory is not the engine's own.
    const digest =
      typeof nodeCrypto.hash === 'function'
        ? nodeCrypto.hash('sha256', bytes, 'binary')
        : nodeCrypto.createHash('sha256').update(bytes).digest('binary');
    const hash = new Uint8Array(32);
    for (let at = 0; at < 32; at++) hash[at] = digest.charCodeAt(at);
    return hash;
  },
  publicKey(seed) {
    const written = nodeCrypto.createPublicKey(privateKeyOf(seed)).export({ format: 'der', type: 'spki' });
    return new Uint8Array(written.subarray(-32));
  },
  sign: (message, seed) => new Uint8Array(nodeCrypto.sign(null, message, privateKeyOf(seed))),
  verify: (message, signature, publicKey) => nodeCrypto.verify(null, message, publicKeyOf(publicKey), signature),
};

function privateKeyOf(seed: Uint8Array): nodeCrypto.KeyObject {
  let key = privateKeys.get(seed);
  if (key === undefined) {
    key = nodeCrypto.createPrivateKey({ key: privateKeyForm(seed) as Buffer, format: 'der', type: 'pkcs8' });
    privateKeys.set(seed, key);
  }
  return key;
}

function publicKeyOf(bytes: Uint8Array): nodeCrypto.KeyObject {
  let key = publicKeys.get(bytes);
  if (key === undefined) {
    key = nodeCrypto.createPublicKey({ key: publicKeyForm(bytes) as Buffer, format: 'der', type: 'spki' });
    publicKeys.set(bytes, key);
  }
  return key;
}

/** Whether this is a development run: `NODE_ENV` is anything but `production`. */
export function isDevelopment(): boolean {
  return process.env['NODE_ENV'] !== 'production';
}

/** A tracker of the runtime's own. */
export function asyncTracker<T>(): AsyncTracker<T> | undefined {
  const storage = new AsyncLocalStorage<T | undefined>();
  return {
    current: () => storage.getStore(),
    run: (value, callback, argument) => storage.run(value, callback, argument),
    // Until Node.js 24 every promise of the process carries the value of every storage that was ever used.
    end: () => storage.disable(),
  };
}
