/**
 * The way an event takes from the sender's hands to the dispatcher: checked, isolated, stamped, and encoded where it will
 * leave the process. Nothing here throws to the sender: what is wrong goes where the answer would have gone.
 */
import { describeThrown } from '../errors/describe-thrown.js';
import { HappenError } from '../errors/happen-error.js';
import type { HappenEvent, Outgoing } from '../event/event.js';
import { copyValue, freezeInPlace } from '../event/isolation.js';
import { type Cause, checkOutgoing, type Sender, type StampSupport, stamp } from '../event/stamp.js';
import { FlowRecord } from '../flow/flow-record.js';
import { checkPayload } from '../wire/check-payload.js';
import type { WireLimits } from '../wire/limits.js';
import type { EmissionInterceptor, WatchedEmission } from './emission-watching.js';
import { GroupSend, type PartOutcome } from './group-send.js';
import type { TalkHost } from './host.js';
import { type CheckedOptions, checkOptions, noOptions, type SendOptions } from './options.js';
import { PendingBroadcast } from './pending-broadcast.js';
import { PendingSend } from './pending-send.js';
import { resultsById } from './results-by-id.js';
import type { BroadcastHandle, SendHandle } from './send-handle.js';

/** What emitting needs from the space. */
export interface EmitHost extends TalkHost {
  readonly stampSupport: StampSupport;
  /** The extensions that look at each emission; `undefined` when none does. */
  readonly emissionInterceptor: EmissionInterceptor | undefined;
  /** @throws HappenError `HAPPEN_CLOSED` when nothing may be sent any more, from this flow or from outside of flows */
  checkOpen(flow: FlowRecord | undefined): void;
}

type Target = string | { readonly id: string };

export class Emitter {
  readonly #host: EmitHost;

  constructor(host: EmitHost) {
    this.#host = host;
  }

