/** Puts events to the schema of their type. */
import { describeThrown } from '../errors/describe-thrown.js';
import { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import { keepStream } from '../event/streamed-event.js';
import type { Handled } from '../flow/step.js';
import type { SchemaIssue, SchemaOutcome, StandardSchema } from './standard-schema.js';
import { listOf } from '../flow/handled.js';

/** As many issues as fit into an error that crosses a wire, with all that is said of them. */
const mostIssues = 32;
const mostCharacters = 8_000;
const longestMessage = 200;
const longestPath = 16;
const longestKey = 64;

interface Issue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

type Outcomes = readonly SchemaOutcome<unknown>[];

/**
 * @param nodeId whose schema it is, for errors
 * @returns the event or batch with what the schema made of each payload; or what is wrong with it, as
 *   `HAPPEN_SCHEMA_REJECTED`, or as `HAPPEN_HANDLER_FAILED` when the schema itself failed; or a promise of that, which does not
 *   reject, when the schema is asynchronous
 */
export function checkPayloads(
  schema: StandardSchema,
  handled: Handled,
  nodeId: string,
): Handled | HappenError | Promise<Handled | HappenError> {
  const events = listOf(handled);
  try {
    const outcomes = events.map(({ payload }) => schema['~standard'].validate(payload));
    if (outcomes.some(isPromise)) {
      return Promise.all(outcomes).then(
        (settled) => conclude(handled, events, settled, nodeId),
        (error: unknown) => schemaFailed(events, error, nodeId),
      );
    }
    return conclude(handled, events, outcomes as Outcomes, nodeId);
  } catch (error) {
    return schemaFailed(events, error, nodeId);
  }
}

function conclude(
  handled: Handled,
  events: readonly HappenEvent[],
  outcomes: Outcomes,
  nodeId: string,
): Handled | HappenError {
  try {
    const batch = Array.isArray(handled);
    let count = 0;
    let characters = 0;
    const issues: Issue[] = [];
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.issues === undefined) continue;
      count += outcome.issues.length;
      for (const issue of outcome.issues) {
        if (issues.length === mostIssues || characters >= mostCharacters) break;
        const plain = plainIssue(issue, batch ? [index] : []);
        characters += plain.message.length + plain.path.join('.').length;
        issues.push(plain);
      }
      // One without a word is one all the same.
      if (outcome.issues.length === 0) count++;
    }
    if (count > 0) return rejected(events[0] as HappenEvent, batch, issues, count, nodeId);
    const checked = events.map((event, index) => withPayload(event, (outcomes[index] as { value: unknown }).value));
    return batch ? Object.freeze(checked) : (checked[0] as HappenEvent);
  } catch (error) {
    return schemaFailed(events, error, nodeId);
  }
}

/** The same event for its handlers. Its causal record, and so its hash, are those of what was sent. */
function withPayload(event: HappenEvent, payload: unknown): HappenEvent {
  if (payload === event.payload) return event;
  const checked = keepStream(event, { ...event, payload });
  if (!Object.isFrozen(event)) return checked;
  freeze(payload);
  return Object.freeze(checked);
}

/** What a schema made may hold instances, which are left alone, and itself. */
function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  if (!Array.isArray(value)) {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return;
  }
  Object.freeze(value);
  for (const { value: member } of Object.values(Object.getOwnPropertyDescriptors(value))) freeze(member);
}

function plainIssue({ path = [], message }: SchemaIssue, before: readonly number[]): Issue {
  const keys = path.slice(0, longestPath).map((step) => {
    const key = typeof step === 'object' ? step.key : step;
    return typeof key === 'number' ? key : String(key).slice(0, longestKey);
  });
  return { path: [...before, ...keys], message: String(message).slice(0, longestMessage) };
}

function rejected(
  { type, context }: HappenEvent,
  batch: boolean,
  issues: readonly Issue[],
  issueCount: number,
  nodeId: string,
): HappenError {
  const [first] = issues;
  const where = first === undefined || first.path.length === 0 ? '' : ` at ${first.path.join('.')}`;
  const more = issueCount > 1 ? ` (and ${issueCount - 1} more)` : '';
  const said = first === undefined ? '' : `: ${first.message}${more}`;
  return new HappenError(
    'HAPPEN_SCHEMA_REJECTED',
    `The payload of ${batch ? 'a batch of ' : ''}"${type}" does not fit the schema of node "${nodeId}"${where}${said}`,
    { details: { node: nodeId, type, eventId: context.causal.id, issues, issueCount } },
  );
}

function schemaFailed(events: readonly HappenEvent[], thrown: unknown, nodeId: string): HappenError {
  const { type, context } = events[0] as HappenEvent;
  const { name, message } = describeThrown(thrown);
  return new HappenError('HAPPEN_HANDLER_FAILED', `The schema of "${type}" at node "${nodeId}" failed: ${message}`, {
    cause: thrown,
    details: { node: nodeId, type, eventId: context.causal.id, name, message },
  });
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
