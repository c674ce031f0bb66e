import { HappenError } from '../errors/happen-error.js';
import { refuse, tooLarge } from './check-payload.js';
import { type WireLimits, defaultWireLimits } from './limits.js';
import { malformed } from './malformed.js';
import { Reader } from './read-value.js';
import { scan } from './scan.js';
import type { Scratch } from './scratch.js';
import { writeValue } from './write-value.js';
import { Outgrown, Writer } from './writer.js';

/**
 * The bytes of a value in the project's deterministic MessagePack profile (`docs/wire-format.md`). Equal values, members
 * in the same order, give equal bytes. `undefined` as a whole is no bytes; as a member of an object it is left out.
 *
 * @param scratch what makes it faster, when there is much to encode
 * @param path what the value is called in errors
 * @throws HappenError `HAPPEN_NOT_SERIALISABLE` with `details.path`, such as `payload.items[3].when`;
 *   `HAPPEN_PAYLOAD_TOO_LARGE` with `details.limit` and `details.unit` (`bytes` or `items`)
 */
export function encodePayload(
  value: unknown,
  limits: WireLimits = defaultWireLimits,
  scratch?: Scratch,
  path = 'payload',
): Uint8Array {
  if (value === undefined) return new Uint8Array(0);
  const writer = scratch === undefined ? new Writer(1_024) : scratch.borrow();
  writePayload(writer, value, limits, path);
  const written = writer.view(0, writer.position);
  const bytes = scratch === undefined ? written.slice() : scratch.keep(written);
  scratch?.giveBack(writer);
  return bytes;
}

/** Writes a value after whatever the writer holds, within a payload's limits. */
export function writePayload(writer: Writer, value: unknown, limits: WireLimits, path: string): void {
  try {
    writer.allow(limits.maxPayloadBytes, limits.maxItems);
    writeValue(writer, value, limits.maxDepth);
    writer.check();
  } catch (cause) {
    if (cause instanceof Outgrown) throw tooLarge(path, cause.unit, limits.maxPayloadBytes, limits.maxItems);
    // The encoder keeps no path; the walk that does is only made when something is wrong.
    refuse(value, path, limits);
    throw new HappenError('HAPPEN_NOT_SERIALISABLE', `${path} changed while it was read.`, {
      cause,
      details: { path },
    });
  }
}

/**
 * The value of bytes that came from {@link encodePayload}, here or elsewhere. The bytes are checked before anything is
 * built from them. Nothing in the value shares memory with them; objects are plain ones.
 *
 * @throws HappenError `HAPPEN_MALFORMED_FRAME` with `details.reason`, and nothing else
 */
export function decodePayload(bytes: Uint8Array, limits: WireLimits = defaultWireLimits, scratch?: Scratch): unknown {
  if (bytes.length === 0) return undefined;
  if (bytes.length > limits.maxPayloadBytes) throw malformed('size');
  return decodeValue(bytes, limits, true, scratch);
}

/** Scans and reads one value. With `copy` off, binary in it is a view of the bytes. */
export function decodeValue(
  bytes: Uint8Array,
  limits: { readonly maxItems: number; readonly maxDepth: number },
  copy: boolean,
  scratch: Scratch | undefined,
): unknown {
  const reason = scan(bytes, limits);
  if (reason !== undefined) throw malformed(reason);
  return new Reader(bytes, copy, scratch).value();
}
