/**
 * The primitives a space uses; a user may hand in others (a hardware module, a validated library).
 *
 * The three for Ed25519 (RFC 8032 §5.1, plain: no context, no pre-hash) are needed only where something is signed. They may
 * answer at once or later. An array given as a seed or as a public key is never changed afterwards, so what was made of it may
 * be kept by it, in a `WeakMap`.
 */
export interface Crypto {
  /** `length` bytes (0 to 65 536) from a cryptographically secure source. */
  randomBytes(length: number): Uint8Array;
  /** SHA-256 (FIPS 180-4) of the bytes: 32 bytes, at once. */
  sha256(bytes: Uint8Array): Uint8Array;
  /** The public key, 32 bytes, that belongs to a seed of 32 bytes. */
  publicKey?(seed: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** The signature, 64 bytes, of a message, by the key pair of a seed. */
  sign?(message: Uint8Array, seed: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Whether a signature of 64 bytes is that of the message by the public key. Anything else than `true` counts as not. */
  verify?(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean | Promise<boolean>;
}
