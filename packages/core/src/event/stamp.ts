/** Makes an event out of what a sender wrote. */
import { HappenError } from '../errors/happen-error.js';
import { type CausalNotes, CausalRecord, makeEvent, type RecordSupport } from './causal-record.js';
import { EventId } from './event-id.js';
import type { Causal, EventContext, HappenEvent, Origin, Outgoing } from './event.js';
import { checkEventType } from './event-type.js';
import { repeatingHops } from './path.js';

/** What stamping needs from the space. */
export interface StampSupport extends RecordSupport {
  /** A user's own ids, in place of ours. */
  readonly customIds: (() => string) | undefined;
  readonly maxDepth: number;
  readonly system: EventContext['system'];
  /** Where notes of each event are taken; `undefined` where none are. */
  readonly notes: CausalNotes | undefined;
  /** Set when a signature is to be put in: then `context.integrity` is there, and open until it is. */
  readonly opensIntegrity?: boolean;
}

/** Who sends. */
export interface Sender {
  readonly id: string;
  /** `{ nodeId }`, shared by the events that need no more. */
  readonly origin: Origin;
}

/** What caused the event: the events being handled, of which the last counts; none at a root. */
export type Cause = HappenEvent | readonly HappenEvent[] | undefined;

/**
 * @param payload what travels, already isolated
 * @param target the node it goes to; `undefined` for a broadcast
 * @throws HappenError `HAPPEN_INVALID_EVENT`, `HAPPEN_RESERVED_TYPE`, `HAPPEN_DEPTH_EXCEEDED`
 */
export function stamp(
  support: StampSupport,
  sender: Sender,
  outgoing: Outgoing,
  payload: unknown,
  cause: Cause,
  nowMs: number,
  target: string | undefined,
): HappenEvent {
  const { type, context: given } = outgoing;
  checkEventType(type);
  const causes = Array.isArray(cause) ? (cause as readonly HappenEvent[]) : undefined;
  const direct = causes === undefined ? (cause as HappenEvent | undefined) : (causes[causes.length - 1] as HappenEvent);
  const record = causalRecord(support, sender.id, direct, causes, given, nowMs);
  const inherited = direct?.context;
  const simple =
    given === undefined &&
    support.system === undefined &&
    (inherited === undefined || (inherited.user === undefined && !hasSource(inherited.origin)));
  const context = simple
    ? { causal: record, origin: sender.origin }
    : fullContext(support, sender, record, inherited, given as Readonly<Record<string, unknown>> | undefined);
  if (support.notes !== undefined) CausalRecord.noteIn(support.notes, record, type, target);
  if (support.opensIntegrity === true) openIntegrity(context);
  return makeEvent(type, payload, context, record);
}

function openIntegrity(context: EventContext): void {
  const given: unknown = context['integrity'];
  const own = typeof given === 'object' && given !== null ? { ...given } : {};
  (context as Record<string, unknown>)['integrity'] = own;
}

/** @throws HappenError `HAPPEN_INVALID_EVENT` */
export function checkOutgoing(outgoing: unknown): asserts outgoing is Outgoing {
  if (typeof outgoing !== 'object' || outgoing === null || Array.isArray(outgoing)) {
    throw new HappenError(
      'HAPPEN_INVALID_EVENT',
      `An event is an object { type, payload }, not ${outgoing === null ? 'null' : typeof outgoing}.`,
    );
  }
  const { context } = outgoing as Outgoing;
  if (context !== undefined && (typeof context !== 'object' || context === null)) {
    throw new HappenError('HAPPEN_INVALID_EVENT', 'The context of an event is an object.');
  }
}

function causalRecord(
  support: StampSupport,
  sender: string,
  direct: HappenEvent | undefined,
  causes: readonly HappenEvent[] | undefined,
  given: object | undefined,
  nowMs: number,
): CausalRecord {
  const id = new EventId(support, support.ids.tick(nowMs), support.customIds?.());
  if (direct === undefined) return CausalRecord.root(sender, id, givenCorrelation(given));
  const cause = direct.context.causal;
  if (cause.depth >= support.maxDepth) throw tooDeep(cause, sender, support.maxDepth);
  if (causes === undefined || causes.length === 1) return CausalRecord.effect(sender, id, cause);
  return CausalRecord.effectOfMany(
    sender,
    id,
    causes.map((event) => event.context.causal),
  );
}

function givenCorrelation(given: object | undefined): string | undefined {
  const correlation = (given as { causal?: { correlationId?: unknown } } | undefined)?.causal?.correlationId;
  if (correlation === undefined) return undefined;
  if (typeof correlation !== 'string' || correlation.length === 0 || correlation.length > 512) {
    throw new HappenError(
      'HAPPEN_INVALID_EVENT',
      'context.causal.correlationId: expected a string of 1 to 512 characters.',
    );
  }
  return correlation;
}

function hasSource(origin: Origin): boolean {
  for (const key in origin) if (key !== 'nodeId') return true;
  return false;
}

function fullContext(
  support: StampSupport,
  sender: Sender,
  causal: Causal,
  inherited: EventContext | undefined,
  given: Readonly<Record<string, unknown>> | undefined,
): EventContext {
  const context: Record<string, unknown> = {};
  if (inherited?.user !== undefined) context['user'] = inherited.user;
  if (given !== undefined) {
    for (const key of Object.keys(given))
      if (given[key] !== undefined && key !== '__proto__') context[key] = given[key];
  }
  if (support.system !== undefined) context['system'] = support.system;
  context['causal'] = causal;
  const givenOrigin = typeof given?.['origin'] === 'object' ? given['origin'] : undefined;
  context['origin'] = { ...inherited?.origin, ...givenOrigin, nodeId: sender.id };
  return context as unknown as EventContext;
}

function tooDeep(cause: Causal, sender: string, maxDepth: number): HappenError {
  const hops = repeatingHops([...cause.path, [cause.sender, sender]]);
  return new HappenError(
    'HAPPEN_DEPTH_EXCEEDED',
    `An event of "${sender}" would be deeper than ${maxDepth} in its causal chain; its end is ${hops}. ` +
      'A loop of events needs an end; start a new chain with { detached: true } where one is meant to go on for ever.',
    { details: { maxDepth, sender, correlationId: cause.correlationId } },
  );
}
