import { errorFromRecord, errorRecord } from './error-record.js';
import { malformed } from './malformed.js';
import type { Message, MessageOf } from './messages.js';
import { decodePayload, encodePayload } from './payload-encoding.js';
import { isInteger } from './schema.js';
import type { Writer } from './writer.js';

/** The messages that streams are made of; the fields after kind and request are written and read here. */
type StreamMessage = MessageOf<'stream' | 'items' | 'end' | 'broken' | 'credit' | 'subscribe' | 'dropped'>;

/** The first field of a stream's message that no receiver would take; none of any other message. */
export function streamFault(message: Message): string | undefined {
  switch (message.kind) {
    case 'items':
      if (!isInteger(message.first, 0)) return 'first';
      return message.items.length > 0 ? undefined : 'items';
    case 'end':
    case 'broken':
    case 'dropped':
      return isInteger(message.count, 0) ? undefined : 'count';
    case 'subscribe':
      return isInteger(message.stream, 1) ? undefined : 'stream';
    case 'credit':
      if (!isInteger(message.items, 0)) return 'items';
      return isInteger(message.bytes, 0) ? undefined : 'bytes';
    default:
      return undefined;
  }
}

export function writeStreamMessage(writer: Writer, message: StreamMessage): void {
  switch (message.kind) {
    case 'stream':
      return;
    case 'items':
      writer.number(message.first);
      writer.array(message.items.length);
      for (const item of message.items) writer.binary(item);
      return;
    case 'end':
      writer.number(message.count);
      return writer.binary(message.value);
    case 'broken':
      writer.number(message.count);
      return writer.binary(encodePayload(errorRecord(message.error), undefined, undefined, 'error'));
    case 'credit':
      writer.number(message.items);
      return writer.number(message.bytes);
    case 'subscribe':
      return writer.number(message.stream);
    case 'dropped':
      return writer.number(message.count);
  }
}

/** @throws HappenError `HAPPEN_MALFORMED_FRAME` */
export function readStreamMessage(
  kind: StreamMessage['kind'],
  request: number,
  record: readonly unknown[],
): StreamMessage {
  const [, , third, fourth] = record;
  const message = read(kind, request, third, fourth);
  const fault = typeof message === 'string' ? message : streamFault(message);
  if (fault !== undefined) throw malformed('schema', fault);
  return message as StreamMessage;
}

/** The message, whose numbers are still to be looked at; or the field that is of the wrong type. */
function read(kind: StreamMessage['kind'], request: number, third: unknown, fourth: unknown): StreamMessage | string {
  switch (kind) {
    case 'stream':
      return { kind, request };
    case 'items':
      if (!Array.isArray(fourth) || !fourth.every((item) => item instanceof Uint8Array)) return 'items';
      return { kind, request, first: third as number, items: fourth as Uint8Array[] };
    case 'end':
      if (!(fourth instanceof Uint8Array)) return 'value';
      return { kind, request, count: third as number, value: fourth };
    case 'broken': {
      const error = fourth instanceof Uint8Array ? errorFromRecord(decodePayload(fourth)) : undefined;
      return error === undefined ? 'error' : { kind, request, count: third as number, error };
    }
    case 'credit':
      return { kind, request, items: third as number, bytes: fourth as number };
    case 'subscribe':
      return { kind, request, stream: third as number };
    case 'dropped':
      return { kind, request, count: third as number };
  }
}
