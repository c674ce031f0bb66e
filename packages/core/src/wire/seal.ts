/**
 * The signed form of a frame: the frame as it is without a signature, but for its flag, then a seal, which says who signed
 * it, for whom and when, the seal's length, and a signature over all of that.
 */
import type { Address } from '../ports/transport.js';
import { flagged, flagsAt, headerBytes, signedFlag } from './frame-header.js';
import { envelopeLimits } from './limits.js';
import { malformed } from './malformed.js';
import { decodeValue } from './payload-encoding.js';
import { isInteger, isText } from './schema.js';
import { Writer } from './writer.js';

/** What a signed frame says of itself, beside its messages. */
export interface Seal {
  /** The node whose key signed it: the sender of everything in it. */
  readonly sender: string;
  /** That node's public key. */
  readonly key: Uint8Array;
  /** When it was signed: milliseconds since 1970, whole ones. */
  readonly madeAt: number;
  /** Where it goes. */
  readonly to: SealAddress;
  /** To an instance: the node whose requests it answers. */
  readonly recipient: string | undefined;
}

/** An address as a seal says it. `name` is the node, the type of a broadcast, or the instance. */
export interface SealAddress {
  readonly kind: Address['kind'];
  readonly name: string;
}

/** A signed frame, taken apart. All of its arrays are views of it. */
export interface SealedBytes {
  readonly seal: Seal;
  /** What the signature is over. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** Where the frame's own value ends. */
  readonly bodyEnd: number;
}

const signatureBytes = 64;
const lengthBytes = 2;
const keyBytes = 32;
const addressKinds = { node: 1, broadcast: 2, instance: 3 } as const;
const kindsByNumber: readonly (Address['kind'] | undefined)[] = [undefined, 'node', 'broadcast', 'instance'];

/** How many bytes a seal and the signature add to a frame, at most. */
export function sealRoom(sender: string, to: SealAddress, recipient: string | undefined): number {
  const names = sender.length + to.name.length + (recipient?.length ?? 0);
  return names * 3 + 3 * 5 + (keyBytes + 2) + 9 + 2 + lengthBytes + signatureBytes;
}

/** A frame with its seal, and room for the signature, which {@link putSignature} fills. The frame given is not changed. */
export function withSeal(frame: Uint8Array, seal: Seal): Uint8Array {
  const { sender, key, madeAt, to, recipient } = seal;
  const writer = new Writer(128);
  writer.allow(sealRoom(sender, to, recipient), 16);
  writer.array(6);
  writer.string(sender);
  writer.binary(key);
  writer.number(madeAt);
  writer.number(addressKinds[to.kind]);
  writer.string(to.name);
  writer.optionalString(recipient);
  const length = writer.position;
  const sealed = new Uint8Array(frame.length + length + lengthBytes + signatureBytes);
  sealed.set(frame);
  sealed[flagsAt] = signedFlag;
  sealed.set(writer.view(0, length), frame.length);
  sealed[frame.length + length] = length >>> 8;
  sealed[frame.length + length + 1] = length & 0xff;
  return sealed;
}

/** The part of a sealed frame that is to be signed. */
export function toBeSigned(sealed: Uint8Array): Uint8Array {
  return sealed.subarray(0, sealed.length - signatureBytes);
}

export function putSignature(sealed: Uint8Array, signature: Uint8Array): void {
  sealed.set(signature, sealed.length - signatureBytes);
}

/** Whether bytes begin like a frame that has a seal. */
export function isSealed(bytes: Uint8Array): boolean {
  return flagged(bytes, signedFlag);
}

/**
 * Takes a signed frame apart, without a look at its messages or its signature.
 *
 * @throws HappenError `HAPPEN_MALFORMED_FRAME`, and nothing else, whatever the bytes are
 */
export function readSeal(bytes: Uint8Array, maxFrameBytes: number): SealedBytes {
  if (bytes.length > maxFrameBytes) throw malformed('size');
  const signedEnd = bytes.length - signatureBytes;
  const sealEnd = signedEnd - lengthBytes;
  if (sealEnd < headerBytes) throw malformed('truncated');
  // Not `subarray`: what arrived may be of a subclass, and its views would be too.
  const view = (start: number, end: number): Uint8Array =>
    new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
  const length = ((bytes[sealEnd] as number) << 8) | (bytes[sealEnd + 1] as number);
  const bodyEnd = sealEnd - length;
  if (bodyEnd < headerBytes) throw malformed('truncated');
  const record = decodeValue(view(bodyEnd, sealEnd), { maxItems: 7, maxDepth: 1 }, false, undefined);
  return {
    seal: sealFrom(record),
    signed: view(0, signedEnd),
    signature: view(signedEnd, bytes.length),
    bodyEnd,
  };
}

function sealFrom(record: unknown): Seal {
  if (!Array.isArray(record) || record.length !== 6) throw malformed('schema', 'seal');
  const [sender, key, madeAt, kindNumber, name, recipient] = record as unknown[];
  if (!isName(sender)) throw malformed('schema', 'seal.sender');
  if (!(key instanceof Uint8Array) || key.length !== keyBytes) throw malformed('schema', 'seal.key');
  if (!isInteger(madeAt, 0)) throw malformed('schema', 'seal.madeAt');
  const kind = typeof kindNumber === 'number' ? kindsByNumber[kindNumber] : undefined;
  if (kind === undefined || !isName(name)) throw malformed('schema', 'seal.to');
  if (kind === 'instance' ? !isName(recipient) : recipient !== null) throw malformed('schema', 'seal.recipient');
  return { sender, key, madeAt, to: { kind, name }, recipient: (recipient as string | null) ?? undefined };
}

function isName(value: unknown): value is string {
  return isText(value, envelopeLimits.maxNameLength);
}
