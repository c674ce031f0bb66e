/**
 * The latest events of a space, for the questions one asks of causes.
 *
 * Invariants:
 * 1. It holds at most `size` events, the latest; taking note of one more drops the oldest.
 * 2. What it holds of an event is ids, names and numbers, bounded in size: no payload, no context, no chain of causes.
 * 3. Taking note makes no text and builds no index: both are for the questions, which are rare.
 */
import type { CausalNotes } from '../event/causal-record.js';
import type { EventId } from '../event/event-id.js';
import { timeOfTick } from '../event/ids.js';
import type { CausalEvents, CausalPath, CausalTree, Causality, Trace, TracedEvent } from './answers.js';
import { CausalWeb } from './causal-web.js';
import { LatestNames } from './latest-names.js';

/** How many events are held unless a space says otherwise. */
export const defaultMemorySize = 1_000;
/** Values for each event, side by side in one list: an object for each would cost half as much again. */
const width = 7;
/** A batch, or a peer, may name thousands. */
const mostCauses = 64;
/** How many broadcasts from elsewhere are told apart from repetitions. */
const mostBroadcasts = 512;

/** The causes of what a batch caused. */
class NotedCauses {
  readonly kept: readonly EventId[];
  readonly omitted: number;

  constructor(causes: readonly EventId[]) {
    this.kept = causes.slice(-mostCauses);
    this.omitted = causes.length - this.kept.length;
  }
}

export class CausalMemory implements CausalNotes, Causality {
  readonly #end: number;
  readonly #slots: unknown[] = [];
  readonly #broadcasts = new LatestNames(mostBroadcasts);
  #next = 0;
  #noted = 0;
  #web: CausalWeb | undefined;
  #webOf = 0;

  /** @param size how many events it holds; with 0 it answers that it knows nothing */
  constructor(size: number) {
    this.#end = size * width;
  }

  note(
    id: EventId,
    type: string,
    sender: string,
    target: string | undefined,
    cause: EventId | undefined,
    causes: readonly EventId[] | undefined,
    correlation: EventId,
    depth: number,
  ): void {
    const slots = this.#slots;
    const at = this.#next;
    slots[at] = id;
    slots[at + 1] = type;
    slots[at + 2] = sender;
    slots[at + 3] = target;
    slots[at + 4] = causes === undefined ? cause : new NotedCauses(causes);
    // A store of nothing costs less than one of an object, and most events are roots.
    slots[at + 5] = correlation === id ? undefined : correlation;
    slots[at + 6] = depth;
    this.#next = at + width === this.#end ? 0 : at + width;
    this.#noted++;
  }

  noteReceived(
    id: EventId,
    type: string,
    sender: string,
    target: string | undefined,
    cause: EventId | undefined,
    causes: readonly EventId[] | undefined,
    correlation: EventId,
    depth: number,
  ): void {
    // It comes once for each node that listens, and must not drive out others as often.
    if (target === undefined && this.#broadcasts.seen(id.text)) return;
    this.note(id, type, sender, target, cause, causes, correlation, -1 - depth);
  }

  trace(id: string): Trace | undefined {
    return this.#current().trace(id);
  }

  tree(correlationId: string): CausalTree {
    return this.#current().tree(correlationId);
  }

  pathToRoot(id: string): CausalPath {
    return this.#current().pathToRoot(id);
  }

  events(correlationId?: string): CausalEvents {
    return this.#current().events(correlationId);
  }

  /** Kept until something happens and is asked again. */
  #current(): CausalWeb {
    if (this.#web === undefined || this.#webOf !== this.#noted) {
      const isWhole = this.#end > 0 && this.#noted * width === this.#slots.length;
      this.#web = new CausalWeb(this.#held(), isWhole);
      this.#webOf = this.#noted;
    }
    return this.#web;
  }

  *#held(): Iterable<TracedEvent> {
    const { length } = this.#slots;
    const oldest = length === this.#end ? this.#next : 0;
    for (let i = 0; i < length; i += width) yield this.#eventAt((oldest + i) % length);
  }

  #eventAt(at: number): TracedEvent {
    const slots = this.#slots;
    const id = slots[at] as EventId;
    const target = slots[at + 3] as string | undefined;
    const cause = slots[at + 4] as EventId | NotedCauses | undefined;
    const depth = slots[at + 6] as number;
    const causes = cause instanceof NotedCauses ? Object.freeze(cause.kept.map(({ text }) => text)) : undefined;
    const omitted = cause instanceof NotedCauses ? cause.omitted : 0;
    const causationId = causes === undefined ? (cause as EventId | undefined)?.text : causes[causes.length - 1];
    return Object.freeze({
      id: id.text,
      type: slots[at + 1] as string,
      sender: slots[at + 2] as string,
      ...(target === undefined ? undefined : { target }),
      ...(causationId === undefined ? undefined : { causationId }),
      ...(causes === undefined ? undefined : { causes }),
      ...(omitted === 0 ? undefined : { omittedCauses: omitted }),
      correlationId: ((slots[at + 5] as EventId | undefined) ?? id).text,
      depth: depth < 0 ? -1 - depth : depth,
      at: timeOfTick(id.tick),
      received: depth < 0,
    });
  }
}
