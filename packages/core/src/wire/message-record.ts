import { HappenError } from '../errors/happen-error.js';
import { clip } from './error-encoding.js';
import { errorFromRecord, errorRecord } from './error-record.js';
import { type WireLimits, envelopeLimits } from './limits.js';
import { malformed } from './malformed.js';
import type { EncodedEvent, Message } from './messages.js';
import { decodePayload, encodePayload } from './payload-encoding.js';
import { isInteger, isOptionalText, isText } from './schema.js';
import { writeValue } from './write-value.js';
import type { Writer } from './writer.js';

/** The first element of each message. A number is never reused for another meaning. */
export const messageKinds = { deliver: 1, reply: 2, failure: 3, cancel: 4 } as const;

const hashBytes = 32;

/**
 * Writes a message in its positional form.
 *
 * @throws HappenError `HAPPEN_INVALID_OPTION` with `details.field` for what no receiver would take
 */
export function writeMessage(writer: Writer, message: Message): void {
  const record = messageRecord(message);
  const fault = message.kind === 'deliver' ? deliverFault(record) : isInteger(message.request, 1) ? undefined : 'request';
  if (fault !== undefined) {
    throw new HappenError('HAPPEN_INVALID_OPTION', `The ${fault} of a delivery is of the wrong type or out of range.`, {
      details: { field: fault },
    });
  }
  writeValue(writer, record, 4);
}

function messageRecord(message: Message): unknown[] {
  const kind = messageKinds[message.kind];
  switch (message.kind) {
    case 'deliver': {
      const { target, batch, request, remainingMs, priority, key, dedupeKey, events } = message;
      return [kind, target ?? null, batch, request, remainingMs, priority, key ?? null, dedupeKey ?? null, events.map(eventRecord)];
    }
    case 'reply':
      return [kind, message.request, message.value];
    case 'failure':
      return [kind, message.request, encodePayload(errorRecord(message.error), undefined, 'error')];
    case 'cancel':
      return [kind, message.request, clip(message.reason, envelopeLimits.maxMessageLength)];
  }
}

function eventRecord({ bytes, hash, integrity }: EncodedEvent): unknown[] {
  return [bytes, hash, integrity === undefined ? null : encodePayload(integrity, undefined, 'context.integrity')];
}

/**
 * The message that a decoded value stands for.
 *
 * @throws HappenError `HAPPEN_MALFORMED_FRAME`
 */
export function messageFromRecord(record: unknown, limits: WireLimits): Message {
  if (!Array.isArray(record)) throw malformed('schema', 'message');
  const [kind, first, second, ...rest] = record as unknown[];
  if (kind === messageKinds.deliver && record.length === 9) return deliverFrom(record as unknown[], limits);
  if (record.length !== 3) throw malformed('schema', 'message');
  if (!isInteger(first, 1)) throw malformed('schema', 'request');
  switch (kind) {
    case messageKinds.reply:
      if (!(second instanceof Uint8Array)) throw malformed('schema', 'value');
      return { kind: 'reply', request: first, value: second };
    case messageKinds.failure: {
      const error = second instanceof Uint8Array ? errorFromRecord(decodePayload(second, limits)) : undefined;
      if (error === undefined) throw malformed('schema', 'error');
      return { kind: 'failure', request: first, error };
    }
    case messageKinds.cancel:
      if (!isText(second, envelopeLimits.maxMessageLength, 0)) throw malformed('schema', 'reason');
      return { kind: 'cancel', request: first, reason: second };
    default:
      throw malformed('schema', 'kind');
  }
}

function deliverFrom(record: readonly unknown[], limits: WireLimits): Message {
  const fault = deliverFault(record);
  if (fault !== undefined) throw malformed('schema', fault);
  const [, target, batch, request, remainingMs, priority, key, dedupeKey, events] = record as DeliverRecord;
  return {
    kind: 'deliver',
    target: target ?? undefined,
    events: events.map((event) => eventFrom(event, limits)),
    batch,
    request,
    remainingMs,
    priority,
    key: key ?? undefined,
    dedupeKey: dedupeKey ?? undefined,
  };
}

type DeliverRecord = readonly [
  kind: number,
  target: string | null,
  batch: boolean,
  request: number,
  remainingMs: number,
  priority: number,
  key: string | null,
  dedupeKey: string | null,
  events: readonly unknown[],
];

/** The first field of a delivery that breaks a rule; the sender asks as well, so that it hears of it and not the receiver. */
function deliverFault(record: readonly unknown[]): string | undefined {
  const [, target, batch, request, remainingMs, priority, key, dedupeKey, events] = record;
  if (!isOptionalText(target, envelopeLimits.maxNameLength)) return 'target';
  if (typeof batch !== 'boolean') return 'batch';
  if (!isInteger(request, 0)) return 'request';
  if (!Number.isFinite(remainingMs) || (remainingMs as number) < 0) return 'remainingMs';
  if (!Number.isFinite(priority)) return 'priority';
  if (!isOptionalText(key, envelopeLimits.maxKeyLength, 0)) return 'key';
  if (!isOptionalText(dedupeKey, envelopeLimits.maxKeyLength, 0)) return 'dedupeKey';
  return Array.isArray(events) && events.length > 0 && (batch || events.length === 1) ? undefined : 'events';
}

function eventFrom(record: unknown, limits: WireLimits): EncodedEvent {
  if (!Array.isArray(record) || record.length !== 3) throw malformed('schema', 'event');
  const [bytes, hash, integrity] = record as unknown[];
  if (!(bytes instanceof Uint8Array)) throw malformed('schema', 'event');
  if (!(hash instanceof Uint8Array) || hash.length !== hashBytes) throw malformed('schema', 'hash');
  if (integrity !== null && !(integrity instanceof Uint8Array)) throw malformed('schema', 'integrity');
  return { bytes, hash, integrity: integrity === null ? undefined : decodePayload(integrity, limits) };
}
