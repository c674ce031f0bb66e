/** The primitives a space uses; a user may hand in others (a hardware module, a validated library). */
export interface Crypto {
  /** `length` bytes (0 to 65 536) from a cryptographically secure source. */
  randomBytes(length: number): Uint8Array;
  /** SHA-256 (FIPS 180-4) of the bytes: 32 bytes, at once. */
  sha256(bytes: Uint8Array): Uint8Array;
}
