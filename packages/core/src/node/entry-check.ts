import type { HappenError } from '../errors/happen-error.js';
import type { Delivery } from '../flow/delivery.js';
import type { Handled } from '../flow/step.js';
import type { Clock } from '../ports/clock.js';
import { monotonic } from '../ports/monotonic.js';
import type { Acceptance } from './accept-from.js';
import { DedupeMemory } from './dedupe-memory.js';
import { duplicate } from './refusals.js';
import { listOf } from '../flow/handled.js';

/** What a node looks at before it takes an event: who sends, and whether the same was sent before. */
export class EntryCheck {
  readonly #clock: Clock;
  readonly #nodeId: string;
  readonly #acceptance: Acceptance | undefined;
  #dedupe: DedupeMemory | undefined;
  readonly #names = new WeakMap<Delivery, string>();

  constructor(clock: Clock, nodeId: string, acceptance: Acceptance | undefined) {
    this.#clock = clock;
    this.#nodeId = nodeId;
    this.#acceptance = acceptance;
  }

  /** Whether the node takes events of their sender; of a batch all or none. */
  accepts(handled: Handled): boolean {
    const accept = this.#acceptance;
    if (accept === undefined) return true;
    const events = listOf(handled);
    return events.every(({ context }) => accept(context.causal.sender, context));
  }

  /** Takes note of the name under which its sender sends something once; an error if that has been. */
  repeated(delivery: Delivery, dedupeKey: string): HappenError | undefined {
    const name = `${delivery.event.context.causal.sender}\u0000${dedupeKey}`;
    this.#dedupe ??= new DedupeMemory();
    if (this.#dedupe.seen(name, monotonic(this.#clock))) return duplicate(this.#nodeId, dedupeKey);
    this.#names.set(delivery, name);
    return undefined;
  }

  /** It was not handled, so that the same event sent again is no repetition. */
  forget(delivery: Delivery): void {
    if (this.#dedupe === undefined) return;
    const name = this.#names.get(delivery);
    if (name !== undefined) this.#dedupe.forget(name);
  }
}
