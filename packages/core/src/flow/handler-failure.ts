import { describeThrown } from '../errors/describe-thrown.js';
import { HappenError } from '../errors/happen-error.js';
import type { Delivery } from './delivery.js';

/** What a handler threw, as an error that names the handler's node and event. */
export function handlerFailure(thrown: unknown, delivery: Delivery): HappenError {
  const { event, host } = delivery;
  const { name, message } = describeThrown(thrown);
  return new HappenError(
    'HAPPEN_HANDLER_FAILED',
    `The handler of "${event.type}" at node "${host.id}" failed: ${message}`,
    {
      cause: thrown,
      details: { node: host.id, type: event.type, eventId: event.context.causal.id, name, message },
    },
  );
}
