/**
 * The causal part of an event's context. What costs time or memory (the id's text, the path, the hash) is made when it is
 * first read, and then kept; freezing the object changes nothing of that, as it lives in private fields.
 */
import type { Causal, EventContext, HappenEvent, Hop } from './event.js';
import { plainForm, type StandsForPlainData } from '../wire/plain-form.js';
import { longestName } from './event-type.js';
import type { IdSource } from './ids.js';
import { extendChain, type HopChain, type Path, pathOf, rootPath } from './path.js';

/** What records need from their space. */
export interface RecordSupport {
  readonly ids: IdSource;
  /** The hash of an event, as hexadecimal digits. */
  hash(event: HappenEvent): string;
}

/** What came with an event over a wire. */
export interface ImportedCausal {
  readonly id: string;
  readonly sender: string;
  readonly causationId: string | undefined;
  readonly causes: readonly string[] | undefined;
  readonly correlationId: string;
  readonly depth: number;
  readonly path: Path;
  readonly hash: string;
}

/** The implementation of `Causal`. */
export class CausalRecord implements Causal, StandsForPlainData {
  readonly sender: string;
  declare readonly causationId?: string;
  declare readonly causes?: readonly string[];
  readonly depth: number;
  readonly #support: RecordSupport;
  readonly #tick: number;
  #id: string | undefined;
  #correlationId: string | undefined;
  #chain: HopChain | undefined;
  #path: Path | undefined;
  #hash: string | undefined;
  #event: HappenEvent | undefined;

  /** A root: nothing caused it. */
  static root(
    support: RecordSupport,
    sender: string,
    tick: number,
    id: string | undefined,
    correlationId: string | undefined,
  ): CausalRecord {
    const record = new CausalRecord(support, sender, 0, tick);
    record.#id = id;
    record.#correlationId = correlationId;
    return record;
  }

  /** The effect of `cause`. */
  static effect(
    support: RecordSupport,
    sender: string,
    tick: number,
    id: string | undefined,
    cause: Causal,
  ): CausalRecord {
    const record = new CausalRecord(support, sender, cause.depth + 1, tick);
    record.#id = id;
    (record as { causationId?: string }).causationId = cause.id;
    record.#correlationId = cause.correlationId;
    if (cause instanceof CausalRecord) {
      record.#chain = extendChain(
        cause.#chain,
        cause.#chain === undefined ? cause.#path : undefined,
        cause.sender,
        sender,
      );
    } else {
      record.#chain = extendChain(undefined, { hops: cause.path, omitted: cause.omittedHops }, cause.sender, sender);
    }
    return record;
  }

  /** The effect of a whole batch: caused by its last event; the correlation is inherited only if all agree on it. */
  static effectOfMany(
    support: RecordSupport,
    sender: string,
    tick: number,
    id: string | undefined,
    causes: readonly Causal[],
  ): CausalRecord {
    const last = causes[causes.length - 1] as Causal;
    const record = CausalRecord.effect(support, sender, tick, id, last);
    (record as { causes?: readonly string[] }).causes = Object.freeze(causes.map((cause) => cause.id));
    if (causes.some((cause) => cause.correlationId !== last.correlationId)) record.#correlationId = undefined;
    return record;
  }

  /** As it came over a wire. */
  static imported(support: RecordSupport, from: ImportedCausal): CausalRecord {
    const record = new CausalRecord(support, from.sender, from.depth, 0);
    record.#id = from.id;
    record.#correlationId = from.correlationId;
    record.#path = from.path;
    record.#hash = from.hash;
    if (from.causationId !== undefined) (record as { causationId?: string }).causationId = from.causationId;
    if (from.causes !== undefined) (record as { causes?: readonly string[] }).causes = from.causes;
    return record;
  }

  private constructor(support: RecordSupport, sender: string, depth: number, tick: number) {
    this.#support = support;
    this.sender = sender;
    this.depth = depth;
    this.#tick = tick;
  }

  /** Ties the record to the event it is part of, so that the hash can be computed. */
  belongsTo(event: HappenEvent): void {
    this.#event = event;
  }

  get id(): string {
    this.#id ??= this.#support.ids.text(this.#tick);
    return this.#id;
  }

  get correlationId(): string {
    this.#correlationId ??= this.id;
    return this.#correlationId;
  }

  get path(): readonly Hop[] {
    return this.#written().hops;
  }

  get omittedHops(): number {
    return this.#written().omitted;
  }

  get hash(): string {
    this.#hash ??= this.#support.hash(this.#event as HappenEvent);
    return this.#hash;
  }

  #written(): Path {
    this.#path ??= this.#chain === undefined ? rootPath : pathOf(this.#chain);
    return this.#path;
  }

  /** Every field as plain data, so that `JSON.stringify` shows what reading shows. */
  toJSON(): Causal {
    return {
      id: this.id,
      sender: this.sender,
      ...(this.causationId === undefined ? undefined : { causationId: this.causationId }),
      ...(this.causes === undefined ? undefined : { causes: this.causes }),
      correlationId: this.correlationId,
      path: this.path,
      omittedHops: this.omittedHops,
      depth: this.depth,
      hash: this.hash,
    };
  }

  /** Carried in a payload or a result, it is plain data on the other side. */
  [plainForm](): Causal {
    return this.toJSON();
  }

  /** What `console.log` of Node.js shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): Causal {
    return this.toJSON();
  }
}

/** Whether a value is the causal part of an event: as a handler received it, or as JSON that was made of that. */
export function isCausal(value: unknown): value is Causal {
  if (value instanceof CausalRecord) return true;
  if (typeof value !== 'object' || value === null) return false;
  const { id, sender, correlationId, depth, path, omittedHops } = value as Partial<Causal>;
  return (
    [id, sender, correlationId].every(isName) &&
    [depth, omittedHops].every((count) => Number.isSafeInteger(count) && (count as number) >= 0) &&
    Array.isArray(path) &&
    path.every((hop: unknown) => Array.isArray(hop) && hop.length === 2 && hop.every(isName))
  );
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= longestName;
}

/** Puts the parts of an event together. */
export function makeEvent(type: string, payload: unknown, context: EventContext, record: CausalRecord): HappenEvent {
  const event: HappenEvent = { type, payload, context };
  record.belongsTo(event);
  return event;
}
