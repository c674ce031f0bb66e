import { hostCrypto } from '#host';
import type { Crypto } from '../ports/crypto.js';

/**
 * The runtime's cryptography, which a space uses unless it is given another. It is there for a `crypto` that differs in parts:
 * `{ ...runtimeCrypto, sign: myModule.sign }`. In Node.js all of it answers at once; in a browser signing answers later.
 */
export const runtimeCrypto: Readonly<Required<Crypto>> = hostCrypto;
