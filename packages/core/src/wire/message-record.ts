import { HappenError } from '../errors/happen-error.js';
import { clip } from './error-encoding.js';
import { errorFromRecord, errorRecord } from './error-record.js';
import { type WireLimits, envelopeLimits } from './limits.js';
import { malformed } from './malformed.js';
import type { EncodedEvent, Message, MessageOf } from './messages.js';
import { readStreamMessage, streamFault, writeStreamMessage } from './stream-record.js';
import { decodePayload, encodePayload } from './payload-encoding.js';
import { isInteger, isText } from './schema.js';
import type { Writer } from './writer.js';

/** The first element of each message, from 1 on without a gap. A number is never reused for another meaning. */
export const messageKinds = {
  deliver: 1,
  reply: 2,
  failure: 3,
  cancel: 4,
  stream: 5,
  items: 6,
  end: 7,
  broken: 8,
  credit: 9,
  subscribe: 10,
  dropped: 11,
} as const;

const kindsByNumber: readonly (Message['kind'] | undefined)[] = [
  undefined,
  ...(Object.keys(messageKinds) as Message['kind'][]),
];

/** How many elements each has, its kind included. */
const lengths: Readonly<Record<Message['kind'], number>> = {
  deliver: 9,
  reply: 3,
  failure: 3,
  cancel: 3,
  stream: 2,
  items: 4,
  end: 4,
  broken: 4,
  credit: 4,
  subscribe: 3,
  dropped: 3,
};

type Delivery = MessageOf<'deliver'>;

const hashBytes = 32;

/**
 * Writes a message in its positional form.
 *
 * @throws HappenError `HAPPEN_INVALID_OPTION` with `details.field` for what no receiver would take
 */
export function writeMessage(writer: Writer, message: Message): void {
  const { kind, request } = message;
  const fault = kind === 'deliver' ? deliverFault(message) : isInteger(request, 1) ? streamFault(message) : 'request';
  if (fault !== undefined) throw invalid(fault);
  writer.array(lengths[kind]);
  writer.number(messageKinds[kind]);
  switch (kind) {
    case 'deliver':
      return writeDelivery(writer, message);
    case 'reply':
      writer.number(request);
      return writer.binary(message.value);
    case 'failure':
      writer.number(request);
      return writer.binary(encodePayload(errorRecord(message.error), undefined, undefined, 'error'));
    case 'cancel':
      writer.number(request);
      return writer.string(clip(message.reason, envelopeLimits.maxMessageLength));
    default:
      writer.number(request);
      return writeStreamMessage(writer, message);
  }
}

function writeDelivery(writer: Writer, message: Delivery): void {
  writer.optionalString(message.target);
  writer.boolean(message.batch);
  writer.number(message.request);
  writer.number(message.remainingMs);
  writer.number(message.priority);
  writer.optionalString(message.key);
  writer.optionalString(message.dedupeKey);
  writer.array(message.events.length);
  for (const { bytes, hash, integrity } of message.events) {
    writer.array(3);
    writer.binary(bytes);
    writer.binary(hash);
    if (integrity === undefined) writer.nil();
    else writer.binary(encodePayload(integrity, undefined, undefined, 'context.integrity'));
  }
}

function invalid(field: string): HappenError {
  return new HappenError('HAPPEN_INVALID_OPTION', `The ${field} of a message is of the wrong type or out of range.`, {
    details: { field },
  });
}

/**
 * The message that a decoded value stands for.
 *
 * @throws HappenError `HAPPEN_MALFORMED_FRAME`
 */
export function messageFromRecord(record: unknown, limits: WireLimits): Message {
  if (!Array.isArray(record)) throw malformed('schema', 'message');
  const [number, first, second] = record as unknown[];
  const kind = kindOf(number);
  if (kind === undefined) throw malformed('schema', 'kind');
  if (record.length !== lengths[kind]) throw malformed('schema', 'message');
  if (kind === 'deliver') return deliverFrom(record as unknown[], limits);
  if (!isInteger(first, 1)) throw malformed('schema', 'request');
  switch (kind) {
    case 'reply':
      if (!(second instanceof Uint8Array)) throw malformed('schema', 'value');
      return { kind: 'reply', request: first, value: second };
    case 'failure': {
      const error = second instanceof Uint8Array ? errorFromRecord(decodePayload(second)) : undefined;
      if (error === undefined) throw malformed('schema', 'error');
      return { kind: 'failure', request: first, error };
    }
    case 'cancel':
      if (!isText(second, envelopeLimits.maxMessageLength, 0)) throw malformed('schema', 'reason');
      return { kind: 'cancel', request: first, reason: second };
    default:
      return readStreamMessage(kind, first, record as unknown[]);
  }
}

function kindOf(number: unknown): Message['kind'] | undefined {
  return typeof number === 'number' ? kindsByNumber[number] : undefined;
}

function deliverFrom(record: readonly unknown[], limits: WireLimits): Delivery {
  const delivery: Record<keyof Delivery, unknown> = {
    kind: 'deliver',
    target: record[1] ?? undefined,
    events: record[8],
    batch: record[2],
    request: record[3],
    remainingMs: record[4],
    priority: record[5],
    key: record[6] ?? undefined,
    dedupeKey: record[7] ?? undefined,
  };
  const fault = deliverFault(delivery);
  if (fault !== undefined) throw malformed('schema', fault);
  delivery.events = (delivery.events as unknown[]).map((event) => eventFrom(event, limits));
  return delivery as Delivery;
}

/** The first field of a delivery that breaks a rule. Asked on both sides: a sender hears of what no receiver takes. */
function deliverFault(delivery: Readonly<Record<keyof Delivery, unknown>>): keyof Delivery | undefined {
  const { target, batch, request, remainingMs, priority, key, dedupeKey, events } = delivery;
  if (target !== undefined && !isText(target, envelopeLimits.maxNameLength)) return 'target';
  if (typeof batch !== 'boolean') return 'batch';
  if (!isInteger(request, 0)) return 'request';
  if (!Number.isFinite(remainingMs) || (remainingMs as number) < 0) return 'remainingMs';
  if (!Number.isFinite(priority)) return 'priority';
  if (key !== undefined && !isText(key, envelopeLimits.maxKeyLength, 0)) return 'key';
  if (dedupeKey !== undefined && !isText(dedupeKey, envelopeLimits.maxKeyLength, 0)) return 'dedupeKey';
  const most = batch ? envelopeLimits.maxBatchEvents : 1;
  return Array.isArray(events) && events.length > 0 && events.length <= most ? undefined : 'events';
}

function eventFrom(record: unknown, limits: WireLimits): EncodedEvent {
  if (!Array.isArray(record) || record.length !== 3) throw malformed('schema', 'event');
  const [bytes, hash, integrity] = record as unknown[];
  if (!(bytes instanceof Uint8Array)) throw malformed('schema', 'event');
  if (!(hash instanceof Uint8Array) || hash.length !== hashBytes) throw malformed('schema', 'hash');
  if (integrity !== null && !(integrity instanceof Uint8Array)) throw malformed('schema', 'integrity');
  return { bytes, hash, integrity: integrity === null ? undefined : decodePayload(integrity, limits) };
}
