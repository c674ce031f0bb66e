import { HappenError } from '../errors/happen-error.js';
import { errorToWire } from './error-encoding.js';
import { errorRecord } from './error-record.js';
import { type WireLimits, defaultWireLimits } from './limits.js';
import { RefusalWalk } from './refusal.js';

/**
 * Whether a value could cross a wire, by the encoder's rules, without encoding it: what a delivery within the process
 * checks in development, so that moving a node out changes nothing.
 *
 * Size is counted from below (text by its length in UTF-16 units), so a value of many non-ASCII characters may pass here
 * and still be too large when encoded.
 *
 * @param path what the value is called in errors
 * @returns the size so counted, in bytes
 * @throws HappenError as `encodePayload` does
 */
export function checkPayload(value: unknown, path = 'payload', limits: WireLimits = defaultWireLimits): number {
  return value === undefined ? 0 : refuse(value, path, limits);
}

/** Throws for what can't be encoded; gives back the size of what can, counted from below. */
export function refuse(value: unknown, path: string, limits: WireLimits): number {
  const walk = new RefusalWalk(limits, (error) => errorRecord(errorToWire(error)));
  const found = walk.find(value);
  if (found === undefined) return walk.size;
  if (found.outgrown !== undefined) throw tooLarge(path, found.outgrown, limits.maxPayloadBytes, limits.maxItems);
  const where = path + found.path;
  throw new HappenError(
    'HAPPEN_NOT_SERIALISABLE',
    `${where} ${found.what}. An event carries JSON-like data, Date, bigint, Map, Set, Error and typed arrays.`,
    { details: { path: where }, ...('cause' in found ? { cause: found.cause } : {}) },
  );
}

/** The error for a sound value that is more than a limit allows. */
export function tooLarge(path: string, unit: 'bytes' | 'items', maxBytes: number, maxItems: number): HappenError {
  const limit = unit === 'bytes' ? maxBytes : maxItems;
  return new HappenError(
    'HAPPEN_PAYLOAD_TOO_LARGE',
    `${path} is more than ${limit} ${unit === 'bytes' ? 'bytes' : 'values'}. Send it in parts, or send a reference to it.`,
    { details: { path, unit, limit } },
  );
}
