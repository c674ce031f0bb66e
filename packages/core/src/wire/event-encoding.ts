import { HappenError } from '../errors/happen-error.js';
import type { Crypto } from '../ports/crypto.js';
import { tooLarge } from './check-payload.js';
import { eventFault } from './event-schema.js';
import { type WireLimits, defaultWireLimits, envelopeLimits } from './limits.js';
import { malformed } from './malformed.js';
import type { EncodedEvent, WireEvent } from './messages.js';
import { writePayload } from './payload-encoding.js';
import { Reader } from './read-value.js';
import { scan } from './scan.js';
import { Scratch } from './scratch.js';
import { Outgrown, Refused, type Writer } from './writer.js';

/** The first element of an event's canonical bytes. */
export const eventVersion = 1;

/** SHA-256, as the crypto port gives it. */
export type Sha256 = Crypto['sha256'];

/** What an encoding may be given beside the event. */
export interface EncodeEventOptions {
  /** The event's payload as `encodePayload` made it: then `event.payload` is not looked at. For one payload in many events. */
  readonly encodedPayload?: Uint8Array | undefined;
  readonly limits?: WireLimits | undefined;
  /** What makes it faster, when there is much to encode. */
  readonly scratch?: Scratch | undefined;
}

/**
 * The canonical bytes of an event and their hash.
 *
 * @param integrity goes beside the bytes, outside the hash; `undefined` for none
 * @throws HappenError `HAPPEN_NOT_SERIALISABLE` and `HAPPEN_PAYLOAD_TOO_LARGE` as `encodePayload` (paths begin with
 *   `payload`, `context` or `context.origin`); `HAPPEN_INVALID_EVENT` with `details.field` for an envelope that no
 *   receiver would take
 */
export function encodeEvent(
  event: WireEvent,
  integrity: unknown,
  sha256: Sha256,
  options: EncodeEventOptions = {},
): EncodedEvent {
  const fault = eventFault(event);
  if (fault !== undefined) throw invalid(fault);
  const { limits = defaultWireLimits, scratch = new Scratch(), encodedPayload } = options;
  const writer = scratch.borrow();
  try {
    const none = encodedPayload === undefined ? event.payload === undefined : encodedPayload.length === 0;
    writeEnvelope(writer, event, limits, none ? 12 : 13);
    if (encodedPayload !== undefined) writer.raw(encodedPayload);
    else if (!none) writePayload(writer, event.payload, limits, 'payload');
    if (writer.position > limits.maxFrameBytes) throw new Outgrown('bytes');
  } catch (cause) {
    if (cause instanceof Refused) throw invalid('text');
    throw cause instanceof Outgrown
      ? tooLarge('event', cause.unit, limits.maxFrameBytes, envelopeLimits.maxItems)
      : cause;
  }
  const bytes = scratch.keep(writer.view(0, writer.position));
  scratch.giveBack(writer);
  return { bytes, hash: sha256(bytes), integrity };
}

/**
 * The event that canonical bytes say, after checking their hash, their form and every field of the envelope. Nothing in
 * the event shares memory with the bytes.
 *
 * @throws HappenError `HAPPEN_HASH_MISMATCH`; `HAPPEN_MALFORMED_FRAME` with `details.reason`; nothing else, provided that
 *   `sha256` doesn't throw
 */
export function decodeEvent(
  encoded: EncodedEvent,
  sha256: Sha256,
  limits: WireLimits = defaultWireLimits,
  scratch?: Scratch,
): WireEvent {
  checkHash(encoded, sha256, limits);
  return readEvent(encoded.bytes, limits, scratch);
}

/**
 * The hash of an event's canonical bytes, which is the one that came with them; in memory of its own.
 *
 * @throws HappenError `HAPPEN_HASH_MISMATCH`; `HAPPEN_MALFORMED_FRAME` for too many bytes
 */
export function checkHash({ bytes, hash }: EncodedEvent, sha256: Sha256, limits: WireLimits): Uint8Array {
  if (bytes.length > limits.maxFrameBytes) throw malformed('size');
  const made = sha256(bytes);
  if (equal(made, hash)) return made;
  throw new HappenError('HAPPEN_HASH_MISMATCH', 'An event was changed on its way: its hash is not that of its bytes.');
}

/** The second half of {@link decodeEvent}: what it does once the hash has been checked. */
export function readEvent(bytes: Uint8Array, limits: WireLimits, scratch: Scratch | undefined): WireEvent {
  const allowed = { maxItems: limits.maxItems + envelopeLimits.maxItems, maxDepth: limits.maxDepth + 1 };
  const reason = scan(bytes, allowed);
  if (reason !== undefined) throw malformed(reason);
  const first = bytes[0];
  // An array of 12 elements or 13, which are read as they stand: field by field, in order.
  if (first !== 0x9c && first !== 0x9d) throw malformed('schema', 'event');
  const reader = new Reader(bytes, true, scratch, 1);
  if (reader.value() !== eventVersion) throw malformed('version', 'event');
  const event: Record<keyof WireEvent, unknown> = {
    type: reader.name(),
    id: reader.value(),
    sender: reader.name(),
    causationId: reader.value() ?? undefined,
    causes: reader.value() ?? undefined,
    correlationId: reader.value(),
    depth: reader.value(),
    path: reader.value(),
    omittedHops: reader.value(),
    origin: reader.value() ?? undefined,
    context: reader.value() ?? undefined,
    payload: first === 0x9d ? reader.value() : undefined,
  };
  const fault = eventFault(event);
  if (fault !== undefined) throw malformed('schema', fault);
  return event as WireEvent;
}

function writeEnvelope(writer: Writer, event: WireEvent, limits: WireLimits, fields: number): void {
  const { causes, path, origin, context } = event;
  writer.allow(limits.maxFrameBytes, envelopeLimits.maxItems);
  writer.array(fields);
  writer.number(eventVersion);
  writer.string(event.type);
  writer.string(event.id);
  writer.string(event.sender);
  writer.optionalString(event.causationId);
  if (causes === undefined) {
    writer.nil();
  } else {
    writer.array(causes.length);
    for (const id of causes) writer.string(id);
  }
  writer.string(event.correlationId);
  writer.number(event.depth);
  writer.array(path.length);
  for (const [from, to] of path) {
    writer.array(2);
    writer.string(from);
    writer.string(to);
  }
  writer.number(event.omittedHops);
  writeExtras(writer, origin, 'context.origin', limits);
  writeExtras(writer, context, 'context', limits);
}

/** What a user adds to the envelope has the limits of a payload, but for the number of values, which it shares with the envelope. */
function writeExtras(writer: Writer, extras: WireEvent['context'], path: string, limits: WireLimits): void {
  const maxItems = envelopeLimits.maxItems - writer.items;
  if (extras !== undefined) return writePayload(writer, extras, { ...limits, maxItems }, path);
  writer.allow(limits.maxFrameBytes, maxItems);
  writer.nil();
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

function invalid(field: string): HappenError {
  return new HappenError('HAPPEN_INVALID_EVENT', `The event's ${field} is missing, of the wrong type, or too long.`, {
    details: { field },
  });
}
