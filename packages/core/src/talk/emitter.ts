/**
 * The way an event takes from the sender's hands to the dispatcher: checked, isolated, stamped, and encoded where it will
 * leave the process. Nothing here throws to the sender: what is wrong goes where the answer would have gone.
 */
import type { HappenEvent, Outgoing } from '../event/event.js';
import { type Cause, checkOutgoing, type Sender, type StampSupport, stamp } from '../event/stamp.js';
import { FlowRecord } from '../flow/flow-record.js';
import { checkBatchBytes } from './batch.js';
import { refusalBySender } from '../schema/reference.js';
import type { EventSigner } from './event-signing.js';
import type { EmissionInterceptor, WatchedEmission } from './emission-watching.js';
import { GroupSend, type PartOutcome } from './group-send.js';
import type { TalkHost } from './host.js';
import {
  type BroadcastOptions,
  type CheckedOptions,
  checkOptions,
  noOptions,
  type SendOptions,
  splitOverflow,
} from './options.js';
import { PendingBroadcast } from './pending-broadcast.js';
import { PendingSend } from './pending-send.js';
import { resultsById } from './results-by-id.js';
import { asHappenError, isolateBatch, isolateEvent, type Run } from './run.js';
import { isolate, stampSendable, withContextOf } from './sendable.js';
import { checkTargets, idOf, noTarget, type Target } from './target.js';
import type { BroadcastHandle, SendHandle } from './send-handle.js';

/** What emitting needs from the space. */
export interface EmitHost extends TalkHost {
  readonly stampSupport: StampSupport;
  /** The extensions that look at each emission; `undefined` when none does. */
  readonly emissionInterceptor: EmissionInterceptor | undefined;
  /** Signs each event that is sent; `undefined` when none is to be. */
  readonly eventSigner: EventSigner | undefined;
  /** @throws HappenError `HAPPEN_CLOSED` when nothing may be sent any more, from this flow or from outside of flows */
  checkOpen(flow: FlowRecord | undefined): void;
}

export class Emitter {
  readonly #host: EmitHost;
  readonly #stampSupport: StampSupport;

  constructor(host: EmitHost) {
    this.#host = host;
    const { stampSupport, eventSigner } = host;
    this.#stampSupport = eventSigner === undefined ? stampSupport : { ...stampSupport, opensIntegrity: true };
  }

