/**
 * What a node listens to.
 *
 * Invariants:
 * 1. `matching` answers in registration order; two registrations of one function are two.
 * 2. Answers are remembered for the latest types only: types that come off a wire must not make memory grow.
 */
import { isReserved } from '../event/event-type.js';
import { HappenError } from '../errors/happen-error.js';
import { compilePattern, type CompiledPattern } from '../flow/pattern.js';
import type { AnyStep } from '../flow/step.js';

/** One call of `on`. */
export interface Registration extends CompiledPattern {
  readonly handler: AnyStep;
}

const mostRememberedTypes = 1024;

export class Registrations {
  readonly #matcherFailed: (error: unknown, type: string) => void;
  readonly #changed: () => void;
  #list: readonly Registration[] = [];
  #byType = new Map<string, readonly Registration[]>();
  #latestType: string | undefined;
  #latest: readonly Registration[] = [];

  constructor(matcherFailed: (error: unknown, type: string) => void, changed: () => void) {
    this.#matcherFailed = matcherFailed;
    this.#changed = changed;
  }

  /** @throws HappenError `HAPPEN_INVALID_PATTERN`, `HAPPEN_INVALID_OPTION` */
  add(pattern: unknown, handler: unknown): () => void {
    if (typeof handler !== 'function') {
      throw new HappenError(
        'HAPPEN_INVALID_OPTION',
        `on(): expected a function as the handler, found ${typeof handler}.`,
        {
          details: { option: 'handler' },
        },
      );
    }
    const registration: Registration = { ...compilePattern(pattern), handler: handler as AnyStep };
    this.#replace([...this.#list, registration]);
    return () => {
      if (this.#list.includes(registration)) this.#replace(this.#list.filter((other) => other !== registration));
    };
  }

  /** The registrations that a type starts. */
  matching(type: string): readonly Registration[] {
    // One event asks twice, and the next is often of the same type.
    if (type === this.#latestType) return this.#latest;
    const found = this.#find(type);
    this.#latestType = type;
    this.#latest = found;
    return found;
  }

  #find(type: string): readonly Registration[] {
    const remembered = this.#byType.get(type);
    if (remembered !== undefined) return remembered;
    const reserved = isReserved(type);
    const found = this.#list.filter(
      (registration) => registration.system === reserved && this.#matches(registration, type),
    );
    if (this.#byType.size >= mostRememberedTypes) this.#byType.clear();
    this.#byType.set(type, found);
    return found;
  }

  /** The patterns to listen to on a transport, without repetition; the framework's own events stay in the process. */
  interests(): readonly string[] {
    return [...new Set(this.#list.filter(({ system }) => !system).flatMap(({ interests }) => interests))];
  }

  #matches(registration: Registration, type: string): boolean {
    try {
      return registration.matches(type);
    } catch (error) {
      this.#matcherFailed(error, type);
      return false;
    }
  }

  #replace(list: readonly Registration[]): void {
    this.#list = list;
    this.#byType = new Map();
    this.#latestType = undefined;
    this.#changed();
  }
}
