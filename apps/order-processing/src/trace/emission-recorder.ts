import { defineExtension, type Extension, type HappenEvent } from '@happen/core';
import type { TracedEvent } from './causal-tree.js';

/** The most events that are kept of one order; the rest is counted. */
export const mostTracedEvents = 2_000;

/** What has been seen of a run. */
export interface Emissions {
  /** How many events were emitted so far. */
  readonly emitted: number;
  /** The events of the recorded correlation, in the order of their emission. */
  readonly events: readonly TracedEvent[];
  /** How many events of the correlation were too many to keep. */
  readonly omitted: number;
}

/** Sees what is emitted in one space. */
export interface EmissionRecorder extends Emissions {
  readonly extension: Extension;
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

/** What several recorders have seen together, in the order of their clocks, which ids begin with. */
export function mergedEmissions(all: readonly Emissions[]): Emissions {
  const events = all
    .flatMap((emissions) => emissions.events)
    .sort((one, other) => (one.id < other.id ? -1 : Number(one.id > other.id)));
  const sum = (count: (emissions: Emissions) => number): number => all.reduce((total, each) => total + count(each), 0);
  return {
    emitted: sum(({ emitted }) => emitted),
    events: events.slice(0, mostTracedEvents),
    omitted: sum(({ omitted }) => omitted) + Math.max(events.length - mostTracedEvents, 0),
  };
}