  send(
    sender: Sender,
    flow: FlowRecord | undefined,
    target: Target | readonly Target[],
    outgoing: Outgoing | readonly Outgoing[],
    options: SendOptions | undefined,
  ): SendHandle<unknown> {
    try {
      if (Array.isArray(target)) {
        const targets = target as readonly Target[];
        checkTargets(targets.map(idOf));
        return this.#sendToMany([sender], flow, targets, outgoing, options);
      }
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
    return this.#sendToMany(nodes, undefined, nodes, outgoing, options);
  }

  broadcast(
    sender: Sender,
    flow: FlowRecord | undefined,
    outgoing: Outgoing,
    options: BroadcastOptions | undefined,
  ): BroadcastHandle {
    const host = this.#host;
    const pending = new PendingBroadcast(host, sender.id);
    host.counts.broadcast++;
    try {
      const now = host.clock.now();
      let checked = noOptions;
      if (options !== undefined) {
        const { overflow, rest } = splitOverflow(options);
        checked = checkOptions(rest);
        pending.extras.overflow = overflow;
      }
      host.checkOpen(flow);
      let leaving = outgoing;
      if (host.emissionInterceptor !== undefined)
        leaving = this.#intercepted(pending, sender, flow, undefined, [leaving], checked)[0] as Outgoing;
      const { event, copies } = this.stamp(sender, flow, leaving, checked, now, undefined);
      if (host.eventSigner !== undefined) pending.extras.signed = host.eventSigner.sign([event]);
      pending.watching?.stamped([event]);
      if (host.remote !== undefined) pending.extras.encoded = host.remote.encode(event);
      pending.carry(event, checked, copies, now);
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
    target: string | undefined,
  ): { event: HappenEvent; copies: boolean } {
    const { isolation, limits } = this.#host;
    const stampSupport = this.#stampSupport;
    const cause = causeOf(flow, options);
    if (isolation === 'trust') {
      checkOutgoing(outgoing);
      return { event: stamp(stampSupport, sender, outgoing, outgoing.payload, cause, nowMs, target), copies: false };
    }
    const sendable = isolate(outgoing, isolation, limits);
    return {
      event: stampSendable(stampSupport, sender, sendable, cause, nowMs, isolation, target),
      copies: sendable.payload.copies,
    };
  }

  #sendToOne(
    sender: Sender,
    flow: FlowRecord | undefined,
    target: Target,
    outgoing: Outgoing | readonly Outgoing[],
    options: SendOptions | undefined,
  ): SendHandle<unknown> {
    if (!Array.isArray(outgoing)) return this.#prepare(sender, flow, target, outgoing as Outgoing, options);
    const parts = isolateBatch(outgoing as readonly Outgoing[], this.#host).map((run) =>
      this.#prepareRun(sender, flow, target, run, options),
    );
    return parts.length === 1 ? (parts[0] as PendingSend) : this.#group(sender, parts, inOrder);
  }

  /** @param senders one for all targets, or one for each */
  #sendToMany(
    senders: readonly Sender[],
    flow: FlowRecord | undefined,
    targets: readonly Target[],
    outgoing: Outgoing | readonly Outgoing[],
    options: SendOptions | undefined,
  ): SendHandle<unknown> {
    const first = senders[0] as Sender;
    const runs = Array.isArray(outgoing)
      ? isolateBatch(outgoing as readonly Outgoing[], this.#host)
      : [isolateEvent(outgoing as Outgoing, this.#host)];
    const parts = targets.map((target, index) => {
      const sender = senders[index] ?? first;
      const sends = runs.map((run) => this.#prepareRun(sender, flow, target, run, options));
      return sends.length === 1 ? (sends[0] as PendingSend) : this.#group(sender, sends, inOrder);
    });
    return this.#group(first, parts, (outcomes) => resultsById(targets.map(idOf), outcomes));
  }

  #group<R>(
    sender: Sender,
    parts: readonly SendHandle<unknown>[],
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
    outgoing: Outgoing,
    options: SendOptions | undefined,
  ): PendingSend {
    const host = this.#host;
    const targetId = idOf(target);
    const pending = new PendingSend(host, sender.id, targetId, flow);
    host.counts.sent++;
    try {
      if (typeof targetId !== 'string') throw noTarget();
      const now = host.clock.now();
      const checked = options === undefined ? noOptions : checkOptions(options);
      host.checkOpen(flow);
      let leaving = outgoing;
      if (host.emissionInterceptor !== undefined)
        leaving = this.#intercepted(pending, sender, flow, targetId, [leaving], checked)[0] as Outgoing;
      if (host.isolation === 'trust') {
        checkOutgoing(leaving);
        const event = stamp(
          this.#stampSupport,
          sender,
          leaving,
          leaving.payload,
          causeOf(flow, checked),
          now,
          targetId,
        );
        pending.carry(event, checked, false, now);
      } else {
        const { event, copies } = this.stamp(sender, flow, leaving, checked, now, targetId);
        pending.carry(event, checked, copies, now);
      }
      if (host.eventSigner !== undefined) pending.signed = host.eventSigner.sign([pending.handled as HappenEvent]);
      pending.watching?.stamped([pending.handled as HappenEvent]);
      if (this.#leaves(targetId)) {
        const refusal = refusalBySender(target, pending.handled);
        if (refusal !== undefined) throw refusal;
        pending.encoded = [(host.remote as NonNullable<typeof host.remote>).encode(pending.handled as HappenEvent)];
      }
    } catch (error) {
      pending.failBeforehand(asHappenError(error));
    }
    host.dispatcher.add(pending);
    return pending;
  }

  /** As `#prepare`, for events that have been isolated already. */
  #prepareRun(
    sender: Sender,
    flow: FlowRecord | undefined,
    target: Target,
    run: Run,
    options: SendOptions | undefined,
  ): PendingSend {
    const host = this.#host;
    const targetId = idOf(target);
    const { isolation, limits, remote } = host;
    const { batch, copies, error } = run;
    const pending = new PendingSend(host, sender.id, targetId, flow);
    host.counts.sent++;
    try {
      if (typeof targetId !== 'string') throw noTarget();
      if (run.events.length === 0) throw error;
      const now = host.clock.now();
      const checked = options === undefined ? noOptions : checkOptions(options);
      host.checkOpen(flow);
      const leaving = this.#intercepted(pending, sender, flow, targetId, run.events, checked);
      if (error !== undefined) throw error;
      const sendables =
        leaving === run.events
          ? run.sendables
          : run.sendables.map((one, index) => withContextOf(one, leaving[index] as Outgoing, isolation, limits));
      const cause = causeOf(flow, checked);
      const events = sendables.map((one) =>
        stampSendable(this.#stampSupport, sender, one, cause, now, isolation, targetId),
      );
      if (batch && isolation !== 'trust') checkBatchBytes(sendables, events, limits);
      // A handler that empties its batch must not take it from the others.
      pending.carry(batch ? Object.freeze(events) : (events[0] as HappenEvent), checked, copies, now);
      if (host.eventSigner !== undefined) pending.signed = host.eventSigner.sign(events);
      pending.watching?.stamped(events);
      if (remote !== undefined && this.#leaves(targetId)) {
        const refusal = refusalBySender(target, pending.handled);
        if (refusal !== undefined) throw refusal;
        pending.encoded = sendables.map(({ payload }, index) =>
          remote.encode(events[index] as HappenEvent, payload.encoded(remote)),
        );
      }
    } catch (thrown) {
      pending.failBeforehand(asHappenError(thrown));
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
    return emissionInterceptor.begin(pending, { sender: sender.id, target, events, cause: last, flow });
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

function inOrder(outcomes: readonly PartOutcome[]): unknown[] {
  return outcomes.map((outcome) => {
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  });
}
