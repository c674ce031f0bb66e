/**
 * A group's interest in broadcasts at one connection: the fewest filters that let through what it asks for.
 *
 * 1. A server hands a message once to each queue, however many of its subscriptions match, at one connection or at several.
 *    So every message counts, whichever filter it came by.
 * 2. When the patterns change, filters that are no longer wanted stay until the new ones hold, so that nothing falls between.
 */
import { HappenError, type Listener } from '@happen/core';
import { filtersOf } from '../subjects/type-subject.js';

/** Subscribes to a filter for the group; what it returns ends that. */
export type SubscribeToFilter = (filter: string) => () => void;

export class GroupListener implements Listener {
  readonly #subscribe: SubscribeToFilter;
  readonly #settled: () => Promise<void>;
  readonly #endings = new Map<string, () => void>();
  #wanted: ReadonlySet<string> = new Set();
  #open = true;

  /** @param settled resolves once the server has heard of all subscriptions made so far */
  constructor(patterns: readonly string[], subscribe: SubscribeToFilter, settled: () => Promise<void>) {
    this.#subscribe = subscribe;
    this.#settled = settled;
    this.#want(patterns);
  }

  async update(patterns: readonly string[]): Promise<void> {
    if (!this.#open) throw new HappenError('HAPPEN_CLOSED', 'The listener has been closed.');
    this.#want(patterns);
    await this.#settled();
    // Of two updates at a time the later one says what is wanted.
    for (const [filter, end] of this.#endings) {
      if (this.#wanted.has(filter)) continue;
      this.#endings.delete(filter);
      end();
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const end of this.#endings.values()) end();
    this.#endings.clear();
  }

  #want(patterns: readonly string[]): void {
    this.#wanted = new Set(filtersOf(patterns));
    for (const filter of this.#wanted) {
      if (!this.#endings.has(filter)) this.#endings.set(filter, this.#subscribe(filter));
    }
  }
}
