import { HappenError } from '../errors/happen-error.js';
import type { Crypto } from '../ports/crypto.js';
import { tooLarge } from './check-payload.js';
import { type WireLimits, defaultWireLimits, envelopeLimits } from './limits.js';
import { malformed } from './malformed.js';
import type { EncodedEvent, WireEvent, WireHop } from './messages.js';
import { decodeValue, encodePayload } from './payload-encoding.js';
import { isInteger, isOptionalText, isRecord, isText } from './schema.js';
import { writeValue } from './write-value.js';
import { Outgrown, Refused, Writer } from './writer.js';

/** The first element of an event's canonical bytes. */
export const eventVersion = 1;

/** SHA-256, as the crypto port gives it. */
export type Sha256 = Crypto['sha256'];

/** What an encoding may be given beside the event. */
export interface EncodeEventOptions {
  /** The event's payload as `encodePayload` made it: then `event.payload` is not looked at. For one payload in many events. */
  readonly encodedPayload?: Uint8Array;
  readonly limits?: WireLimits;
}

/**
 * The canonical bytes of an event and their hash.
 *
 * @param integrity goes beside the bytes, outside the hash; `undefined` for none
 * @throws HappenError `HAPPEN_NOT_SERIALISABLE` and `HAPPEN_PAYLOAD_TOO_LARGE` as `encodePayload` (paths begin with
 *   `payload`, `context` or `context.origin`); `HAPPEN_INVALID_EVENT` with `details.field` for an envelope that no
 *   receiver would take
 */
export function encodeEvent(event: WireEvent, integrity: unknown, sha256: Sha256, options: EncodeEventOptions = {}): EncodedEvent {
  const limits = options.limits ?? defaultWireLimits;
  const record = [
    eventVersion,
    event.type,
    event.id,
    event.sender,
    event.causationId ?? null,
    event.causes ?? null,
    event.correlationId,
    event.depth,
    event.path,
    event.omittedHops,
  ];
  const { origin, context } = event;
  const fault = envelopeFault(record) ?? extrasFault(origin, context);
  if (fault !== undefined) throw invalid(fault);
  const payload = options.encodedPayload ?? encodePayload(event.payload, limits);
  const writer = new Writer(limits.maxFrameBytes, envelopeLimits.maxItems, payload.length + 512);
  try {
    writer.array(payload.length === 0 ? 12 : 13);
    for (const field of record) writeValue(writer, field, 3);
    writeExtras(writer, origin, 'context.origin', limits);
    writeExtras(writer, context, 'context', limits);
    writer.raw(payload);
    const bytes = writer.take();
    return { bytes, hash: sha256(bytes), integrity };
  } catch (cause) {
    if (cause instanceof Outgrown) throw tooLarge('event', cause);
    if (cause instanceof Refused) throw invalid('text');
    throw cause;
  }
}

/**
 * The event that canonical bytes say, after checking their hash, their form and every field of the envelope. Nothing in
 * the event shares memory with the bytes.
 *
 * @throws HappenError `HAPPEN_HASH_MISMATCH`; `HAPPEN_MALFORMED_FRAME` with `details.reason`; nothing else, provided that
 *   `sha256` doesn't throw
 */
export function decodeEvent(encoded: EncodedEvent, sha256: Sha256, limits: WireLimits = defaultWireLimits): WireEvent {
  const { bytes, hash } = encoded;
  if (bytes.length > limits.maxFrameBytes) throw malformed('size');
  if (!equal(sha256(bytes), hash)) {
    throw new HappenError('HAPPEN_HASH_MISMATCH', 'An event was changed on its way: its hash is not that of its bytes.');
  }
  const record = decodeValue(bytes, { maxItems: limits.maxItems * 3 + envelopeLimits.maxItems, maxDepth: limits.maxDepth + 1 }, true);
  if (!Array.isArray(record) || (record.length !== 12 && record.length !== 13)) throw malformed('schema', 'event');
  const [version, type, id, sender, causationId, causes, correlationId, depth, path, omittedHops, origin, context, payload] = record;
  if (version !== eventVersion) throw malformed('version', 'event');
  const fault = envelopeFault(record) ?? extrasFault(origin ?? undefined, context ?? undefined);
  if (fault !== undefined) throw malformed('schema', fault);
  return {
    type,
    payload,
    id,
    sender,
    causationId: causationId ?? undefined,
    causes: causes ?? undefined,
    correlationId,
    depth,
    path,
    omittedHops,
    origin: origin ?? undefined,
    context: context ?? undefined,
  };
}

function writeExtras(writer: Writer, extras: WireEvent['context'], path: string, limits: WireLimits): void {
  if (extras === undefined) writer.nil();
  else writer.raw(encodePayload(extras, limits, path));
}

/** The first field of the envelope, in its positional form, that breaks a rule. */
function envelopeFault(record: readonly unknown[]): string | undefined {
  const { maxNameLength, maxPathHops, maxCauses, maxCausalDepth } = envelopeLimits;
  const [, type, id, sender, causationId, causes, correlationId, depth, path, omittedHops] = record;
  const isName = (value: unknown): boolean => isText(value, maxNameLength);
  const isHop = (hop: unknown): hop is WireHop => Array.isArray(hop) && hop.length === 2 && isName(hop[0]) && isName(hop[1]);
  if (!isName(type)) return 'type';
  if (!isName(id)) return 'id';
  if (!isName(sender)) return 'sender';
  if (!isOptionalText(causationId, maxNameLength)) return 'causationId';
  if (causes !== null && !(Array.isArray(causes) && causes.length <= maxCauses && causes.every(isName))) return 'causes';
  if (!isName(correlationId)) return 'correlationId';
  if (!isInteger(depth, 0, maxCausalDepth)) return 'depth';
  if (!Array.isArray(path) || path.length > maxPathHops || !path.every(isHop)) return 'path';
  if (!isInteger(omittedHops, 0, maxCausalDepth)) return 'omittedHops';
  return undefined;
}

/** Keys that the framework alone fills must not come in by the side door. */
function extrasFault(origin: unknown, context: unknown): string | undefined {
  if (origin !== undefined && (!isRecord(origin) || Object.hasOwn(origin, 'nodeId'))) return 'origin';
  if (context === undefined) return undefined;
  if (!isRecord(context)) return 'context';
  return ['causal', 'origin', 'integrity'].some((key) => Object.hasOwn(context, key)) ? 'context' : undefined;
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

function invalid(field: string): HappenError {
  return new HappenError('HAPPEN_INVALID_EVENT', `The event's ${field} is missing, of the wrong type, or too long.`, { details: { field } });
}
