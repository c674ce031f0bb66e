/** What holds of several events that are sent as one. */
import { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import { envelopeLimits, type WireLimits } from '../wire/limits.js';
import type { Sendable } from './sendable.js';

/** The events by type, in order within each type, the types in the order in which they first appear. */
export function runsOfOneType<E extends { readonly type: unknown }>(events: readonly E[]): E[][] {
  const byType = new Map<unknown, E[]>();
  for (const event of events) {
    const run = byType.get(event.type);
    if (run === undefined) byType.set(event.type, [event]);
    else run.push(event);
  }
  return [...byType.values()];
}

/**
 * The same limit wherever the target lives, as all of a batch are the causes of what its handler emits.
 *
 * @throws HappenError `HAPPEN_INVALID_EVENT` for none, `HAPPEN_PAYLOAD_TOO_LARGE` for too many
 */
export function checkBatchLength(length: number): void {
  if (length === 0) throw new HappenError('HAPPEN_INVALID_EVENT', 'A batch holds at least one event.');
  const limit = envelopeLimits.maxBatchEvents;
  if (length <= limit) return;
  throw new HappenError(
    'HAPPEN_PAYLOAD_TOO_LARGE',
    `A batch holds at most ${limit} events of one type; this one has ${length}. Send it in parts.`,
    { details: { path: 'batch', unit: 'events', limit } },
  );
}

/** What an event has on a wire beside its payload, type and sender, at least: two ids, a hash, and what holds them together. */
const leastEnvelopeBytes = 120;
/** The id of a cause, as text with its length. */
const causeBytes = 38;

/**
 * Whether a batch could cross in one frame, counted from below: within the process it is refused as well, so that moving
 * the target out changes nothing.
 *
 * @throws HappenError `HAPPEN_PAYLOAD_TOO_LARGE`
 */
export function checkBatchBytes(
  sendables: readonly Sendable[],
  events: readonly HappenEvent[],
  limits: WireLimits,
): void {
  let bytes = 0;
  for (const { payload } of sendables) bytes += payload.bytes;
  for (const { type, context } of events) {
    const { sender, causationId, causes } = context.causal;
    bytes += leastEnvelopeBytes + type.length + sender.length;
    if (causationId !== undefined) bytes += causeBytes;
    if (causes !== undefined) bytes += causes.length * causeBytes;
  }
  const { maxFrameBytes } = limits;
  if (bytes <= maxFrameBytes) return;
  const mean = Math.ceil(bytes / events.length);
  // Counted from below, so that some room is left for what was not counted.
  const most = Math.max(1, Math.floor((0.8 * maxFrameBytes) / mean));
  throw new HappenError(
    'HAPPEN_PAYLOAD_TOO_LARGE',
    `A batch travels as one frame of at most ${maxFrameBytes} bytes; these ${events.length} events take ${bytes} at least, ${mean} each with ids and hash. ` +
      `Send up to ${most} at once, or raise limits.maxFrameBytes at sender and receiver.`,
    { details: { path: 'batch', unit: 'bytes', limit: maxFrameBytes } },
  );
}
