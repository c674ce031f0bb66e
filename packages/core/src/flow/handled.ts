import type { HappenEvent } from '../event/event.js';
import type { Handled } from './step.js';

/** The event, or the first of the batch. */
export function firstOf(handled: Handled): HappenEvent {
  return (Array.isArray(handled) ? handled[0] : handled) as HappenEvent;
}

/** The event, or the last of the batch. */
export function lastOf(handled: Handled): HappenEvent {
  return (Array.isArray(handled) ? handled[handled.length - 1] : handled) as HappenEvent;
}

/** The event alone, or the batch. */
export function listOf(handled: Handled): readonly HappenEvent[] {
  return (Array.isArray(handled) ? handled : [handled]) as readonly HappenEvent[];
}
