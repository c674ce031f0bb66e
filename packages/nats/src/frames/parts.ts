/**
 * Frames in parts: those longer than the server takes as one message.
 *
 * A part is a head and a piece: magic byte, kind of the address (0 node, 1 instance, 2 broadcast, 3 several nodes
 * by way of one), transfer number (u32), offset
 * (u32), length of the whole (u32), length of the address (u16), the address in UTF-8 (the id; of a broadcast the groups, as
 * JSON). All of one transfer go to one instance, in order, so that a part is the next one or the transfer is void.
 */
import { HappenError } from '@happen/core';

export type PartKind = 'node' | 'instance' | 'broadcast' | 'shared';

const magic = 0xd7;
const headBytes = 16;
const kinds: readonly PartKind[] = ['node', 'instance', 'broadcast', 'shared'];

export interface Part {
  readonly kind: PartKind;
  readonly transfer: number;
  readonly offset: number;
  readonly total: number;
  readonly address: string;
  readonly piece: Uint8Array;
}

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The parts of a frame, each at most `longest` bytes. */
export function* partsOf(
  kind: PartKind,
  address: string,
  transfer: number,
  frame: Uint8Array,
  longest: number,
): Generator<Uint8Array, void, undefined> {
  const name = utf8.encode(address);
  const room = longest - headBytes - name.length;
  if (room <= 0 || name.length > 0xffff) {
    throw new HappenError(
      'HAPPEN_PAYLOAD_TOO_LARGE',
      `The NATS server takes ${longest} bytes at once, which leaves no room for a frame beside its address.`,
    );
  }
  for (let offset = 0; offset < frame.byteLength; offset += room) {
    const piece = frame.subarray(offset, offset + room);
    const part = new Uint8Array(headBytes + name.length + piece.length);
    const view = new DataView(part.buffer);
    view.setUint8(0, magic);
    view.setUint8(1, kinds.indexOf(kind));
    view.setUint32(2, transfer);
    view.setUint32(6, offset);
    view.setUint32(10, frame.byteLength);
    view.setUint16(14, name.length);
    part.set(name, headBytes);
    part.set(piece, headBytes + name.length);
    yield part;
  }
}

/** Reads a part; `undefined` for what is none. */
export function readPart(bytes: Uint8Array): Part | undefined {
  if (bytes.length <= headBytes || bytes[0] !== magic) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = kinds[view.getUint8(1)];
  const start = headBytes + view.getUint16(14);
  const [offset, total] = [view.getUint32(6), view.getUint32(10)];
  if (kind === undefined || start >= bytes.length || offset + (bytes.length - start) > total) return undefined;
  try {
    const address = strictUtf8.decode(bytes.subarray(headBytes, start));
    return { kind, transfer: view.getUint32(2), offset, total, address, piece: bytes.subarray(start) };
  } catch {
    return undefined;
  }
}
