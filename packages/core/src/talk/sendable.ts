/** What a sender wrote, made fit to leave its hands: checked and isolated once, however many targets it goes to. */
import type { HappenEvent, Outgoing } from '../event/event.js';
import { copyValue, freezeInPlace, type Isolation } from '../event/isolation.js';
import { type Cause, checkOutgoing, type Sender, type StampSupport, stamp } from '../event/stamp.js';
import { checkPayload } from '../wire/check-payload.js';
import { frameworkKeys } from '../wire/event-schema.js';
import { envelopeLimits, type WireLimits } from '../wire/limits.js';
import type { Remote } from './host.js';

/** A payload that no longer depends on what its sender does with it. */
class IsolatedPayload {
  /** As it travels. */
  readonly value: unknown;
  /** Each receiver needs one of its own. */
  readonly copies: boolean;
  /** Its length, counted from below; 0 where nothing is checked. */
  readonly bytes: number;
  readonly #path: string;
  #encoded: Uint8Array | undefined;

  constructor(value: unknown, copies: boolean, bytes: number, path: string) {
    this.value = value;
    this.copies = copies;
    this.bytes = bytes;
    this.#path = path;
  }

  /**
   * The payload in bytes, made when it is first asked for.
   *
   * @throws HappenError `HAPPEN_NOT_SERIALISABLE`, `HAPPEN_PAYLOAD_TOO_LARGE`
   */
  encoded(remote: Remote): Uint8Array {
    this.#encoded ??= remote.encodePayload(this.value, this.#path);
    return this.#encoded;
  }
}

/** An event to be. */
export interface Sendable {
  readonly outgoing: Outgoing;
  readonly payload: IsolatedPayload;
}

/**
 * @param path what the event is called in errors; '' for the only one
 * @throws HappenError `HAPPEN_INVALID_EVENT`, `HAPPEN_NOT_SERIALISABLE`, `HAPPEN_PAYLOAD_TOO_LARGE`
 */
export function isolate(outgoing: unknown, isolation: Isolation, limits: WireLimits, path = ''): Sendable {
  checkOutgoing(outgoing);
  const { payload, context } = outgoing;
  const name = `${path}payload`;
  if (isolation === 'trust') return { outgoing, payload: new IsolatedPayload(payload, false, 0, name) };
  const bytes = payload === undefined ? 0 : checkPayload(payload, name, limits);
  const checked = context === undefined ? outgoing : { ...outgoing, context: ownContext(context, path, limits) };
  if (isolation === 'copy')
    return { outgoing: checked, payload: new IsolatedPayload(copyValue(payload, false), true, bytes, name) };
  const copies = freezeInPlace(payload);
  const kept = copies ? copyValue(payload, true) : payload;
  return { outgoing: checked, payload: new IsolatedPayload(kept, copies, bytes, name) };
}

/** The same payload with what another event has beside it. */
export function withContextOf(
  { payload }: Sendable,
  outgoing: Outgoing,
  isolation: Isolation,
  limits: WireLimits,
): Sendable {
  const { context } = outgoing;
  if (isolation === 'trust' || context === undefined) return { outgoing, payload };
  return { outgoing: { ...outgoing, context: ownContext(context, '', limits) }, payload };
}

/**
 * Makes an event of it, isolated as the rest.
 *
 * @throws HappenError `HAPPEN_INVALID_EVENT`, `HAPPEN_RESERVED_TYPE`, `HAPPEN_DEPTH_EXCEEDED`
 */
export function stampSendable(
  support: StampSupport,
  sender: Sender,
  { outgoing, payload }: Sendable,
  cause: Cause,
  nowMs: number,
  isolation: Isolation,
  target: string | undefined,
): HappenEvent {
  const event = stamp(support, sender, outgoing, payload.value, cause, nowMs, target);
  if (isolation !== 'freeze') return event;
  Object.freeze(event.context.causal);
  Object.freeze(event.context.origin);
  Object.freeze(event.context);
  return Object.freeze(event);
}

/**
 * What a sender puts beside the payload, as the receivers' own; `causal` is handled apart. It is checked as it would be written:
 * what is the framework's own member by member, the rest as one.
 */
function ownContext(context: object, path: string, limits: WireLimits): object {
  const own: Record<string, unknown> = {};
  const rest: Record<string, unknown> = {};
  const outerLimits = { ...limits, maxItems: envelopeLimits.maxItems };
  for (const [key, value] of Object.entries(context)) {
    if (key === 'causal') own[key] = value;
    else if (value !== undefined && key !== '__proto__') {
      own[key] = value;
      if (frameworkKeys.includes(key)) checkPayload(value, `${path}context.${key}`, outerLimits);
      else rest[key] = value;
    }
  }
  checkPayload(rest, `${path}context`, outerLimits);
  for (const key of Object.keys(own)) if (key !== 'causal') own[key] = copyValue(own[key], true);
  return own;
}
