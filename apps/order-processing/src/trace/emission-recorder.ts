import { defineExtension, type Extension, type HappenEvent } from '@happen/core';
import type { TracedEvent } from './causal-tree.js';

/** The most events that are kept of one order; the rest is counted. */
export const mostTracedEvents = 2_000;

/** What a recorder has seen. */
export interface EmissionRecorder {
  readonly extension: Extension;
  /** How many events were emitted so far. */
  readonly emitted: number;
  /** The events of the recorded correlation, in the order of their emission. */
  readonly events: readonly TracedEvent[];
  /** How many events of the correlation were too many to keep. */
  readonly omitted: number;
}

/**
 * Sees every event that leaves a node: counts them all, and keeps those of one correlation, so that its memory is bounded
 * whatever the run.
 *
 * @param correlationId what to keep; `undefined` keeps nothing
 */
export function emissionRecorder(correlationId: string | undefined): EmissionRecorder {
  const kept: TracedEvent[] = [];
  let emitted = 0;
  let matching = 0;
  const keep = ({ type, context: { causal } }: HappenEvent, target: string | undefined): void => {
    emitted += 1;
    if (causal.correlationId !== correlationId) return;
    matching += 1;
    if (kept.length >= mostTracedEvents) return;
    // Only what the tree shows: payloads may be large and are not ours to keep.
    const { id, sender, causationId, depth } = causal;
    kept.push({
      id,
      type,
      sender,
      correlationId,
      depth,
      ...(target !== undefined && { target }),
      ...(causationId !== undefined && { causationId }),
    });
  };
  const extension = defineExtension({
    name: 'emission-recorder',
    install: () => ({
      emission: ({ target }) => ({
        stamped(events) {
          for (const event of events) keep(event, target);
        },
      }),
    }),
  });
  return {
    extension,
    get emitted() {
      return emitted;
    },
    get events() {
      return kept;
    },
    get omitted() {
      return matching - kept.length;
    },
  };
}
