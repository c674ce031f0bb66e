import type { Matcher } from '../flow/pattern.js';
import type { Receive } from '../ports/transport.js';

/** What `attach` leaves at an end. */
export interface LocalReceiver {
  readonly receive: Receive;
  isOpen: boolean;
}

/** What `listen` leaves at an end. */
export interface LocalListener extends LocalReceiver {
  patterns: readonly string[];
  interests: readonly Matcher[];
}

/** The listeners of one end, by group. To the others, those of one group are one. */
export class LocalGroups {
  readonly #listeners = new Map<string, LocalListener[]>();

  add(group: string, listener: LocalListener): void {
    const listeners = this.#listeners.get(group);
    if (listeners === undefined) this.#listeners.set(group, [listener]);
    else listeners.push(listener);
  }

  remove(group: string, listener: LocalListener): void {
    const rest = this.#listeners.get(group)?.filter((one) => one !== listener) ?? [];
    if (rest.length === 0) this.#listeners.delete(group);
    else this.#listeners.set(group, rest);
  }

  has(group: string): boolean {
    return this.#listeners.has(group);
  }

  /** All that the group listens to. */
  patterns(group: string): string[] {
    return [...new Set((this.#listeners.get(group) ?? []).flatMap(({ patterns }) => patterns))];
  }

  find(group: string, type: string): LocalListener | undefined {
    return this.#listeners.get(group)?.find(({ interests }) => interests.some((matches) => matches(type)));
  }
}
