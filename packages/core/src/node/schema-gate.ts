/**
 * What stands between a delivery that may begin and its handlers, at a node whose types have schemas.
 *
 * Invariants:
 * 1. Events of one type pass in the order in which they came, whatever time their schemas take.
 * 2. A type stands in `#latest` exactly while some event of it is being checked.
 */
import type { HappenError } from '../errors/happen-error.js';
import type { FlowRecord } from '../flow/flow-record.js';
import type { Handled } from '../flow/step.js';
import type { AsyncTracker } from '../host/host.js';
import { checkPayloads } from '../schema/check-payloads.js';
import type { StandardSchema } from '../schema/standard-schema.js';

/** What a schema made of an event or batch, or why it does not pass. */
export type Admission = Handled | HappenError;

export class SchemaGate {
  readonly #nodeId: string;
  readonly #schemas: ReadonlyMap<string, StandardSchema>;
  readonly #tracker: AsyncTracker<FlowRecord>;
  readonly #latest = new Map<string, Promise<unknown>>();

  constructor(nodeId: string, schemas: ReadonlyMap<string, StandardSchema>, tracker: AsyncTracker<FlowRecord>) {
    this.#nodeId = nodeId;
    this.#schemas = schemas;
    this.#tracker = tracker;
  }

  /** Whether the type has a schema. */
  checks(type: string): boolean {
    return this.#schemas.has(type);
  }

  /** @param atOnce whether it must not wait for those before it */
  admit(type: string, handled: Handled, atOnce: boolean): Admission | Promise<Admission> {
    const schema = this.#schemas.get(type);
    if (schema === undefined) return handled;
    const found = this.#check(schema, handled);
    const before = this.#latest.get(type);
    if (atOnce || (before === undefined && !(found instanceof Promise))) return found;
    const inTurn = Promise.all([found, before]).then(([admission]) => admission);
    this.#latest.set(type, inTurn);
    void inTurn.then(() => {
      if (this.#latest.get(type) === inTurn) this.#latest.delete(type);
    });
    return inTurn;
  }

  /** A schema is no part of any flow: least of all of the one that happens to be running. */
  #check(schema: StandardSchema, handled: Handled): Admission | Promise<Admission> {
    let found: Admission | Promise<Admission> = handled;
    this.#tracker.run(
      undefined,
      () => {
        found = checkPayloads(schema, handled, this.#nodeId);
      },
      undefined,
    );
    return found;
  }
}
