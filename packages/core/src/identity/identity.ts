import { hostCrypto } from '#host';
import { HappenError } from '../errors/happen-error.js';
import type { Crypto } from '../ports/crypto.js';
import { isFrame } from '../wire/frame-header.js';
import { isSoundPublicKey, isSoundSignature, seedBytes } from './ed25519.js';
import { HeldKeyPair, type KeyPair, SeedKeyPair, type Signer } from './key-pair.js';

/** What a node is known by: an Ed25519 key pair, which can be asked for its public half and for signatures. */
export interface Identity {
  /**
   * The public key: the raw 32 bytes of RFC 8032, an array of the caller's own.
   *
   * @throws HappenError `HAPPEN_INVALID_CONFIG` when the space has a `crypto` of its own without `publicKey`;
   *   `HAPPEN_SIGNING_FAILED`; `HAPPEN_NOT_AVAILABLE` where the runtime has no Ed25519. All as rejections.
   */
  publicKey(): Promise<Uint8Array>;
  /**
   * The Ed25519 signature (RFC 8032, plain) of any bytes: 64 bytes, which anybody can verify who has the public key. What
   * begins like a frame of Happen (`c1 48`, which is no text) is not signed, so that no signature given away here can be used
   * to speak in the node's name. Whoever asks for a proof should have put something of his own and new into the bytes.
   *
   * @throws HappenError `HAPPEN_INVALID_OPTION` for what is no such bytes; otherwise as `publicKey`. All as rejections.
   */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

/** An identity whose key pair can be kept. */
export interface CreatedIdentity extends Identity {
  /**
   * The seed of the key pair, 32 bytes: all of the secret. Keep it as you keep a password; `createIdentity(seed)`, or the seed
   * itself as `identity` of a node, gives the same identity again.
   */
  export(): Uint8Array;
}

/** The identity of a node, seen from outside. It shows nothing of the key pair. */
export class KeyPairIdentity implements Identity {
  readonly #pair: KeyPair;

  constructor(pair: KeyPair) {
    this.#pair = pair;
  }

  async publicKey(): Promise<Uint8Array> {
    return (await this.#pair.publicKey()).slice();
  }

  async sign(data: Uint8Array): Promise<Uint8Array> {
    if (!(data instanceof Uint8Array)) throw notToBeSigned(`a Uint8Array; found ${typeof data}`);
    if (isFrame(data)) throw notToBeSigned('bytes that do not begin like a frame of Happen');
    return this.#pair.sign(data.slice());
  }

  /** For the space, which signs frames. */
  static pairOf(identity: KeyPairIdentity): KeyPair {
    return identity.#pair;
  }
}

class SeedIdentity extends KeyPairIdentity implements CreatedIdentity {
  readonly #own: SeedKeyPair;

  constructor(own: SeedKeyPair) {
    super(own);
    this.#own = own;
  }

  export(): Uint8Array {
    return SeedKeyPair.seedOf(this.#own);
  }
}

/**
 * Makes an identity that can outlive the process, or, of an exported seed, makes it anew.
 *
 * @param seed 32 bytes, secret and random; drawn when left out
 * @throws HappenError `HAPPEN_INVALID_OPTION` for anything else
 *
 * @example
 * const seed = createIdentity().export();          // once, into the secrets of the deployment
 * createNode('orders', { identity: seed });        // at each start
 */
export function createIdentity(seed?: Uint8Array): CreatedIdentity {
  if (seed !== undefined && !isSeed(seed)) {
    throw new HappenError('HAPPEN_INVALID_OPTION', `createIdentity(): expected a seed of ${seedBytes} bytes.`, {
      details: { option: 'seed' },
    });
  }
  return new SeedIdentity(new SeedKeyPair(hostCrypto, seed));
}

/** Whether bytes can be a seed. */
export function isSeed(value: unknown): boolean {
  return value instanceof Uint8Array && value.length === seedBytes;
}

/** The key pair that a node is given: its own with the space's cryptography where the secret is known. */
export function keyPairOf(crypto: Crypto, given: Uint8Array | Signer | undefined): KeyPair {
  if (given === undefined || given instanceof Uint8Array) return new SeedKeyPair(crypto, given);
  if (given instanceof SeedIdentity) return new SeedKeyPair(crypto, given.export());
  return given instanceof KeyPairIdentity ? KeyPairIdentity.pairOf(given) : new HeldKeyPair(given);
}

/**
 * Whether a signature is that of the data by the holder of a public key. `false` too for keys and signatures that prove
 * nothing (of small order, in another than the one form, of another length), and for what begins like a frame of Happen.
 *
 * @throws HappenError `HAPPEN_NOT_AVAILABLE` where the runtime has no Ed25519, as a rejection
 */
export async function verifySignature(
  publicKey: Uint8Array,
  data: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (![publicKey, data, signature].every((bytes) => bytes instanceof Uint8Array)) return false;
  if (!isSoundPublicKey(publicKey) || !isSoundSignature(signature) || isFrame(data)) return false;
  // Copies: whoever called may change his own at once.
  return (await hostCrypto.verify(data.slice(), signature.slice(), publicKey.slice())) === true;
}

function notToBeSigned(expected: string): HappenError {
  return new HappenError('HAPPEN_INVALID_OPTION', `identity.sign(): expected ${expected}.`, {
    details: { option: 'data' },
  });
}
