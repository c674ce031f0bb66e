import type { Crypto } from '../ports/crypto.js';
import { type Identity, KeyPairIdentity, keyPairOf } from './identity.js';
import type { KeyPair, Signer } from './key-pair.js';

/** Who a node is: its key pair, made when it is first needed. */
export class OwnIdentity {
  readonly #crypto: Crypto;
  readonly #given: Uint8Array | Signer | undefined;
  #keyPair: KeyPair | undefined;
  #identity: Identity | undefined;

  /** @param given a seed, which is copied, or a signer; `undefined` for a pair that ends with the process */
  constructor(crypto: Crypto, given: Uint8Array | Signer | undefined) {
    this.#crypto = crypto;
    this.#given = given instanceof Uint8Array ? given.slice() : given;
  }

  get keyPair(): KeyPair {
    this.#keyPair ??= keyPairOf(this.#crypto, this.#given);
    return this.#keyPair;
  }

  get identity(): Identity {
    this.#identity ??= new KeyPairIdentity(this.keyPair);
    return this.#identity;
  }
}