  send(
    sender: Sender,
    flow: FlowRecord | undefined,
    target: Target | readonly Target[],
    outgoing: Outgoing | readonly Outgoing[],
    options: SendOptions | undefined,
  ): SendHandle<unknown> {
    try {
      if (Array.isArray(target)) return this.#sendToMany(sender, flow, target as readonly Target[], outgoing, options);
      return this.#sendToOne(sender, flow, target as Target, outgoing, options);
    } catch (error) {
      // A getter of what was given threw before there was anything to send.
      const pending = new PendingSend(this.#host, sender.id, '', flow);
      pending.failBeforehand(asHappenError(error));
      this.#host.dispatcher.add(pending);
      return pending;
    }
  }

  /** Sends to each node from itself. */
  sendToSelves(
    nodes: readonly Sender[],
    outgoing: Outgoing | readonly Outgoing[],
    options: SendOptions | undefined,
  ): SendHandle<unknown> {
    const parts = nodes.map((node) => this.#sendToOne(node, undefined, node, outgoing, options) as PendingSend);
    return this.#group(nodes[0] as Sender, parts, (outcomes) =>
      resultsById(
        nodes.map(({ id }) => id),
        outcomes,
      ),
    );
  }

  broadcast(
    sender: Sender,
    flow: FlowRecord | undefined,
    outgoing: Outgoing,
    options: SendOptions | undefined,
  ): BroadcastHandle {
    const host = this.#host;
    const pending = new PendingBroadcast(host, sender.id);
    host.counts.broadcast++;
    try {
      const now = host.clock.now();
      const checked = checkOptions(options, now);
      host.checkOpen(flow);
      const [leaving] = this.#intercepted(pending, sender, flow, undefined, [outgoing], checked);
      const { event, copies } = this.stamp(sender, flow, leaving as Outgoing, checked, now);
      pending.watching?.stamped([event]);
      pending.carry(event, checked, copies, now, host.remote?.encode(event));
    } catch (error) {
      pending.failBeforehand(asHappenError(error));
    }
    host.dispatcher.add(pending);
    return pending;
  }

  /**
   * Makes the event, isolated as the space is set; `copies`: each receiver needs its own.
   *
   * @throws HappenError
   */
  stamp(
    sender: Sender,
    flow: FlowRecord | undefined,
    outgoing: Outgoing,
    options: CheckedOptions,
    nowMs: number,
  ): { event: HappenEvent; copies: boolean } {
    checkOutgoing(outgoing);
    const { isolation, limits, stampSupport } = this.#host;
    const cause = causeOf(flow, options);
    if (isolation === 'trust')
      return { event: stamp(stampSupport, sender, outgoing, outgoing.payload, cause, nowMs), copies: false };
    const { payload } = outgoing;
    if (payload !== undefined) checkPayload(payload, 'payload', limits);
    const checkedOutgoing =
      outgoing.context === undefined ? outgoing : { ...outgoing, context: ownContext(outgoing.context, limits) };
    if (isolation === 'copy') {
      return {
        event: stamp(stampSupport, sender, checkedOutgoing, copyValue(payload, false), cause, nowMs),
        copies: true,
      };
    }
    const copies = freezeInPlace(payload);
    const kept = copies ? copyValue(payload, true) : payload;
    const event = stamp(stampSupport, sender, checkedOutgoing, kept, cause, nowMs);
    Object.freeze(event.context.causal);
    Object.freeze(event.context.origin);
    Object.freeze(event.context);
    return { event: Object.freeze(event), copies };
  }

  #sendToOne(
    sender: Sender,
    flow: FlowRecord | undefined,
    target: Target,
    outgoing: Outgoing | readonly Outgoing[],
    options: SendOptions | undefined,
  ): SendHandle<unknown> {
    if (!Array.isArray(outgoing)) return this.#prepare(sender, flow, target, outgoing as Outgoing, options);
    const runs = runsOfOneType(outgoing as readonly Outgoing[]);
    if (runs.length <= 1) return this.#prepare(sender, flow, target, runs[0] ?? [], options);
    const parts = runs.map((run) => this.#prepare(sender, flow, target, run, options));
    return this.#group(sender, parts, inOrder);
  }

  #sendToMany(
    sender: Sender,
    flow: FlowRecord | undefined,
    targets: readonly Target[],
    outgoing: Outgoing | readonly Outgoing[],
    options: SendOptions | undefined,
  ): SendHandle<unknown> {
    const ids = targets.map((target) => (typeof target === 'string' ? target : String(target?.id)));
    refuseResultNames(ids);
    const parts = targets.map((target) => this.#sendToOne(sender, flow, target, outgoing, options) as PendingSend);
    return this.#group(sender, parts, (outcomes) => resultsById(ids, outcomes));
  }

  #group<R>(
    sender: Sender,
    parts: readonly PendingSend[],
    combine: (outcomes: readonly PartOutcome[]) => R,
  ): GroupSend<R> {
    const host = this.#host;
    return new GroupSend(parts, {
      combine,
      owner: {
        unseen: (answer, error) =>
          void host.clock.setTimer(0, () => {
            if (!answer.seen) host.reportFailure(asHappenError(error), sender.id, undefined);
          }),
      },
    });
  }

