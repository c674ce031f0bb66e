/**
 * What a node listens to.
 *
 * Invariants:
 * 1. `matching` answers in registration order; two registrations of one function are two.
 * 2. Answers are remembered for the latest types only: types that come off a wire must not make memory grow.
 */
import { isReserved } from '../event/event-type.js';
import { HappenError } from '../errors/happen-error.js';
import { isGeneratorFunction } from '../flow/generator-function.js';
import { compilePattern, type CompiledPattern } from '../flow/pattern.js';
import type { AnyStep } from '../flow/step.js';

/** One call of `on`. */
export interface Registration extends CompiledPattern {
  readonly handler: AnyStep;
  /** Whether it takes a batch as one; `undefined` when nobody said. */
  readonly batch: boolean | undefined;
  /** Place in the order of registration. */
  readonly order: number;
  /** Whether it was taken back: then no further flow of it begins, also of an event that is being handled. */
  removed: boolean;
}

const mostRememberedTypes = 1024;

export class Registrations {
  readonly #matcherFailed: (error: unknown, type: string) => void;
  readonly #changed: () => void;
  /** Those of one type exactly, which need not be asked one by one. */
  readonly #exact = new Map<string, Set<Registration>>();
  readonly #others = new Set<Registration>();
  readonly #byType = new Map<string, readonly Registration[]>();
  #order = 0;
  #generators = 0;
  #latestType: string | undefined;
  #latest: readonly Registration[] = [];

  constructor(matcherFailed: (error: unknown, type: string) => void, changed: () => void) {
    this.#matcherFailed = matcherFailed;
    this.#changed = changed;
  }

  /** @throws HappenError `HAPPEN_INVALID_PATTERN`, `HAPPEN_INVALID_OPTION` */
  add(pattern: unknown, handler: unknown, options?: unknown): () => void {
    if (typeof handler !== 'function') {
      throw new HappenError(
        'HAPPEN_INVALID_OPTION',
        `on(): expected a function as the handler, found ${typeof handler}.`,
        { details: { option: 'handler' } },
      );
    }
    const registration: Registration = {
      ...compilePattern(pattern),
      handler: handler as AnyStep,
      batch: batchOption(options),
      order: this.#order++,
      removed: false,
    };
    const { exact } = registration;
    const among = exact === undefined ? this.#others : this.#exactly(exact);
    among.add(registration);
    const isGenerator = isGeneratorFunction(handler);
    if (isGenerator) this.#generators++;
    this.#forget();
    return () => {
      if (!among.delete(registration)) return;
      registration.removed = true;
      if (isGenerator) this.#generators--;
      if (exact !== undefined && among.size === 0 && this.#exact.get(exact) === among) this.#exact.delete(exact);
      this.#forget();
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

  /** Whether a type starts a generator, as far as that is known before a call. */
  generates(type: string): boolean {
    return this.#generators > 0 && this.matching(type).some(({ handler }) => isGeneratorFunction(handler));
  }

  /** The patterns to listen to on a transport, without repetition; the framework's own events stay in the process. */
  interests(): readonly string[] {
    const patterns = new Set<string>();
    for (const type of this.#exact.keys()) if (!isReserved(type)) patterns.add(type);
    for (const { system, interests } of this.#others)
      if (!system) for (const pattern of interests) patterns.add(pattern);
    return [...patterns];
  }

  #find(type: string): readonly Registration[] {
    const remembered = this.#byType.get(type);
    if (remembered !== undefined) return remembered;
    const reserved = isReserved(type);
    const found = [...(this.#exact.get(type) ?? [])];
    const exact = found.length;
    for (const registration of this.#others) {
      if (registration.system === reserved && this.#matches(registration, type)) found.push(registration);
    }
    if (exact > 0 && found.length > exact) found.sort((a, b) => a.order - b.order);
    if (this.#byType.size >= mostRememberedTypes) this.#byType.clear();
    this.#byType.set(type, found);
    return found;
  }

  #exactly(type: string): Set<Registration> {
    let among = this.#exact.get(type);
    if (among === undefined) {
      among = new Set();
      this.#exact.set(type, among);
    }
    return among;
  }

  #matches(registration: Registration, type: string): boolean {
    try {
      return registration.matches(type);
    } catch (error) {
      this.#matcherFailed(error, type);
      return false;
    }
  }

  #forget(): void {
    this.#byType.clear();
    this.#latestType = undefined;
    this.#changed();
  }
}

/** @throws HappenError `HAPPEN_INVALID_OPTION` */
function batchOption(options: unknown): boolean | undefined {
  if (options === undefined) return undefined;
  const given = typeof options === 'object' && options !== null ? options : undefined;
  const unknown = given === undefined ? 'options' : Object.keys(given).find((key) => key !== 'batch');
  const { batch } = (given ?? {}) as { readonly batch?: unknown };
  if (unknown === undefined && (batch === undefined || typeof batch === 'boolean')) return batch;
  const option = unknown ?? 'batch';
  throw new HappenError(
    'HAPPEN_INVALID_OPTION',
    `on(): expected { batch?: true | false } as options; see "${option}".`,
    {
      details: { option },
    },
  );
}
