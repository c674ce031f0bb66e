/**
 * One event (or batch) on its way to one node, and the answer on its way back: what `send` returns.
 *
 * Invariants:
 * 1. Whether an answer is wanted is fixed at the dispatch. Asking later is an error, wherever the target lives.
 * 2. It is settled once; what comes after that (a late reply, a second timeout) changes nothing.
 * 3. While an answer is awaited it stands in the deadlines; when it is settled it stands nowhere: not in the deadlines, not
 *    among the listeners of the caller's signal.
 */
import { describeThrown } from '../errors/describe-thrown.js';
import { HappenError, isHappenError } from '../errors/happen-error.js';
import type { Answer, Final, Yielded } from '../event/event-map.js';
import { copyValue } from '../event/isolation.js';
import type { HappenEvent } from '../event/event.js';
import { Delivery } from '../flow/delivery.js';
import { FlowRecord } from '../flow/flow-record.js';
import type { Handled } from '../flow/step.js';
import type { StreamConsumer, StreamSource } from '../flow/stream-source.js';
import type { EncodedEvent } from '../wire/messages.js';
import { checkPayload } from '../wire/check-payload.js';
import { AnswerIterator } from './answer-iterator.js';
import type { Expiring } from './deadlines.js';
import { DerivedAnswer } from './derived-answer.js';
import { EventReceipt } from './event-receipt.js';
import type { Dispatched } from './dispatcher.js';
import { whenSigned } from './event-signing.js';
import type { EmissionWatching, WatchedEmission } from './emission-watching.js';
import type { RemoteRequest, TalkHost } from './host.js';
import { type CheckedOptions, type Due, noOptions } from './options.js';
import { ReceivedStream } from './received-stream.js';
import { refusedMeanwhile } from './refused-meanwhile.js';
import type { Receipt, SendHandle } from './send-handle.js';
import type { Clock } from '../ports/clock.js';

type Phase = 'open' | 'dispatched' | 'resolved' | 'rejected';

export class PendingSend<R = unknown> implements SendHandle<R>, Dispatched, Expiring, RemoteRequest, WatchedEmission {
  readonly #host: TalkHost;
  readonly #senderId: string;
  readonly targetId: string;
  readonly #flow: FlowRecord | undefined;
  #options: CheckedOptions = noOptions;
  #handled: Handled | undefined;
  #copies = false;
  encoded: readonly EncodedEvent[] | undefined;
  /** When what is sent has its signature, if it does not have it yet. */
  signed: Promise<void> | undefined;
  watching: EmissionWatching | undefined;
  #sentAt = 0;
  /** When the request was dispatched; negative where that is not measured. */
  #since = -1;
  #phase: Phase = 'open';
  #asked = false;
  #value: unknown;
  /** Those who wait: mostly one, seldom more. */
  #waiter: DerivedAnswer | undefined;
  #moreWaiters: DerivedAnswer[] | undefined;
  #receipts: DerivedAnswer<Receipt>[] | undefined;
  #handover: HappenError | 'done' | undefined;
  #bucket = -1;
  #delivery: Delivery | undefined;
  #number = 0;
  #stopListening: (() => void) | undefined;
  #stopDelay: (() => void) | undefined;
  #gaveUp = false;
  receivedAt = 0;
  deadlineAt = 0;
  patienceMs = 0;

  constructor(host: TalkHost, senderId: string, targetId: string, flow: FlowRecord | undefined) {
    this.#host = host;
    this.#senderId = senderId;
    this.targetId = targetId;
    this.#flow = flow;
  }

  /** What is sent. `copies`: its payload holds what can't be frozen, so the receiver gets a copy. */
  carry(handled: Handled, options: CheckedOptions, copies: boolean, sentAt: number): void {
    this.#handled = handled;
    this.#options = options;
    this.#copies = copies;
    this.#sentAt = sentAt;
  }

