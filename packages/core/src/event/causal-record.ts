/**
 * The causal part of an event's context. What costs time or memory (the id's text, the path, the hash) is made when it is
 * first read, and then kept; freezing the object changes nothing of that, as it lives in private fields.
 */
import type { Causal, EventContext, HappenEvent, Hop } from './event.js';
import { plainForm, type StandsForPlainData } from '../wire/plain-form.js';
import { EventId } from './event-id.js';
import { longestName } from './event-type.js';
import { hex, type IdSource } from './ids.js';
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
  /** Kept as it is: nobody else may change it. */
  readonly hash: Uint8Array;
}

/**
 * Takes note of an event.
 *
 * @param target the addressed node; `undefined` for a broadcast
 * @param cause the one that counts, where it is not the only one the last of `causes`
 * @param causes `undefined` where there is one at most
 * @param correlation the same object as `id` where the event began its correlation
 */
type TakeNote = (
  id: EventId,
  type: string,
  sender: string,
  target: string | undefined,
  cause: EventId | undefined,
  causes: readonly EventId[] | undefined,
  correlation: EventId,
  depth: number,
) => void;

/** Takes note of events, without their payloads. */
export interface CausalNotes {
  /** Of one that a node of the space emits. */
  readonly note: TakeNote;
  /** Of one that came from elsewhere; a broadcast comes once for each node that listens. */
  readonly noteReceived: TakeNote;
}

/** The implementation of `Causal`, as roots have it. */
export class CausalRecord implements Causal, StandsForPlainData {
  readonly sender: string;
  readonly depth: number;
  readonly #id: EventId;
  readonly #correlation: EventId;
  readonly #cause: EventId | undefined;
  /** All causes, where a batch caused it. */
  #causes: readonly EventId[] | undefined;
  /** The chain that leads here; once it was written out, or came over a wire, the path. */
  #way: HopChain | Path | undefined;
  /** What the hash is made of, or its bytes as they came over a wire; once it was read, the hash. */
  #hash: HappenEvent | Uint8Array | string | undefined;

  /** A root: nothing caused it. */
  static root(sender: string, id: EventId, correlationId: string | undefined): CausalRecord {
    const correlation = correlationId === undefined ? id : new EventId(id.support, id.tick, correlationId);
    return new CausalRecord(sender, 0, id, correlation, undefined);
  }

  /** The effect of `cause`. */
  static effect(sender: string, id: EventId, cause: Causal): CausalRecord {
    const { support } = id;
    const record = new EffectRecord(sender, cause.depth + 1, id, correlationOf(support, cause), idOf(support, cause));
    record.#follow(cause);
    return record;
  }

  /** The effect of a whole batch: caused by its last event; the correlation is inherited only if all agree on it. */
  static effectOfMany(sender: string, id: EventId, causes: readonly Causal[]): CausalRecord {
    const { support } = id;
    const last = causes[causes.length - 1] as Causal;
    const shared = correlationOf(support, last);
    const agreed = causes.every((cause) => EventId.areSame(correlationOf(support, cause), shared));
    const record = new EffectOfMany(sender, last.depth + 1, id, agreed ? shared : id, idOf(support, last));
    record.#causes = causes.map((cause) => idOf(support, cause));
    record.#follow(last);
    return record;
  }

  /** As it came over a wire. */
  static imported(support: RecordSupport, from: ImportedCausal, tick: number): CausalRecord {
    const { causationId, causes } = from;
    const known = (text: string): EventId => new EventId(support, tick, text);
    const id = known(from.id);
    const correlation = from.correlationId === from.id ? id : known(from.correlationId);
    const cause = causationId === undefined ? undefined : known(causationId);
    const Record = cause === undefined ? CausalRecord : causes === undefined ? EffectRecord : EffectOfMany;
    const record = new Record(from.sender, from.depth, id, correlation, cause);
    record.#causes = causes?.map(known);
    record.#way = from.path;
    record.#hash = from.hash;
    return record;
  }

