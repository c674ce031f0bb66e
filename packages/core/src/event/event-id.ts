import type { RecordSupport } from './causal-record.js';

/**
 * The id of one event, as it is shared by all that need it: the event's own record, those of its effects, and causal memory.
 * It holds nothing else of the event, so whoever keeps it keeps neither a payload nor a chain of causes alive.
 */
export class EventId {
  readonly support: RecordSupport;
  /** Its place in the order of ids; of an event from elsewhere, the place of the time at which it came. */
  readonly tick: number;
  #text: string | undefined;

  /** @param text where it is known already; else it is made when it is first read */
  constructor(support: RecordSupport, tick: number, text: string | undefined) {
    this.support = support;
    this.tick = tick;
    this.#text = text;
  }

  get text(): string {
    this.#text ??= this.support.ids.text(this.tick);
    return this.#text;
  }

  /** Whether both are the same id. It makes no text: two that nobody has read yet are the same only if they are one object. */
  static areSame(one: EventId, other: EventId): boolean {
    return one === other || (one.#text !== undefined && one.#text === other.#text);
  }
}
