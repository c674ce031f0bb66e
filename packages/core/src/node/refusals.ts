/** Why a node does not take an event. */
import { describeThrown } from '../errors/describe-thrown.js';
import { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';

/** The node has no handler for the type. */
export function noHandler(nodeId: string, type: string): HappenError {
  return new HappenError(
    'HAPPEN_NO_HANDLER',
    `Node "${nodeId}" has no handler for "${type}". Register one with on(), or check the type.`,
    {
      details: { node: nodeId, type },
    },
  );
}

/** `processSync` met a schema that takes its time. */
export function asynchronousSchema(nodeId: string, type: string): HappenError {
  return new HappenError(
    'HAPPEN_ASYNCHRONOUS_STEP',
    `processSync("${type}") can't wait: the schema of "${type}" at node "${nodeId}" is asynchronous. Use process() instead.`,
    { details: { type, step: 'schema' } },
  );
}

/** The node takes nothing more. */
export function nodeClosed(nodeId: string): HappenError {
  return new HappenError('HAPPEN_CLOSED', `Node "${nodeId}" is closed and takes no more events.`, {
    details: { node: nodeId },
  });
}

/** Its `acceptFrom` names neither the sender nor its source. */
export function notAccepted(nodeId: string, event: HappenEvent): HappenError {
  const { sender } = event.context.causal;
  return new HappenError(
    'HAPPEN_NOT_ACCEPTED',
    `Node "${nodeId}" does not accept "${event.type}" from "${sender}": its acceptFrom names neither the sender nor its source.`,
    {
      details: { node: nodeId, sender, type: event.type },
    },
  );
}

/** An event of this name has been taken already. */
export function duplicate(nodeId: string, dedupeKey: string): HappenError {
  return new HappenError(
    'HAPPEN_DUPLICATE_EVENT',
    `Node "${nodeId}" has already taken an event with the dedupeKey "${dedupeKey}" from this sender.`,
    {
      details: { node: nodeId, dedupeKey },
    },
  );
}

/** A function given as a pattern threw. */
export function matcherFailed(nodeId: string, type: string, cause: unknown): HappenError {
  const { message } = describeThrown(cause);
  return new HappenError(
    'HAPPEN_INVALID_PATTERN',
    `A pattern function at node "${nodeId}" threw for the type "${type}", which counts as no match: ${message}`,
    { cause, details: { node: nodeId, type } },
  );
}

/** The stack ended, or a part of the space that the user handed in threw. */
export function brokenOff(cause: unknown): HappenError {
  return new HappenError('HAPPEN_INTERNAL', 'The handling of the event broke off; see the cause.', { cause });
}
