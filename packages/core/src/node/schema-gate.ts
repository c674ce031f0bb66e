/**
 * What stands between a delivery that may begin and its handlers, at a node whose types have schemas.
 *
 * Invariants:
 * 1. Events of one type pass in the order in which they came, whatever time their schemas take.
 * 2. A type stands in `#latest` exactly while some event of it is being checked.
 * 3. No check holds up others for longer than its own asker waits, or than `longestCheckMs` where nobody says how long.
 */
import { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import type { Delivery } from '../flow/delivery.js';
import type { FlowRecord } from '../flow/flow-record.js';
import type { Handled } from '../flow/step.js';
import type { AsyncTracker } from '../host/host.js';
import type { Clock } from '../ports/clock.js';
import { monotonic } from '../ports/monotonic.js';
import { checkPayloads } from '../schema/check-payloads.js';
import type { StandardSchema } from '../schema/standard-schema.js';

/** What a schema made of an event or batch, or why it does not pass. */
export type Admission = Handled | HappenError;

/** How long an asynchronous schema may take for an event that has no deadline of its own, in milliseconds. */
const longestCheckMs = 30_000;

export class SchemaGate {
  readonly #nodeId: string;
  readonly #clock: Clock;
  readonly #schemas: ReadonlyMap<string, StandardSchema>;
  readonly #tracker: AsyncTracker<FlowRecord>;
  readonly #latest = new Map<string, Promise<unknown>>();

  constructor(
    { clock, tracker }: { readonly clock: Clock; readonly tracker: AsyncTracker<FlowRecord> },
    nodeId: string,
    schemas: ReadonlyMap<string, StandardSchema>,
  ) {
    this.#clock = clock;
    this.#tracker = tracker;
    this.#nodeId = nodeId;
    this.#schemas = schemas;
  }

  /** Whether the type has a schema. */
  checks(type: string): boolean {
    return this.#schemas.has(type);
  }

  /** What may take its time is not for a delivery that must be handled at once, which waits for none before it either. */
  admit(delivery: Delivery): Admission | Promise<Admission> {
    const { event, handled, atOnce } = delivery;
    const { type } = event;
    const schema = this.#schemas.get(type);
    if (schema === undefined) return handled;
    const found = this.#check(schema, handled);
    const before = this.#latest.get(type);
    if (atOnce || (before === undefined && !(found instanceof Promise))) return found;
    const inTime = found instanceof Promise ? this.#inTime(found, delivery) : found;
    const inTurn = Promise.all([inTime, before]).then(([admission]) => admission);
    this.#latest.set(type, inTurn);
    void inTurn.then(() => {
      if (this.#latest.get(type) === inTurn) this.#latest.delete(type);
    });
    return inTurn;
  }

  /** What was found, or that it came too late, or why nobody waits for it any more. */
  #inTime(found: Promise<Admission>, { event, deadlineAt, signal }: Delivery): Promise<Admission> {
    return new Promise((resolve) => {
      const limitMs = deadlineAt > 0 ? deadlineAt - monotonic(this.#clock) : longestCheckMs;
      const timer = this.#clock.setTimer(limitMs, () => end(this.#tooLate(event, limitMs)), true);
      const end = (admission: Admission): void => {
        timer.clear();
        signal.removeEventListener('abort', givenUp);
        resolve(admission);
      };
      const givenUp = (): void => end(signal.reason as HappenError);
      signal.addEventListener('abort', givenUp);
      if (signal.aborted) givenUp();
      void found.then(end);
    });
  }

  #tooLate({ type, context }: HappenEvent, limitMs: number): HappenError {
    return new HappenError(
      'HAPPEN_TIMEOUT',
      `The schema of "${type}" at node "${this.#nodeId}" has not answered within ${Math.max(0, Math.round(limitMs))} ms.`,
      { details: { node: this.#nodeId, type, eventId: context.causal.id, timeoutMs: Math.max(0, limitMs) } },
    );
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
