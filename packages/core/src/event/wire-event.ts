/** Between an event as handlers see it and as its canonical bytes say it. */
import { frameworkKeys } from '../wire/event-schema.js';
import type { WireEvent } from '../wire/messages.js';
import { CausalRecord, makeEvent, type RecordSupport } from './causal-record.js';
import type { EventContext, HappenEvent } from './event.js';
import { freezeInPlace, type Isolation } from './isolation.js';

/** What the canonical bytes of an event hold. */
export function toWireEvent(event: HappenEvent): WireEvent {
  const { causal, origin } = event.context;
  return {
    type: event.type,
    payload: event.payload,
    id: causal.id,
    sender: causal.sender,
    causationId: causal.causationId,
    causes: causal.causes,
    correlationId: causal.correlationId,
    depth: causal.depth,
    path: causal.path,
    omittedHops: causal.omittedHops,
    origin: without(origin, originKeys),
    context: without(event.context, frameworkKeys),
  };
}

/**
 * The event that decoded bytes stand for.
 *
 * @param hash of these bytes; kept, so it must share no memory with what is changed or kept no longer
 */
export function fromWireEvent(
  support: RecordSupport,
  wire: WireEvent,
  hash: Uint8Array,
  integrity: unknown,
  isolation: Isolation,
  nowMs: number,
): HappenEvent {
  const record = CausalRecord.imported(
    support,
    {
      id: wire.id,
      sender: wire.sender,
      causationId: wire.causationId,
      causes: wire.causes,
      correlationId: wire.correlationId,
      depth: wire.depth,
      path: { hops: wire.path, omitted: wire.omittedHops },
      hash,
    },
    support.ids.tickAt(nowMs),
  );
  const origin = { ...wire.origin, nodeId: wire.sender };
  const context: EventContext =
    integrity === undefined || integrity === null
      ? { ...wire.context, causal: record, origin }
      : { ...wire.context, integrity, causal: record, origin };
  const event = makeEvent(wire.type, wire.payload, context, record);
  if (isolation !== 'freeze') return event;
  freezeInPlace(wire.payload);
  freezeInPlace(wire.path);
  for (const key of Object.keys(wire.context ?? {})) freezeInPlace(context[key]);
  Object.freeze(record);
  Object.freeze(origin);
  Object.freeze(context);
  return Object.freeze(event);
}

const originKeys = ['nodeId'];

function without(source: object, leftOut: readonly string[]): Record<string, unknown> | undefined {
  let kept: Record<string, unknown> | undefined;
  // Both are plain objects of our own making, and mostly nothing is kept: no list of the keys need be made.
  for (const key in source) {
    const value = (source as Record<string, unknown>)[key];
    if (leftOut.includes(key) || value === undefined || !Object.hasOwn(source, key)) continue;
    kept ??= {};
    kept[key] = value;
  }
  return kept;
}
