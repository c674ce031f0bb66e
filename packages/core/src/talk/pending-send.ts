/**
 * One event (or batch) on its way to one node, and the answer on its way back: what `send` returns.
 *
 * Invariants:
 * 1. Whether an answer is wanted is fixed at the dispatch. Asking later is an error, wherever the target lives.
 * 2. It is settled once; what comes after that (a late reply, a second timeout) changes nothing.
 * 3. While an answer is awaited it stands in the deadlines; when it is settled it stands nowhere: not in the deadlines, not
 *    among the listeners of the caller's signal.
 */
import { HappenError, isHappenError } from '../errors/happen-error.js';
import type { Answer, Final, Yielded } from '../event/event-map.js';
import type { HappenEvent } from '../event/event.js';
import { Delivery } from '../flow/delivery.js';
import { FlowRecord } from '../flow/flow-record.js';
import type { Handled } from '../flow/step.js';
import type { StreamConsumer, StreamSource } from '../flow/stream-source.js';
import type { PlacedAddress } from '../ports/transport.js';
import type { EncodedEvent } from '../wire/messages.js';
import { AnswerIterator } from './answer-iterator.js';
import { checkedCopy } from './checked-copy.js';
import type { Expiring } from './deadlines.js';
import { AnswerOfEnd, DerivedAnswer } from './derived-answer.js';
import { EventReceipt } from './event-receipt.js';
import type { Dispatched } from './dispatcher.js';
import { whenSigned } from './event-signing.js';
import type { EmissionWatching, WatchedEmission } from './emission-watching.js';
import type { RemoteRequest, TalkHost } from './host.js';
import { type CheckedOptions, isAhead, noOptions } from './options.js';
import { ReceiptAnswer } from './receipt-answer.js';
import { ReceivedStream } from './received-stream.js';
import { copyHandled } from './receivers-copy.js';
import { refusedMeanwhile } from './refused-meanwhile.js';
import { askedTooLate, callbackFailed, cancelled, gone, neverLeft, noAnswer, noSuchNode } from './send-errors.js';
import { SendExtras } from './send-extras.js';
import type { Receipt, SendHandle } from './send-handle.js';
import { firstOf } from '../flow/handled.js';

type Phase = 'open' | 'dispatched' | 'resolved' | 'rejected';

