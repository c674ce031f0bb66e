/**
 * A group's interest in broadcasts at one connection: the fewest filters that let through what it asks for.
 *
 * 1. Where two filters let the same subject through, the server hands it over twice; only that filter's counts which was there
 *    first.
 * 2. When the patterns change, filters that are no longer wanted stay until the new ones hold, so that nothing falls between.
 */
import { HappenError, type Listener } from '@happen/core';
import { filtersOf, lets, overlap } from '../subjects/type-subject.js';

/** Subscribes to a filter for the group; what it returns ends that. */
export type SubscribeToFilter = (filter: string, take: (typeSubject: string, data: Uint8Array) => void) => () => void;

interface Filter {
  readonly filter: string;
  end: () => void;
  /** Those that were there before and let some of the same through. */
  earlier: readonly Filter[];
  active: boolean;
}

export class GroupListener implements Listener {
  readonly #subscribe: SubscribeToFilter;
  readonly #receive: (data: Uint8Array) => void;
  readonly #settled: () => Promise<void>;
  readonly #closed: () => void;
  #filters: Filter[] = [];
  #open = true;

  /** @param settled resolves once the server has heard of all subscriptions made so far */
  constructor(
    patterns: readonly string[],
    subscribe: SubscribeToFilter,
    receive: (data: Uint8Array) => void,
    settled: () => Promise<void>,
    closed: () => void,
  ) {
    this.#subscribe = subscribe;
    this.#receive = receive;
    this.#settled = settled;
    this.#closed = closed;
    this.#add(filtersOf(patterns));
  }

  async update(patterns: readonly string[]): Promise<void> {
    this.#checkOpen();
    const wanted = new Set(filtersOf(patterns));
    const unwanted = this.#filters.filter(({ filter }) => !wanted.has(filter));
    this.#add(
      [...wanted].filter(
        (filter) => !this.#filters.some((known) => known.filter === filter && !unwanted.includes(known)),
      ),
    );
    await this.#settled();
    for (const filter of unwanted) this.#end(filter);
    this.#filters = this.#filters.filter(({ active }) => active);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const filter of this.#filters) this.#end(filter);
    this.#filters = [];
    this.#closed();
  }

  #add(filters: readonly string[]): void {
    for (const filter of filters) {
      const earlier = this.#filters.filter((known) => overlap(known.filter, filter));
      const added: Filter = { filter, earlier, active: true, end: () => {} };
      this.#filters.push(added);
      added.end = this.#subscribe(filter, (subject, data) => this.#take(added, subject, data));
    }
  }

  #end(filter: Filter): void {
    filter.active = false;
    filter.end();
  }

  #take(filter: Filter, subject: string, data: Uint8Array): void {
    if (!this.#open || !filter.active) return;
    for (const known of filter.earlier) if (known.active && lets(known.filter, subject)) return;
    this.#receive(data);
  }

  #checkOpen(): void {
    if (!this.#open) throw new HappenError('HAPPEN_CLOSED', 'The listener has been closed.');
  }
}
