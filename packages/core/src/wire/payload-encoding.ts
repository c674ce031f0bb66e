import { HappenError } from '../errors/happen-error.js';
import { refuse, tooLarge } from './check-payload.js';
import { type WireLimits, defaultWireLimits } from './limits.js';
import { malformed } from './malformed.js';
import { Reader } from './read-value.js';
import { scan } from './scan.js';
import { writeValue } from './write-value.js';
import { Outgrown, Writer } from './writer.js';

/**
 * The bytes of a value in the project's deterministic MessagePack profile (`docs/wire-format.md`). Equal values, members
 * in the same order, give equal bytes. `undefined` as a whole is no bytes; as a member of an object it is left out.
 *
 * @param path what the value is called in errors
 * @throws HappenError `HAPPEN_NOT_SERIALISABLE` with `details.path`, such as `payload.items[3].when`;
 *   `HAPPEN_PAYLOAD_TOO_LARGE` with `details.limit` and `details.unit` (`bytes` or `items`)
 */
export function encodePayload(value: unknown, limits: WireLimits = defaultWireLimits, path = 'payload'): Uint8Array {
  if (value === undefined) return new Uint8Array(0);
  const writer = new Writer(limits.maxPayloadBytes, limits.maxItems);
  try {
    writeValue(writer, value, limits.maxDepth);
    return writer.take();
  } catch (cause) {
    if (cause instanceof Outgrown) throw tooLarge(path, cause);
    // The encoder keeps no path; the walk that does is only made when something is wrong.
    refuse(value, path, limits);
    throw new HappenError('HAPPEN_NOT_SERIALISABLE', `${path} changed while it was read.`, { cause, details: { path } });
  }
}

/**
 * The value of bytes that came from {@link encodePayload}, here or elsewhere. The bytes are checked before anything is
 * built from them. Nothing in the value shares memory with them; objects are plain ones.
 *
 * @throws HappenError `HAPPEN_MALFORMED_FRAME` with `details.reason`, and nothing else
 */
export function decodePayload(bytes: Uint8Array, limits: WireLimits = defaultWireLimits): unknown {
  if (bytes.length === 0) return undefined;
  if (bytes.length > limits.maxPayloadBytes) throw malformed('size');
  return decodeValue(bytes, limits, true);
}

/** Scans and reads one value. With `copy` off, binary in it is a view of the bytes. */
export function decodeValue(bytes: Uint8Array, limits: { maxItems: number; maxDepth: number }, copy: boolean): unknown {
  const reason = scan(bytes, limits);
  if (reason !== undefined) throw malformed(reason);
  return new Reader(bytes, copy).value();
}
