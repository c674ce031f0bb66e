/**
 * The names that spans and durations use: those of OpenTelemetry's semantic conventions for messaging 1.38 as far as there
 * are any (https://opentelemetry.io/docs/specs/semconv/messaging/; of these only `error.type` is declared stable), and
 * `happen.*` for the rest.
 */
import type { Attributes } from '@opentelemetry/api';
import type { HappenEvent } from '../event/event.js';

export type Operation = 'send' | 'publish' | 'process';

export const names = {
  errorType: 'error.type',
  messageId: 'messaging.message.id',
  conversationId: 'messaging.message.conversation_id',
  asked: 'happen.answer.asked',
} as const;

/** What an operation is about. `destination`: the node it goes to, or the type that is broadcast. */
export function operationAttributes(
  operation: Operation,
  type: string,
  destination: string,
  node: string,
  batch: number | undefined,
): Attributes {
  return {
    'messaging.system': 'happen',
    'messaging.operation.name': operation,
    'messaging.operation.type': operation === 'process' ? 'process' : 'send',
    'messaging.destination.name': destination,
    'happen.event.type': type,
    'happen.node.id': node,
    ...(batch === undefined ? undefined : { 'messaging.batch.message_count': batch }),
  };
}

/** Which event it is. The ids of a batch are its events' own. */
export function eventAttributes(event: HappenEvent): Attributes {
  const { id, correlationId, causationId, depth, sender } = event.context.causal;
  return {
    [names.messageId]: id,
    [names.conversationId]: correlationId,
    'happen.event.sender': sender,
    'happen.event.depth': depth,
    ...(causationId === undefined ? undefined : { 'happen.event.causation_id': causationId }),
  };
}
