import type { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import { withStream } from '../event/streamed-event.js';
import { Delivery } from '../flow/delivery.js';
import type { EncodedEvent } from '../wire/messages.js';
import { EventReceipt } from './event-receipt.js';
import type { Dispatched } from './dispatcher.js';
import { whenSigned } from './event-signing.js';
import type { EmissionWatching, WatchedEmission } from './emission-watching.js';
import { BroadcastStream } from './broadcast-stream.js';
import type { DeliveryTerms, LocalTarget, TalkHost } from './host.js';
import { type CheckedOptions, isAhead, noOptions, type Overflow } from './options.js';
import { ReceiptAnswer } from './receipt-answer.js';
import { ReceivedStream } from './received-stream.js';
import { copyFor } from './receivers-copy.js';
import { cancelled } from './send-errors.js';
import type { BroadcastHandle, Receipt } from './send-handle.js';

/** What few broadcasts need. It stands apart, since each field of an object costs everyone who makes one. */
class BroadcastExtras {
  encoded: EncodedEvent | undefined;
  /** When what is sent has its signature, if it does not have it yet. */
  signed: Promise<void> | undefined;
  watching: EmissionWatching | undefined;
  /** For a stream that it starts. */
  overflow: Overflow | undefined;
  /** After the first. */
  readonly moreReceipts: ReceiptAnswer[] = [];
}

/** One event on its way to everybody who listens to its type. */
export class PendingBroadcast implements BroadcastHandle, Dispatched, WatchedEmission, DeliveryTerms {
  readonly #host: TalkHost;
  readonly #senderId: string;
  #event: HappenEvent | undefined;
  #options: CheckedOptions = noOptions;
  #copies = false;
  receivedAt = 0;
  #failure: HappenError | undefined;
  #done = false;
  #receipt: ReceiptAnswer | undefined;
  #extras: BroadcastExtras | undefined;

  constructor(host: TalkHost, senderId: string) {
    this.#host = host;
    this.#senderId = senderId;
  }

  carry(event: HappenEvent, options: CheckedOptions, copies: boolean, sentAt: number): void {
    this.#event = event;
    this.#options = options;
    this.#copies = copies;
    this.receivedAt = sentAt;
  }

  /** What few broadcasts need; made when it is first asked for. */
  get extras(): BroadcastExtras {
    this.#extras ??= new BroadcastExtras();
    return this.#extras;
  }

  get watching(): EmissionWatching | undefined {
    return this.#extras?.watching;
  }

  set watching(watching: EmissionWatching | undefined) {
    this.extras.watching = watching;
  }

  get deadlineAt(): number {
    return 0;
  }

  get patienceMs(): number {
    return 0;
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

  /** Nothing can be sent. */
  failBeforehand(error: HappenError): void {
    this.#failure = error;
  }

  sent(): Promise<Receipt> {
    const receipt = new ReceiptAnswer(this, this.#host.tracker);
    if (!this.#done) {
      if (this.#receipt === undefined) this.#receipt = receipt;
      else this.extras.moreReceipts.push(receipt);
      return receipt;
    }
    return this.#failure === undefined
      ? receipt.settleLater('resolved', new EventReceipt(this.#event as HappenEvent))
      : receipt.settleLater('rejected', this.#failure);
  }

  /** A failure that nobody looks at by the next turn of the event loop is told as `node.error`. */
  unseen(answer: { readonly seen: boolean }, error: unknown): void {
    this.#host.clock.setTimer(0, () => {
      if (!answer.seen) this.#host.reportFailure(error as HappenError, this.#senderId, this.#event);
    });
  }

  dispatch(): void {
    if (this.#failure !== undefined) {
      this.#finish(this.#failure);
      return;
    }
    const { due } = this.#options;
    if (due !== undefined && isAhead(due, this.#host.clock)) {
      this.#host.delay(
        due,
        () => {
          this.receivedAt = this.#host.clock.now();
          this.#goSigned();
        },
        (error) => this.#finish(error),
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
    whenSigned(signed, () => this.#go(), this);
  }

  failed(error: HappenError): void {
    this.#finish(error);
  }

  #go(): void {
    const host = this.#host;
    const event = this.#event as HappenEvent;
    const options = this.#options;
    if (options.signal?.aborted === true) {
      this.#finish(cancelled(options.signal.reason));
      return;
    }
    const listeners = host.listeners(event.type);
    const copies = this.#copies || host.isolation === 'copy';
    const sender = host.localNode(this.#senderId);
    const stream =
      sender?.generates(event.type) === true
        ? new BroadcastStream(host, options.timeoutMs, this.#extras?.overflow ?? 'drop-oldest')
        : undefined;
    for (const listener of listeners) {
      const own = copies ? copyFor(event, host.isolation === 'freeze') : event;
      const found =
        stream === undefined
          ? listener.receive(own, undefined, this)
          : this.#receiveStream(listener, own, stream, this);
      if (!(found instanceof Delivery)) this.#refusedBy(listener.id, found);
    }
    if (host.remote !== undefined) {
      const { remote } = host;
      remote.broadcast(event, this.extras.encoded as EncodedEvent, this, (error) => this.#finish(error), stream);
      return;
    }
    if (listeners.length === 0) host.reportUnhandled(event, undefined, false);
    this.#finish(undefined);
  }

  /** The sender's own generator makes the stream, over which the other receivers can iterate. */
  #receiveStream(
    listener: LocalTarget,
    event: HappenEvent,
    stream: BroadcastStream,
    terms: DeliveryTerms,
  ): Delivery | HappenError {
    if (listener.id === this.#senderId) {
      const found = listener.receiveOwnBroadcast(event, stream, terms);
      if (!(found instanceof Delivery)) stream.noSource();
      return found;
    }
    const { timeoutMs } = stream;
    const about = {
      senderId: listener.id,
      targetId: this.#senderId,
      event,
      timeoutMs,
      signal: undefined,
      isOwn: false,
    };
    const open = (): ReceivedStream => new ReceivedStream(this.#host, stream.subscribe(), about, cancelled);
    return listener.receive(withStream(event, open), undefined, terms);
  }

  /** A node that does not accept the sender was not meant; anything else is a loss that must be told. */
  #refusedBy(nodeId: string, error: HappenError): void {
    if (
      error.code === 'HAPPEN_NOT_ACCEPTED' ||
      error.code === 'HAPPEN_DUPLICATE_EVENT' ||
      error.code === 'HAPPEN_CLOSED'
    )
      return;
    this.#host.reportFailure(error, nodeId, this.#event);
  }

  #finish(error: HappenError | undefined): void {
    if (this.#done) return;
    this.#done = true;
    this.#failure = error;
    const extras = this.#extras;
    extras?.watching?.ended(false, undefined, error);
    const first = this.#receipt;
    this.#receipt = undefined;
    if (first === undefined) {
      if (error !== undefined) this.#host.reportFailure(error, this.#senderId, this.#event);
      return;
    }
    const phase = error === undefined ? 'resolved' : 'rejected';
    const outcome = error ?? new EventReceipt(this.#event as HappenEvent);
    first.settle(phase, outcome);
    if (extras === undefined) return;
    for (const receipt of extras.moreReceipts.splice(0)) receipt.settle(phase, outcome);
  }
}
