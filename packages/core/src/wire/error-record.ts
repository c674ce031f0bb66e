import { envelopeLimits } from './limits.js';
import type { WireError } from './messages.js';
import { isOptionalText, isRecord, isText } from './schema.js';

/** The positional form of an error. */
export function errorRecord(error: WireError): unknown[] {
  const { name, message, code, details, cause } = error;
  return [name, message, code ?? null, details ?? null, cause === undefined ? null : errorRecord(cause)];
}

/** The error that a decoded value stands for; `undefined` when it doesn't fit. */
export function errorFromRecord(record: unknown, chain: number = envelopeLimits.maxErrorChain): WireError | undefined {
  if (!Array.isArray(record) || record.length !== 5 || chain < 1) return undefined;
  const [name, message, code, details, cause] = record as unknown[];
  if (!isText(name, envelopeLimits.maxNameLength) || !isText(message, envelopeLimits.maxMessageLength, 0))
    return undefined;
  if (!isOptionalText(code, envelopeLimits.maxNameLength, 0) || (details !== null && !isRecord(details)))
    return undefined;
  const inner = cause === null ? undefined : errorFromRecord(cause, chain - 1);
  if (cause !== null && inner === undefined) return undefined;
  return { name, message, code: code ?? undefined, details: details ?? undefined, cause: inner };
}
