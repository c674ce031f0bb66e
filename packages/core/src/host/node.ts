import { AsyncLocalStorage } from 'node:async_hooks';
import * as nodeCrypto from 'node:crypto';
import type { Crypto } from '../ports/crypto.js';
import type { AsyncTracker } from './host.js';

export { systemClock } from './system-clock.js';

/** The runtime's primitives. */
export const hostCrypto: Crypto = {
  randomBytes: (length) => nodeCrypto.randomFillSync(new Uint8Array(length)),
  sha256(bytes) {
    // `hash` needs no object for the state and is three times as fast; not every runtime has it.
    const digest =
      typeof nodeCrypto.hash === 'function'
        ? (nodeCrypto.hash('sha256', bytes, 'buffer' as 'hex') as unknown as Uint8Array)
        : nodeCrypto.createHash('sha256').update(bytes).digest();
    return new Uint8Array(digest.buffer, digest.byteOffset, digest.length);
  },
};

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
  };
}
