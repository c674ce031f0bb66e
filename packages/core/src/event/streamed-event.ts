import type { HappenEvent } from './event.js';

/** Gives one receiver the event, over whose stream he can iterate. It is not enumerable: a copy of the event has no stream. */
export function withStream(event: HappenEvent, open: () => AsyncIterator<unknown>): HappenEvent {
  const { type, payload, context } = event;
  const own = Object.defineProperty({ type, payload, context }, Symbol.asyncIterator, { value: open });
  return Object.isFrozen(event) ? Object.freeze(own) : own;
}

/** Gives what takes the place of the event the stream of the event, if it has one. */
export function keepStream(event: HappenEvent, instead: HappenEvent): HappenEvent {
  const stream = Object.getOwnPropertyDescriptor(event, Symbol.asyncIterator);
  return stream === undefined ? instead : Object.defineProperty(instead, Symbol.asyncIterator, stream);
}