  #prepare(
    sender: Sender,
    flow: FlowRecord | undefined,
    target: Target,
    outgoing: Outgoing | readonly Outgoing[],
    options: SendOptions | undefined,
  ): PendingSend {
    const host = this.#host;
    const targetId = typeof target === 'string' ? target : target?.id;
    const pending = new PendingSend(host, sender.id, targetId, flow);
    host.counts.sent++;
    try {
      if (typeof targetId !== 'string') throw noTarget();
      const now = host.clock.now();
      const checked = options === undefined ? noOptions : checkOptions(options, now);
      host.checkOpen(flow);
      if (Array.isArray(outgoing)) {
        if (outgoing.length === 0) throw new HappenError('HAPPEN_INVALID_EVENT', 'A batch holds at least one event.');
        const stamped = this.#intercepted(
          pending,
          sender,
          flow,
          targetId,
          outgoing as readonly Outgoing[],
          checked,
        ).map((one) => this.stamp(sender, flow, one, checked, now));
        // A handler that empties its batch must not take it from the others.
        const events = Object.freeze(stamped.map(({ event }) => event));
        pending.carry(
          events,
          checked,
          stamped.some(({ copies }) => copies),
          now,
        );
        pending.watching?.stamped(events);
        if (this.#leaves(targetId))
          pending.encoded = events.map((event) => (host.remote as NonNullable<typeof host.remote>).encode(event));
      } else {
        let leaving = outgoing as Outgoing;
        if (host.emissionInterceptor !== undefined)
          leaving = this.#intercepted(pending, sender, flow, targetId, [leaving], checked)[0] as Outgoing;
        if (host.isolation === 'trust') {
          checkOutgoing(leaving);
          const event = stamp(host.stampSupport, sender, leaving, leaving.payload, causeOf(flow, checked), now);
          pending.carry(event, checked, false, now);
        } else {
          const { event, copies } = this.stamp(sender, flow, leaving, checked, now);
          pending.carry(event, checked, copies, now);
        }
        pending.watching?.stamped([pending.handled as HappenEvent]);
        if (this.#leaves(targetId))
          pending.encoded = [(host.remote as NonNullable<typeof host.remote>).encode(pending.handled as HappenEvent)];
      }
    } catch (error) {
      pending.failBeforehand(asHappenError(error));
    }
    host.dispatcher.add(pending);
    return pending;
  }

  /** The events as the extensions let them leave. */
  #intercepted(
    pending: WatchedEmission,
    sender: Sender,
    flow: FlowRecord | undefined,
    target: string | undefined,
    events: readonly Outgoing[],
    options: CheckedOptions,
  ): readonly Outgoing[] {
    const { emissionInterceptor } = this.#host;
    if (emissionInterceptor === undefined) return events;
    const cause = causeOf(flow, options);
    const last = Array.isArray(cause) ? (cause as readonly HappenEvent[])[cause.length - 1] : (cause as HappenEvent);
    return emissionInterceptor.begin(pending, sender.id, target, events, last);
  }

  /** Encoded at the call, so that what the sender changes afterwards does not travel. */
  #leaves(targetId: string): boolean {
    return this.#host.remote !== undefined && this.#host.localNode(targetId) === undefined;
  }
}

function causeOf(flow: FlowRecord | undefined, options: CheckedOptions): Cause {
  if (options.causedBy !== undefined) return options.causedBy;
  if (options.detached || flow === undefined) return undefined;
  return FlowRecord.deliveryOf(flow).handled;
}

/** What a sender puts beside the payload, as the receivers' own; `causal` is handled apart. */
function ownContext(context: object, limits: WireLimits): object {
  const own: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(context)) {
    if (key === 'causal') own[key] = value;
    else if (value !== undefined && key !== '__proto__') {
      checkPayload(value, `context.${key}`, limits);
      own[key] = copyValue(value, true);
    }
  }
  return own;
}

function runsOfOneType(events: readonly Outgoing[]): Outgoing[][] {
  const byType = new Map<unknown, Outgoing[]>();
  for (const event of events) {
    const run = byType.get(event?.type);
    if (run === undefined) byType.set(event?.type, [event]);
    else run.push(event);
  }
  return [...byType.values()];
}

/** The answers come in an object that has these members already. */
function refuseResultNames(ids: readonly string[]): void {
  const taken = ids.find((id) => id === 'errors' || id === 'return');
  if (taken === undefined) return;
  throw new HappenError(
    'HAPPEN_INVALID_EVENT',
    `A node called "${taken}" can't be one of several targets, whose answers come by id. Send to it alone.`,
    { details: { node: taken } },
  );
}

function inOrder(outcomes: readonly PartOutcome[]): unknown[] {
  return outcomes.map((outcome) => {
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  });
}

function noTarget(): HappenError {
  return new HappenError(
    'HAPPEN_INVALID_EVENT',
    'send() needs a target: a node, a reference or an id, and then the event. To send to itself with options, name the node: node.send(node, event, options).',
  );
}

function asHappenError(error: unknown): HappenError {
  if (error instanceof HappenError) return error;
  const { message } = describeThrown(error);
  return new HappenError('HAPPEN_INVALID_EVENT', `The event could not be made: ${message}`, { cause: error });
}
