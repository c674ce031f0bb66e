import { describeThrown } from '../errors/describe-thrown.js';
import { HappenError } from '../errors/happen-error.js';
import type { Crypto } from '../ports/crypto.js';
import { isSoundPublicKey, publicKeyBytes, seedBytes, signatureBytes } from './ed25519.js';
import { isLater, type NowOrLater, whenKnown } from './now-or-later.js';

/** An Ed25519 key pair in use. What it fails with is a `HappenError`, thrown or rejected. */
export interface KeyPair {
  /** 32 bytes, always the same array. */
  publicKey(): NowOrLater<Uint8Array>;
  /** 64 bytes. */
  sign(message: Uint8Array): NowOrLater<Uint8Array>;
}

/**
 * A key pair that lives elsewhere, of which only these two can be asked. Where frames are signed, the space's frames leave in
 * order, so those of other nodes wait for it, up to 30 seconds; then what was to be signed fails with `HAPPEN_SIGNING_FAILED`.
 */
export interface Signer {
  /** The public key: 32 bytes. */
  publicKey(): Uint8Array | Promise<Uint8Array>;
  /** The Ed25519 signature (RFC 8032, plain) of the bytes: 64 bytes. The array is not changed afterwards. */
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** Which members a space's cryptography needs to have for a purpose. */
export type SigningMember = 'publicKey' | 'sign' | 'verify';

/** @throws HappenError `HAPPEN_INVALID_CONFIG` for a member that a user's own `crypto` does not have */
export function memberOf<M extends SigningMember>(crypto: Crypto, member: M): NonNullable<Crypto[M]> {
  const found = crypto[member];
  if (typeof found === 'function') return found.bind(crypto) as NonNullable<Crypto[M]>;
  throw new HappenError(
    'HAPPEN_INVALID_CONFIG',
    `crypto.${member}: expected a function, since something is to be signed; found ${typeof found}.`,
    { details: { path: `crypto.${member}` } },
  );
}

/** The key pair of a seed, which is drawn when first needed if none is given. Nothing shows the seed. */
export class SeedKeyPair implements KeyPair {
  readonly #crypto: Crypto;
  #seed: Uint8Array | undefined;
  #publicKey: NowOrLater<Uint8Array> | undefined;

  constructor(crypto: Crypto, seed: Uint8Array | undefined) {
    this.#crypto = crypto;
    this.#seed = seed?.slice();
  }

  publicKey(): NowOrLater<Uint8Array> {
    this.#publicKey ??= this.#derive();
    return this.#publicKey;
  }

  #derive(): NowOrLater<Uint8Array> {
    const derived = attempt('give its public key', () =>
      whenKnown(memberOf(this.#crypto, 'publicKey')(this.#drawn()), checkPublicKey),
    );
    if (!isLater(derived)) return derived;
    return derived.then(
      (key) => {
        this.#publicKey = key;
        return key;
      },
      (error: unknown) => {
        this.#publicKey = undefined;
        throw error;
      },
    );
  }

  sign(message: Uint8Array): NowOrLater<Uint8Array> {
    return attempt('sign', () => whenKnown(memberOf(this.#crypto, 'sign')(message, this.#drawn()), checkSignature));
  }

  #drawn(): Uint8Array {
    this.#seed ??= this.#crypto.randomBytes(seedBytes);
    return this.#seed;
  }

  /** A copy of the seed: whoever has it is whoever has the key pair. */
  static seedOf(pair: SeedKeyPair): Uint8Array {
    return pair.#drawn().slice();
  }
}

/** A key pair that lives elsewhere, with what it gives checked. */
export class HeldKeyPair implements KeyPair {
  readonly #signer: Signer;
  #publicKey: NowOrLater<Uint8Array> | undefined;

  constructor(signer: Signer) {
    this.#signer = signer;
  }

  publicKey(): NowOrLater<Uint8Array> {
    if (this.#publicKey !== undefined) return this.#publicKey;
    const asked = attempt('give its public key', () => whenKnown(this.#signer.publicKey(), checkPublicKey));
    this.#publicKey = asked;
    if (isLater(asked)) {
      asked.then(
        (key) => (this.#publicKey = key),
        () => (this.#publicKey = undefined),
      );
    }
    return asked;
  }

  sign(message: Uint8Array): NowOrLater<Uint8Array> {
    return attempt('sign', () => whenKnown(this.#signer.sign(message), checkSignature));
  }
}

function checkPublicKey(found: unknown): Uint8Array {
  if (found instanceof Uint8Array && isSoundPublicKey(found)) return new Uint8Array(found);
  throw new TypeError(`expected a public key of ${publicKeyBytes} bytes that can be one`);
}

function checkSignature(found: unknown): Uint8Array {
  if (found instanceof Uint8Array && found.length === signatureBytes) return found;
  throw new TypeError(`expected a signature of ${signatureBytes} bytes`);
}

function attempt<T>(what: string, run: () => NowOrLater<T>): NowOrLater<T> {
  try {
    const outcome = run();
    return isLater(outcome) ? outcome.then(undefined, (cause: unknown) => fail(what, cause)) : outcome;
  } catch (cause) {
    return fail(what, cause);
  }
}

function fail(what: string, cause: unknown): never {
  if (cause instanceof HappenError) throw cause;
  const { message } = describeThrown(cause);
  throw new HappenError('HAPPEN_SIGNING_FAILED', `A key pair could not ${what}: ${message}`, { cause });
}