export class PendingSend<R = unknown> implements SendHandle<R>, Dispatched, Expiring, RemoteRequest, WatchedEmission {
  readonly #host: TalkHost;
  readonly #senderId: string;
  readonly targetId: string;
  readonly #flow: FlowRecord | undefined;
  #options: CheckedOptions = noOptions;
  #handled: Handled | undefined;
  #copies = false;
  #phase: Phase = 'open';
  #asked = false;
  #value: unknown;
  #waiter: DerivedAnswer | undefined;
  #handover: HappenError | 'done' | undefined;
  #bucket = -1;
  #delivery: Delivery | undefined;
  receivedAt = 0;
  deadlineAt = 0;
  patienceMs = 0;
  #extras: SendExtras | undefined;

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
    this.receivedAt = sentAt;
  }

  /** Nothing can be sent: the error goes where the answer would have gone. */
  failBeforehand(error: HappenError): void {
    this.#value = error;
    this.#handover = error;
  }

  #withExtras(): SendExtras {
    this.#extras ??= new SendExtras();
    return this.#extras;
  }

  get encoded(): readonly EncodedEvent[] | undefined {
    return this.#extras?.encoded;
  }

  set encoded(events: readonly EncodedEvent[]) {
    this.#withExtras().encoded = events;
  }

  get chosen(): PlacedAddress | undefined {
    return this.#extras?.chosen;
  }

  set chosen(address: PlacedAddress | undefined) {
    this.#withExtras().chosen = address;
  }

  set signed(done: Promise<void> | undefined) {
    this.#withExtras().signed = done;
  }

  get watching(): EmissionWatching | undefined {
    return this.#extras?.watching;
  }

  set watching(watching: EmissionWatching | undefined) {
    this.#withExtras().watching = watching;
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
      (this.#withExtras().moreWaiters ??= []).push(answer as DerivedAnswer);
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
    return this.#ask(new AnswerOfEnd<unknown>(callback, undefined, this));
  }

  [Symbol.asyncIterator](): AsyncIterator<Yielded<R>, Final<R>> {
    return new AnswerIterator(this.then(), this.#first()?.type);
  }

  sent(): Promise<Receipt> {
    const receipt = new ReceiptAnswer(this, this.#host.tracker);
    if (this.#handover === undefined || this.#phase === 'open') {
      (this.#withExtras().receipts ??= []).push(receipt);
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
      this.#withExtras().stopDelay = this.#host.delay(
        due,
        () => {
          this.receivedAt = this.#host.clock.now();
          this.#goSigned();
        },
        (error) => this.#refused(error),
      );
    } else {
      this.#goSigned();
    }
  }

  #goSigned(): void {
    const signed = this.#extras?.signed;
    if (signed === undefined) {
      this.#go();
      return;
    }
    this.#listen();
    whenSigned(signed, () => this.#go(), this);
  }

  failed(error: HappenError): void {
    if (!this.#settled()) this.#refused(error);
  }

  #go(): void {
    if (this.#settled()) return;
    const host = this.#host;
    if (this.#asked) {
      const from = host.moments.at(this.receivedAt);
      this.patienceMs = this.#timeout(from);
      this.deadlineAt = from + this.patienceMs;
      if (host.latencies !== undefined) this.#withExtras().since = host.latencies.now();
    }
    const local = host.localNode(this.targetId);
    this.#listen();
    if (this.#settled()) return;
    if (local !== undefined) {
      const found = local.receive(this.#forReceiver(), this.#asked ? this : undefined, this);
      if (found instanceof Delivery) {
        if (!found.ended) this.#delivery = found;
        // Given up while the handler ran its first part.
        if (this.#extras?.gaveUp === true) found.cancel(this.#value as HappenError);
        this.handedOver();
      } else {
        this.#refused(found);
        return;
      }
    } else if (host.remote !== undefined) {
      try {
        const extras = this.#withExtras();
        extras.number = host.remote.request(this);
        extras.encoded = undefined;
      } catch (error) {
        this.#refused(error as HappenError);
        return;
      }
    } else {
      this.#refused(noSuchNode(this.targetId));
      return;
    }
    if (!this.#asked) this.#extras?.stopListening?.();
    if (!this.#asked || this.#settled()) return;
    this.#bucket = host.deadlines.add(this, this.deadlineAt);
  }

  #forReceiver(): Handled {
    const handled = this.#handled as Handled;
    if (!this.#copies && this.#host.isolation !== 'copy') return handled;
    return copyHandled(handled, this.#host.isolation === 'freeze');
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
    const extras = this.#extras;
    if (extras === undefined) return;
    if (extras.watching !== undefined && !this.#asked) this.#endWatching(undefined, undefined);
    const { receipts } = extras;
    if (receipts === undefined) return;
    const receipt = this.#receipt();
    for (const answer of receipts.splice(0)) answer.settle('resolved', receipt);
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
    const receipts = this.#extras?.receipts;
    if (receipts === undefined || receipts.length === 0) return false;
    for (const answer of receipts.splice(0)) answer.settle('rejected', error);
    return true;
  }

  // --- the way back

  resolve(value: unknown): void {
    if (this.#settled()) return;
    if (value !== undefined && this.#host.isolation !== 'trust' && this.#number === 0) {
      try {
        this.#settle('resolved', checkedCopy(value, 'result', this.#host.limits));
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
    const all = this.#waiter === undefined ? [] : [this.#waiter, ...(this.#extras?.moreWaiters ?? [])];
    const final = all.filter(({ isOfEnd }) => isOfEnd);
    if (final.length === 0) return;
    const others = all.filter(({ isOfEnd }) => !isOfEnd);
    this.#waiter = others.shift();
    if (this.#extras !== undefined) this.#extras.moreWaiters = others;
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
    if (this.#number !== 0 && this.#handover === undefined) {
      this.#giveUp(neverLeft(this.targetId, timeoutMs));
      return;
    }
    const { text, details } = refusedMeanwhile(this.#host, this.targetId, this.deadlineAt - timeoutMs);
    this.#giveUp(noAnswer(this.targetId, this.#first()?.type, timeoutMs, text, details));
  }

  #giveUp(error: HappenError): void {
    if (this.#settled()) return;
    this.#withExtras().gaveUp = true;
    const delivery = this.#delivery;
    const number = this.#number;
    this.reject(error);
    delivery?.cancel(error);
    if (number !== 0) this.#host.remote?.cancel(number, error.code);
  }

  #listen(): void {
    const { signal } = this.#options;
    if (signal === undefined || this.#extras?.stopListening !== undefined) return;
    const abort = (): void => {
      const error = cancelled(signal.reason);
      if (this.#asked) this.#giveUp(error);
      else if (!this.#settled()) this.#refused(error);
    };
    this.#withExtras().stopListening = this.#host.aborts.add(signal, abort);
  }

  /** Under which the link knows it; 0 within the process. */
  get #number(): number {
    return this.#extras?.number ?? 0;
  }

  #settled(): boolean {
    return this.#phase === 'resolved' || this.#phase === 'rejected';
  }

  #settle(phase: 'resolved' | 'rejected', value: unknown): void {
    this.#phase = phase;
    this.#value = value;
    this.#delivery = undefined;
    const extras = this.#extras;
    if (extras !== undefined) {
      if (extras.since >= 0) this.#host.latencies?.answered(this.targetId, extras.since);
      if (extras.watching !== undefined) {
        if (phase === 'resolved') this.#endWatching(value, undefined);
        else this.#endWatching(undefined, value as HappenError);
      }
    }
    if (this.#handover === undefined && phase === 'rejected') this.#rejectReceipts(value as HappenError);
    if (this.#bucket >= 0) {
      this.#host.deadlines.remove(this, this.#bucket);
      this.#bucket = -1;
    }
    if (extras !== undefined) {
      extras.stopListening?.();
      extras.stopListening = undefined;
      extras.stopDelay?.();
      extras.stopDelay = undefined;
    }
    const { tracker } = this.#host;
    if (this.#waiter === undefined) return;
    // What follows an answer belongs to the sender's flow, not to the one that gave the answer.
    if (tracker.current() === this.#flow) this.#tell();
    else tracker.run(this.#flow, tellWaiters, this as PendingSend);
  }

  #endWatching(value: unknown, error: HappenError | undefined): void {
    const extras = this.#extras as SendExtras;
    const { watching } = extras;
    extras.watching = undefined;
    watching?.ended(this.#asked, value, error);
  }

  #tell(): void {
    const waiter = this.#waiter as DerivedAnswer;
    const phase = this.#phase as 'resolved' | 'rejected';
    this.#waiter = undefined;
    waiter.settle(phase, this.#value);
    const more = this.#extras?.moreWaiters;
    if (more !== undefined) for (const another of more.splice(0)) another.settle(phase, this.#value);
  }

  /** For the tracker, which takes a function without a receiver. */
  static tell(pending: PendingSend): void {
    pending.#tell();
  }

  #first(): HappenEvent | undefined {
    const handled = this.#handled;
    return handled && firstOf(handled);
  }

  #receipt(): Receipt {
    return new EventReceipt(this.#first() as HappenEvent);
  }

  #report(error: HappenError): void {
    this.#host.reportFailure(error, this.#senderId, this.#first());
  }
}

const nobody: StreamConsumer = { item: () => {}, end: () => {}, fail: () => {} };

function tellWaiters(pending: PendingSend): void {
  PendingSend.tell(pending);
}
