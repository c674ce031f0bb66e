/** Why something that was sent came to nothing. */
import { describeThrown } from '../errors/describe-thrown.js';
import { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';

/** The sender's signal was aborted. */
export function cancelled(reason: unknown): HappenError {
  const why =
    reason instanceof Error || typeof reason === 'string' ? describeThrown(reason).message : 'the signal was aborted';
  return new HappenError('HAPPEN_CANCELLED', `The sender cancelled: ${why}`, { cause: reason });
}

/** The asker left before the stream came. */
export function gone(): HappenError {
  return new HappenError('HAPPEN_CANCELLED', 'The asker waits no longer.');
}

/** The whole time was spent on waiting for the transport to take it over. */
export function neverLeft(nodeId: string, timeoutMs: number): HappenError {
  return new HappenError(
    'HAPPEN_DISCONNECTED',
    `Node "${nodeId}" does not live in this process, and the transport could not send the event within ${timeoutMs} ms: there was no connection, or too much waited for it.`,
    { details: { node: nodeId, timeoutMs } },
  );
}

/** Nobody has a node of this id. */
export function noSuchNode(id: string): HappenError {
  return new HappenError(
    'HAPPEN_NO_SUCH_NODE',
    `There is no node "${id}" that could be reached. Check the id, and that its space is this one, or is joined to it by a transport and runs.`,
    { details: { node: id } },
  );
}

/** `then` came after the dispatch. */
export function askedTooLate(event: HappenEvent | undefined): HappenError {
  return new HappenError(
    'HAPPEN_ASKED_TOO_LATE',
    `The answer to "${event?.type}" was asked for after the event had left. Await send(), or call return() on it, in the turn in which it is called.`,
    { details: { type: event?.type } },
  );
}

/** What a caller hung on the answer threw. */
export function callbackFailed(event: HappenEvent | undefined, cause: unknown): HappenError {
  const { message } = describeThrown(cause);
  return new HappenError(
    'HAPPEN_HANDLER_FAILED',
    `What was to follow the answer to "${event?.type}" failed: ${message}`,
    {
      cause,
    },
  );
}

/** @param text what else is known, as a sentence with a space before it */
export function noAnswer(
  node: string,
  type: string | undefined,
  timeoutMs: number,
  text = '',
  details: object = {},
): HappenError {
  return new HappenError('HAPPEN_TIMEOUT', `Node "${node}" did not answer "${type}" within ${timeoutMs} ms.${text}`, {
    details: { node, type, timeoutMs, ...details },
  });
}
