import type { HappenEvent } from '../event/event.js';
import { copyValue } from '../event/isolation.js';
import type { Handled } from '../flow/step.js';

/** The event with a payload of the receiver's own. */
export function copyFor(event: HappenEvent, frozen: boolean): HappenEvent {
  const copy: HappenEvent = { type: event.type, payload: copyValue(event.payload, frozen), context: event.context };
  return frozen ? Object.freeze(copy) : copy;
}

/** As `copyFor`, for an event or a batch. */
export function copyHandled(handled: Handled, frozen: boolean): Handled {
  return Array.isArray(handled)
    ? Object.freeze((handled as readonly HappenEvent[]).map((event) => copyFor(event, frozen)))
    : copyFor(handled as HappenEvent, frozen);
}
