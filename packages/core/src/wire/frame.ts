import { FrameBuilder } from './frame-builder.js';
import { header, headerBytes } from './frame-header.js';
import type { Scratch } from './scratch.js';
import { type WireLimits, defaultWireLimits, envelopeLimits } from './limits.js';
import { malformed } from './malformed.js';
import { messageFromRecord } from './message-record.js';
import type { Frame } from './messages.js';
import { decodeValue } from './payload-encoding.js';
import { isInteger, isText } from './schema.js';

/**
 * The bytes of one frame, whatever its size up to the limit. `FrameBuilder` makes several of what is too much for one.
 *
 * @throws HappenError `HAPPEN_PAYLOAD_TOO_LARGE` over `maxFrameBytes`
 */
export function encodeFrame(frame: Frame, limits: WireLimits = defaultWireLimits, scratch?: Scratch): Uint8Array {
  const { from, sequence, messages } = frame;
  const bounds = {
    targetBytes: Number.MAX_SAFE_INTEGER,
    maxMessages: Number.MAX_SAFE_INTEGER,
    maxFrameBytes: limits.maxFrameBytes,
  };
  const builder = new FrameBuilder(from, () => sequence, bounds, scratch);
  for (const message of messages) builder.add(message);
  return builder.finish();
}

/**
 * The frame that bytes hold. Events, hashes and replies in it are views of `bytes`, which must not change afterwards.
 * Events and payloads are not looked into: `decodeEvent` and `decodePayload` do that, and can refuse one without the rest.
 *
 * @throws HappenError `HAPPEN_MALFORMED_FRAME` with `details.reason`, and nothing else, whatever the bytes are
 */
export function decodeFrame(bytes: Uint8Array, limits: WireLimits = defaultWireLimits): Frame {
  if (bytes.length > limits.maxFrameBytes) throw malformed('size');
  if (bytes.length < headerBytes) throw malformed('truncated');
  if (bytes[0] !== header[0] || bytes[1] !== header[1]) throw malformed('magic');
  if (bytes[2] !== header[2]) throw malformed('version');
  if (bytes[3] !== header[3]) throw malformed('flags');
  return decodeFrameBody(bytes, bytes.length, limits);
}

/** The frame whose own value stands between the header and `end`. The header has been looked at. */
export function decodeFrameBody(bytes: Uint8Array, end: number, limits: WireLimits): Frame {
  // Not `subarray`: what arrived may be of a subclass, and its views would be too.
  const body = new Uint8Array(bytes.buffer, bytes.byteOffset + headerBytes, end - headerBytes);
  const record = decodeValue(body, { maxItems: envelopeLimits.maxItems, maxDepth: 5 }, false, undefined);
  if (!Array.isArray(record) || record.length !== 3) throw malformed('schema', 'frame');
  const [from, sequence, messages] = record as unknown[];
  if (!isText(from, envelopeLimits.maxNameLength)) throw malformed('schema', 'from');
  if (!isInteger(sequence, 0)) throw malformed('schema', 'sequence');
  if (!Array.isArray(messages)) throw malformed('schema', 'messages');
  return { from, sequence, messages: messages.map((message) => messageFromRecord(message, limits)) };
}
