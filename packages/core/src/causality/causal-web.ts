/**
 * Events joined by their causes: every answer is drawn from here, whatever keeps the events.
 *
 * Invariants:
 * 1. Each event stands in it once, however often it was given; the first stands.
 * 2. It takes any events, also those of a hostile peer: causes that go round in a circle, that point forward, that are missing.
 * 3. No answer recurses: a chain of causes may be longer than the call stack.
 */
import type { CausalBranch, CausalEvents, CausalPath, CausalTree, Trace, TracedEvent } from './answers.js';

const none: readonly never[] = Object.freeze([]);

interface GrowingBranch extends CausalBranch {
  readonly effects: GrowingBranch[];
}

export class CausalWeb {
  readonly #byId = new Map<string, TracedEvent>();
  readonly #effects = new Map<string, TracedEvent[]>();
  readonly #byCorrelation = new Map<string, TracedEvent[]>();
  readonly #whole: boolean;

  /**
   * @param events in the order in which they were seen
   * @param whole whether these are all that were ever seen
   */
  constructor(events: Iterable<TracedEvent>, whole: boolean) {
    this.#whole = whole;
    for (const event of events) {
      if (this.#byId.has(event.id)) continue;
      this.#byId.set(event.id, event);
      add(this.#byCorrelation, event.correlationId, event);
      const causes = causeIds(event);
      for (const cause of causes.length > 1 ? new Set(causes) : causes) add(this.#effects, cause, event);
    }
  }

  trace(id: string): Trace | undefined {
    const event = this.#byId.get(id);
    if (event === undefined) return undefined;
    const causes = causeIds(event).flatMap((cause) => this.#byId.get(cause) ?? []);
    const effects = [...(this.#effects.get(id) ?? none)];
    return Object.freeze({
      event,
      causes: Object.freeze(causes),
      missing: this.#missing(event),
      effects: Object.freeze(effects),
    });
  }

  events(correlationId: string | undefined): CausalEvents {
    const events =
      correlationId === undefined ? [...this.#byId.values()] : [...(this.#byCorrelation.get(correlationId) ?? none)];
    const complete = correlationId === undefined ? this.#whole : this.#isComplete(correlationId);
    return Object.freeze({ events: Object.freeze(events), complete });
  }

  tree(correlationId: string): CausalTree {
    const events = this.#byCorrelation.get(correlationId) ?? none;
    const below = new Map<string, TracedEvent[]>();
    const roots: TracedEvent[] = [];
    for (const event of events) {
      const cause = this.#causeWithin(event, correlationId);
      if (cause === undefined) roots.push(event);
      else add(below, cause, event);
    }
    const trunk: GrowingBranch[] = [];
    const drawn = new Set<string>();
    // A circle has no root: it is entered at its first event, once everything else is there.
    for (const root of [...roots, ...events]) this.#grow(root, trunk, below, drawn);
    return Object.freeze({
      correlationId,
      roots: Object.freeze(trunk),
      size: events.length,
      complete: this.#isComplete(correlationId),
    });
  }

  pathToRoot(id: string): CausalPath {
    const events = new Set<TracedEvent>();
    let event = this.#byId.get(id);
    let complete = false;
    while (event !== undefined && !events.has(event)) {
      events.add(event);
      complete = event.causationId === undefined;
      event = event.causationId === undefined ? undefined : this.#byId.get(event.causationId);
    }
    return Object.freeze({ events: Object.freeze([...events]), complete });
  }

  #grow(
    root: TracedEvent,
    trunk: GrowingBranch[],
    below: ReadonlyMap<string, readonly TracedEvent[]>,
    drawn: Set<string>,
  ): void {
    const waiting = [{ event: root, siblings: trunk }];
    const grown: GrowingBranch[] = [];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { event, siblings } = next;
      if (drawn.has(event.id)) continue;
      drawn.add(event.id);
      const branch: GrowingBranch = { event, missing: this.#missing(event), effects: [] };
      siblings.push(branch);
      grown.push(branch);
      const effects = below.get(event.id) ?? none;
      for (let i = effects.length - 1; i >= 0; i--) {
        waiting.push({ event: effects[i] as TracedEvent, siblings: branch.effects });
      }
    }
    for (const branch of grown) {
      Object.freeze(branch.effects);
      Object.freeze(branch);
    }
  }

  /** The last of an event's causes that belongs to the correlation. */
  #causeWithin(event: TracedEvent, correlationId: string): string | undefined {
    const causes = causeIds(event);
    for (let i = causes.length - 1; i >= 0; i--) {
      const cause = causes[i] as string;
      if (cause !== event.id && this.#byId.get(cause)?.correlationId === correlationId) return cause;
    }
    return undefined;
  }

  #missing(event: TracedEvent): readonly string[] {
    const missing = causeIds(event).filter((cause) => !this.#byId.has(cause));
    return missing.length === 0 ? none : Object.freeze(missing);
  }

  /** Whoever holds the event that began a correlation has dropped nothing of it: what follows comes later. */
  #isComplete(correlationId: string): boolean {
    const began = this.#byId.get(correlationId)?.correlationId === correlationId;
    if (!this.#whole && !began) return false;
    const events = this.#byCorrelation.get(correlationId) ?? none;
    // A batch whose events disagree begins a correlation: its causes belong to others.
    return events.every((event) => event.id === correlationId || this.#missing(event).length === 0);
  }
}

/** All causes of an event, the one that counts last. */
function causeIds({ causationId, causes }: TracedEvent): readonly string[] {
  return causes ?? (causationId === undefined ? none : [causationId]);
}

function add(lists: Map<string, TracedEvent[]>, key: string, event: TracedEvent): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [event]);
  else list.push(event);
}
