/** The forms in which runtimes take Ed25519 keys: DER, of which all but the last 32 bytes are always the same (RFC 8410). */

const privateKeyStart = [
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
const publicKeyStart = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/** PKCS #8 of a seed. */
export function privateKeyForm(seed: Uint8Array): Uint8Array {
  return Uint8Array.from([...privateKeyStart, ...seed]);
}

/** SubjectPublicKeyInfo of a public key. */
export function publicKeyForm(publicKey: Uint8Array): Uint8Array {
  return Uint8Array.from([...publicKeyStart, ...publicKey]);
}