  /** Nothing can be sent: the error goes where the answer would have gone. */
  failBeforehand(error: HappenError): void {
    this.#value = error;
    this.#handover = error;
  }

  get asked(): boolean {
    return this.#asked;
  }

  get handled(): Handled {
    return this.#handled as Handled;
  }

  get priority(): number {
    return this.#options.priority;
  }

  get key(): string | undefined {
    return this.#options.key;
  }

  get dedupeKey(): string | undefined {
    return this.#options.dedupeKey;
  }

  // --- asking

  // being awaitable is the point
  then<A = Answer<R>, B = never>(
    fulfilled?: ((value: Answer<R>) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#ask(new DerivedAnswer<A | B>(fulfilled, rejected, this));
  }

  #ask<A>(answer: DerivedAnswer<A>): Promise<A> {
    if (!this.#asked) {
      if (this.#phase !== 'open') return answer.settleLater('rejected', askedTooLate(this.#first()));
      this.#asked = true;
      this.#host.counts.requests++;
    }
    if (this.#phase === 'resolved' || this.#phase === 'rejected') {
      if (answer.isOfEnd && this.#value instanceof ReceivedStream) return answer.settleWith(this.#value.result);
      return answer.settleLater(this.#phase, this.#value);
    }
    if (this.#waiter === undefined) {
      this.#waiter = answer as DerivedAnswer;
    } else {
      this.#moreWaiters ??= [];
      this.#moreWaiters.push(answer as DerivedAnswer);
    }
    return answer;
  }

  catch<U = never>(rejected: (error: unknown) => U): Promise<Answer<R> | Awaited<U>> {
    return this.then(undefined, rejected) as Promise<Answer<R> | Awaited<U>>;
  }

  finally(callback: () => void): Promise<Answer<R>> {
    return this.then(
      async (value) => {
        await callback();
        return value;
      },
      async (error: unknown) => {
        await callback();
        throw error;
      },
    );
  }

  return(): Promise<Final<R>>;
  return<U>(callback: (result: Final<R>) => U): Promise<Awaited<U>>;
  return<U>(callback?: (result: Final<R>) => U): Promise<unknown> {
    const answer = new DerivedAnswer<unknown>(callback, undefined, this);
    answer.isOfEnd = true;
    return this.#ask(answer);
  }

  [Symbol.asyncIterator](): AsyncIterator<Yielded<R>, Final<R>> {
    return new AnswerIterator(this.then(), this.#first()?.type);
  }

  sent(): Promise<Receipt> {
    const receipt = new DerivedAnswer<Receipt>(undefined, undefined, this);
    if (this.#handover === undefined || this.#phase === 'open') {
      this.#receipts ??= [];
      this.#receipts.push(receipt);
      return receipt;
    }
    return this.#handover === 'done'
      ? receipt.settleLater('resolved', this.#receipt())
      : receipt.settleLater('rejected', this.#handover);
  }

  /** A failure that nobody looks at by the next turn of the event loop is told as `node.error`. */
  unseen(answer: { readonly seen: boolean }, error: unknown): void {
    this.#host.clock.setTimer(0, () => {
      if (!answer.seen) this.#report(isHappenError(error) ? error : callbackFailed(this.#first(), error));
    });
  }

  // --- the way there

  dispatch(): void {
    if (this.#handover instanceof HappenError) {
      this.#phase = 'dispatched';
      this.#refused(this.#handover);
      return;
    }
    const { due, signal } = this.#options;
    if (signal?.aborted === true) {
      this.#phase = 'dispatched';
      this.#refused(cancelled(signal.reason));
      return;
    }
    this.#phase = 'dispatched';
    if (due !== undefined && isAhead(due, this.#host.clock)) {
      this.#listen();
      this.#stopDelay = this.#host.delay(
        due,
        () => {
          this.#sentAt = this.#host.clock.now();
          this.#goSigned();
        },
        (error) => this.#refused(error),
      );
    } else {
      this.#goSigned();
    }
  }

  #goSigned(): void {
    if (this.signed === undefined) {
      this.#go();
      return;
    }
    this.#listen();
    whenSigned(this.signed, () => this.#go(), this);
  }

  failed(error: HappenError): void {
    if (!this.#settled()) this.#refused(error);
  }

  #go(): void {
    if (this.#settled()) return;
    const host = this.#host;
    this.receivedAt = this.#sentAt;
    if (this.#asked) {
      const from = host.moments.at(this.#sentAt);
      this.patienceMs = this.#timeout(from);
      this.deadlineAt = from + this.patienceMs;
      if (host.latencies !== undefined) this.#since = host.latencies.now();
    }
    const local = host.localNode(this.targetId);
    this.#listen();
    if (this.#settled()) return;
    if (local !== undefined) {
      const found = local.receive(this.#forReceiver(), this.#asked ? this : undefined, this);
      if (found instanceof Delivery) {
        if (!found.ended) this.#delivery = found;
        // Given up while the handler ran its first part.
        if (this.#gaveUp) found.cancel(this.#value as HappenError);
        this.handedOver();
      } else {
        this.#refused(found);
        return;
      }
    } else if (host.remote !== undefined) {
      try {
        this.#number = host.remote.request(this);
        this.encoded = undefined;
      } catch (error) {
        this.#refused(error as HappenError);
        return;
      }
    } else {
      this.#refused(noSuchNode(this.targetId));
      return;
    }
    if (!this.#asked) this.#stopListening?.();
    if (!this.#asked || this.#settled()) return;
    this.#bucket = host.deadlines.add(this, this.deadlineAt);
  }

  #forReceiver(): Handled {
    const handled = this.#handled as Handled;
    if (!this.#copies && this.#host.isolation !== 'copy') return handled;
    const frozen = this.#host.isolation === 'freeze';
    return Array.isArray(handled)
      ? Object.freeze((handled as readonly HappenEvent[]).map((event) => copyFor(event, frozen)))
      : copyFor(handled as HappenEvent, frozen);
  }

  /** Within a flow whose time is limited, what is left of it; none of that once the flow is over or aborted. */
  #timeout(nowMs: number): number {
    const own = this.#options.timeoutMs;
    if (this.#flow === undefined || FlowRecord.isCompleted(this.#flow)) return own;
    const delivery = FlowRecord.deliveryOf(this.#flow);
    if (delivery.deadlineAt === 0 || delivery.cancelled !== undefined) return own;
    const left = delivery.deadlineAt - nowMs;
    return left > 0 ? Math.min(own, left) : own;
  }

  handedOver(): void {
    if (this.#handover !== undefined) return;
    this.#handover = 'done';
    if (this.watching !== undefined && !this.#asked) this.#endWatching(undefined, undefined);
    if (this.#receipts === undefined) return;
    const receipt = this.#receipt();
    for (const answer of this.#receipts.splice(0)) answer.settle('resolved', receipt);
  }

  undelivered(error: HappenError): void {
    this.#refused(error);
  }

  /** It could not be handed over: the asker hears of it, or whoever waits for the receipt, or `node.error`. */
  #refused(error: HappenError): void {
    const waited = this.#rejectReceipts(error);
    if (this.#asked) this.reject(error);
    else {
      this.#settle('rejected', error);
      // A receipt that was given before is no news of this.
      if (!waited) this.#report(error);
    }
  }

  /** @returns whether somebody waited for one */
  #rejectReceipts(error: HappenError): boolean {
    this.#handover = error;
    const receipts = this.#receipts;
    this.#receipts = undefined;
    if (receipts === undefined || receipts.length === 0) return false;
    for (const answer of receipts) answer.settle('rejected', error);
    return true;
  }

  // --- the way back

  resolve(value: unknown): void {
    if (this.#settled()) return;
    if (value !== undefined && this.#number === 0 && this.#host.isolation !== 'trust') {
      try {
        checkPayload(value, 'result', this.#host.limits);
        this.#settle('resolved', copyValue(value, false));
      } catch (error) {
        this.reject(error as HappenError);
      }
      return;
    }
    this.#settle('resolved', value);
  }

  stream(source: StreamSource): void {
    if (this.#settled()) {
      source.open(nobody);
      source.stop(this.#value instanceof HappenError ? this.#value : gone());
      return;
    }
    const stream = new ReceivedStream(
      this.#host,
      source,
      {
        senderId: this.#senderId,
        targetId: this.targetId,
        event: this.#first(),
        timeoutMs: this.patienceMs,
        signal: this.#options.signal,
        isOwn: this.#number !== 0,
      },
      cancelled,
    );
    this.#finalAnswersOf(stream);
    this.#settle('resolved', stream);
  }

  /** Who asked by `return` waits for the end; if nobody else has asked, nobody but us takes what comes before it. */
  #finalAnswersOf(stream: ReceivedStream): void {
    const all = this.#waiter === undefined ? [] : [this.#waiter, ...(this.#moreWaiters ?? [])];
    const final = all.filter(({ isOfEnd }) => isOfEnd);
    if (final.length === 0) return;
    const others = all.filter(({ isOfEnd }) => !isOfEnd);
    this.#waiter = others.shift();
    this.#moreWaiters = others.length === 0 ? undefined : others;
    const end = this.#waiter === undefined ? stream.drain() : stream.result;
    for (const answer of final) answer.settleWith(end);
  }

  reject(error: HappenError): void {
    if (this.#settled()) return;
    this.#host.counts.failedRequests++;
    this.#settle('rejected', error);
  }

  expire(): void {
    this.#bucket = -1;
    const timeoutMs = this.patienceMs;
    if (this.#number !== 0 && this.#host.remote?.isConnecting === true) {
      this.#giveUp(neverLeft(this.targetId, timeoutMs));
      return;
    }
    const { text, details } = refusedMeanwhile(this.#host, this.targetId, this.deadlineAt - timeoutMs);
    this.#giveUp(
      new HappenError(
        'HAPPEN_TIMEOUT',
        `Node "${this.targetId}" did not answer "${this.#first()?.type}" within ${timeoutMs} ms.${text}`,
        { details: { node: this.targetId, type: this.#first()?.type, timeoutMs, ...details } },
      ),
    );
  }

  #giveUp(error: HappenError): void {
    if (this.#settled()) return;
    this.#gaveUp = true;
    const delivery = this.#delivery;
    const number = this.#number;
    this.reject(error);
    delivery?.cancel(error);
    if (number !== 0) this.#host.remote?.cancel(number, error.code);
  }

  #listen(): void {
    const { signal } = this.#options;
    if (signal === undefined || this.#stopListening !== undefined) return;
    const abort = (): void => {
      const error = cancelled(signal.reason);
      if (this.#asked) this.#giveUp(error);
      else if (!this.#settled()) this.#refused(error);
    };
    this.#stopListening = this.#host.aborts.add(signal, abort);
  }

  #settled(): boolean {
    return this.#phase === 'resolved' || this.#phase === 'rejected';
  }

  #settle(phase: 'resolved' | 'rejected', value: unknown): void {
    this.#phase = phase;
    this.#value = value;
    this.#delivery = undefined;
    if (this.#since >= 0) this.#host.latencies?.answered(this.targetId, this.#since);
    if (this.watching !== undefined) {
      if (phase === 'resolved') this.#endWatching(value, undefined);
      else this.#endWatching(undefined, value as HappenError);
    }
    if (this.#handover === undefined && phase === 'rejected') this.#rejectReceipts(value as HappenError);
    if (this.#bucket >= 0) {
      this.#host.deadlines.remove(this, this.#bucket);
      this.#bucket = -1;
    }
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#stopDelay?.();
    this.#stopDelay = undefined;
    const { tracker } = this.#host;
    if (this.#waiter === undefined) return;
    // What follows an answer belongs to the sender's flow, not to the one that gave the answer.
    if (tracker.current() === this.#flow) this.#tell();
    else tracker.run(this.#flow, tellWaiters, this as PendingSend);
  }

  #endWatching(value: unknown, error: HappenError | undefined): void {
    const { watching } = this;
    this.watching = undefined;
    watching?.ended(this.#asked, value, error);
  }

  #tell(): void {
    const waiter = this.#waiter as DerivedAnswer;
    const phase = this.#phase as 'resolved' | 'rejected';
    this.#waiter = undefined;
    waiter.settle(phase, this.#value);
    const more = this.#moreWaiters;
    this.#moreWaiters = undefined;
    if (more !== undefined) for (const another of more) another.settle(phase, this.#value);
  }

  /** For the tracker, which takes a function without a receiver. */
  static tell(pending: PendingSend): void {
    pending.#tell();
  }

  #first(): HappenEvent | undefined {
    const handled = this.#handled;
    return (Array.isArray(handled) ? handled[0] : handled) as HappenEvent | undefined;
  }

  #receipt(): Receipt {
    return new EventReceipt(this.#first() as HappenEvent);
  }

  #report(error: HappenError): void {
    this.#host.reportFailure(error, this.#senderId, this.#first());
  }
}

const nobody: StreamConsumer = { item: () => {}, end: () => {}, fail: () => {} };

/** Whether it is not to be dispatched at once. */
export function isAhead(due: Due, clock: Clock): boolean {
  return 'afterMs' in due || due.atMs > clock.now();
}

function gone(): HappenError {
  return new HappenError('HAPPEN_CANCELLED', 'The asker waits no longer.');
}

/** The event with a payload of the receiver's own. */
export function copyFor(event: HappenEvent, frozen: boolean): HappenEvent {
  const copy: HappenEvent = { type: event.type, payload: copyValue(event.payload, frozen), context: event.context };
  return frozen ? Object.freeze(copy) : copy;
}

function callbackFailed(event: HappenEvent | undefined, cause: unknown): HappenError {
  const { message } = describeThrown(cause);
  return new HappenError(
    'HAPPEN_HANDLER_FAILED',
    `What was to follow the answer to "${event?.type}" failed: ${message}`,
    {
      cause,
    },
  );
}

function tellWaiters(pending: PendingSend): void {
  PendingSend.tell(pending);
}

function askedTooLate(event: HappenEvent | undefined): HappenError {
  return new HappenError(
    'HAPPEN_ASKED_TOO_LATE',
    `The answer to "${event?.type}" was asked for after the event had left. Await send(), or call return() on it, in the turn in which it is called.`,
    { details: { type: event?.type } },
  );
}

/** The sender's signal was aborted. */
export function cancelled(reason: unknown): HappenError {
  const why =
    reason instanceof Error || typeof reason === 'string' ? describeThrown(reason).message : 'the signal was aborted';
  return new HappenError('HAPPEN_CANCELLED', `The sender cancelled: ${why}`, { cause: reason });
}

/** The whole time was spent on waiting for a connection. */
function neverLeft(nodeId: string, timeoutMs: number): HappenError {
  return new HappenError(
    'HAPPEN_DISCONNECTED',
    `Node "${nodeId}" does not live in this process, and the transport was not connected within ${timeoutMs} ms.`,
    { details: { node: nodeId, timeoutMs } },
  );
}

/** Nobody has a node of this id. */
export function noSuchNode(id: string): HappenError {
  return new HappenError(
    'HAPPEN_NO_SUCH_NODE',
    `There is no node "${id}" that could be reached. Check the id, and that its space is this one, or is joined to it by a transport and runs.`,
    { details: { node: id } },
  );
}