  /** For the functions above; an effect has a cause, a root none. */
  protected constructor(sender: string, depth: number, id: EventId, correlation: EventId, cause: EventId | undefined) {
    this.sender = sender;
    this.depth = depth;
    this.#id = id;
    this.#correlation = correlation;
    this.#cause = cause;
  }

  /** Ties the record to the event it is part of, so that the hash can be computed. */
  belongsTo(event: HappenEvent): void {
    this.#hash ??= event;
  }

  // Static, so that what users see of a record stays what `Causal` says.

  static noteIn(notes: CausalNotes, record: CausalRecord, type: string, target: string | undefined): void {
    notes.note(
      record.#id,
      type,
      record.sender,
      target,
      record.#cause,
      record.#causes,
      record.#correlation,
      record.depth,
    );
  }

  static noteReceivedIn(notes: CausalNotes, record: CausalRecord, type: string, target: string | undefined): void {
    const { sender, depth } = record;
    notes.noteReceived(record.#id, type, sender, target, record.#cause, record.#causes, record.#correlation, depth);
  }

  static idOf(support: RecordSupport, causal: Causal): EventId {
    return #id in causal ? causal.#id : new EventId(support, 0, causal.id);
  }

  static correlationOf(support: RecordSupport, causal: Causal): EventId {
    return #id in causal ? causal.#correlation : new EventId(support, 0, causal.correlationId);
  }

  protected static causationOf(record: CausalRecord): string {
    return (record.#cause as EventId).text;
  }

  protected static causesOf(record: CausalRecord): readonly string[] {
    return Object.freeze((record.#causes ?? []).map(({ text }) => text));
  }

  get id(): string {
    return this.#id.text;
  }

  get correlationId(): string {
    return this.#correlation.text;
  }

  get path(): readonly Hop[] {
    return this.#written().hops;
  }

  get omittedHops(): number {
    return this.#written().omitted;
  }

  get hash(): string {
    const hash = this.#hash;
    if (typeof hash === 'string') return hash;
    const text = hash instanceof Uint8Array ? hex(hash) : this.#id.support.hash(hash as HappenEvent);
    this.#hash = text;
    return text;
  }

  #written(): Path {
    const way = this.#way;
    if (way === undefined) return rootPath;
    if ('hops' in way) return way;
    const path = pathOf(way);
    this.#way = path;
    return path;
  }

  #follow(cause: Causal): void {
    const { sender } = this;
    if (!(#id in cause)) {
      this.#way = extendChain(undefined, { hops: cause.path, omitted: cause.omittedHops }, cause.sender, sender);
      return;
    }
    const way = cause.#way;
    const chain = way === undefined || 'hops' in way ? undefined : way;
    this.#way = extendChain(chain, chain === undefined ? (way as Path | undefined) : undefined, cause.sender, sender);
  }

  /** Every field as plain data, so that `JSON.stringify` shows what reading shows. */
  toJSON(): Causal {
    const { causationId, causes } = this as Causal;
    return {
      id: this.id,
      sender: this.sender,
      ...(causationId === undefined ? undefined : { causationId }),
      ...(causes === undefined ? undefined : { causes }),
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

  /** What `console.log` of Node.js shows. It must not throw: an event handled in place may hold what has no hash. */
  [Symbol.for('nodejs.util.inspect.custom')](): object {
    try {
      return this.toJSON();
    } catch (error) {
      return { id: this.id, sender: this.sender, correlationId: this.correlationId, depth: this.depth, hash: error };
    }
  }
}

/** The record of what was caused. A class of its own, since a root does not even have the key `causationId`. */
class EffectRecord extends CausalRecord {
  get causationId(): string {
    return CausalRecord.causationOf(this);
  }
}

/** The record of what a whole batch caused. */
class EffectOfMany extends EffectRecord {
  #texts: readonly string[] | undefined;

  get causes(): readonly string[] {
    this.#texts ??= CausalRecord.causesOf(this);
    return this.#texts;
  }
}

const { idOf, correlationOf } = CausalRecord;

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
