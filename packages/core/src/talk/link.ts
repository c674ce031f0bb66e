/**
 * Joins a space to a transport: requests and replies as frames, and frames as deliveries.
 *
 * Invariants:
 * 1. A request stands in `#pending` from its sending until its answer, its failure or its giving up, and nowhere else.
 * 2. Nothing that arrives makes `#receive` throw. What can't be read is counted and dropped; if somebody waits for an answer
 *    and can be told, he is.
 * 3. Before the transport has started, frames are held, up to a bound; when the start fails, they fail.
 */
import { HappenError, isHappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import { checkEventType } from '../event/event-type.js';
import { checkNodeId } from '../event/node-id.js';
import { hex } from '../event/ids.js';
import type { Isolation } from '../event/isolation.js';
import type { StampSupport } from '../event/stamp.js';
import { fromWireEvent, toWireEvent } from '../event/wire-event.js';
import { Delivery, type ReplySink } from '../flow/delivery.js';
import type { Handled } from '../flow/step.js';
import type { Clock } from '../ports/clock.js';
import type { Crypto } from '../ports/crypto.js';
import type { Logger } from '../ports/logger.js';
import type { Address, Attachment, ConnectionStatus, Listener, Transport } from '../ports/transport.js';
import { errorFromWire, errorToWire } from '../wire/error-encoding.js';
import { decodeEvent, encodeEvent } from '../wire/event-encoding.js';
import { FrameBuilder } from '../wire/frame-builder.js';
import { decodeFrame } from '../wire/frame.js';
import type { WireLimits } from '../wire/limits.js';
import { malformed } from '../wire/malformed.js';
import type { EncodedEvent, Frame, Message } from '../wire/messages.js';
import { decodePayload, encodePayload } from '../wire/payload-encoding.js';
import { Scratch } from '../wire/scratch.js';
import type { Deadlines, Expiring } from './deadlines.js';
import type { DeliveryTerms, LocalTarget, Remote, RemoteRequest } from './host.js';
import { Outbox, type Posted } from './outbox.js';
import { noSuchNode } from './pending-send.js';
import { RepeatWindow } from './repeat-window.js';

/** A node of this space, as far as a link knows it. */
export interface LinkedNode extends LocalTarget {
  /** The patterns of broadcasts it wants. */
  interests(): readonly string[];
  /** Whether it handles a type. */
  handles(type: string): boolean;
  /** As `receive`, but closed as soon as the space is being closed: what its own flows still send is another matter. */
  receiveFromElsewhere(handled: Handled, reply: ReplySink | undefined, terms: DeliveryTerms): Delivery | HappenError;
}

/** What a link needs from its space. */
export interface LinkHost {
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly logger: Logger;
  readonly deadlines: Deadlines;
  readonly isolation: Isolation;
  readonly stampSupport: StampSupport;
  localNode(id: string): LinkedNode | undefined;
  connectionStatus(status: ConnectionStatus, reason: string | undefined): void;
  reportFailure(error: HappenError, nodeId: string, event: HappenEvent | undefined): void;
}

/** What a link counts. */
export interface LinkCounts {
  framesSent: number;
  framesReceived: number;
  /** Frames, events or replies that could not be read. */
  malformed: number;
  /** Events whose bytes are not those that were hashed. */
  hashMismatches: number;
  /** Frames that arrived a second time. */
  repeated: number;
  /** Answers that nobody waited for any more. */
  lateReplies: number;
}

type Deliver = Extract<Message, { kind: 'deliver' }>;

interface LinkPosted extends Posted {
  /** It will not be delivered. */
  lost(error: HappenError): void;
}

const mostHeldFrames = 10_000;
/** How many frame numbers are told apart, and of how many senders (for broadcasts: pairs of sender and listening node). */
const directWindow = { size: 4096, senders: 1024 };
const broadcastWindow = { size: 512, senders: 8192 };

export class Link implements Remote {
  readonly counts: LinkCounts = {
    framesSent: 0,
    framesReceived: 0,
    malformed: 0,
    hashMismatches: 0,
    repeated: 0,
    lateReplies: 0,
  };
  readonly instance: string;
  readonly #host: LinkHost;
  readonly #transport: Transport;
  readonly #limits: WireLimits;
  readonly #outbox: Outbox<LinkPosted>;
  readonly #pending = new Map<number, RemoteRequest>();
  readonly #running = new Map<string, Delivery>();
  /** What is in frames that the transport has not taken over yet. */
  readonly #publishing = new Set<readonly LinkPosted[]>();
  readonly #inFrames = new WeakMap<Uint8Array, readonly LinkPosted[]>();
  /** There is none where the transport repeats nothing. */
  readonly #repeats: { readonly direct: RepeatWindow; readonly broadcast: RepeatWindow } | undefined;
  readonly #scratch = new Scratch();
  readonly #attachments = new Map<
    string,
    { readonly node: LinkedNode; readonly direct: Attachment; listener: Listener | undefined }
  >();
  #state: 'starting' | 'started' | 'failed' | 'stopped' = 'starting';
  #held: { readonly to: Address; readonly frame: Uint8Array; readonly posted: readonly LinkPosted[] }[] = [];
  #self: Attachment | undefined;
  #sequence = 0;
  #number = 0;

  constructor(host: LinkHost, transport: Transport, instance: string, limits: WireLimits) {
    this.#host = host;
    this.#transport = transport;
    this.instance = instance;
    const maxFrameBytes = Math.min(limits.maxFrameBytes, transport.supports.maxFrameBytes);
    this.#limits = { ...limits, maxFrameBytes };
    const { duplicates, loss } = transport.supports;
    // Older than what is remembered: lost is better than twice where losses happen anyway, and only there.
    const settings = { oldIsRepeated: loss === 'possible' };
    this.#repeats =
      duplicates === 'none'
        ? undefined
        : {
            direct: new RepeatWindow({ ...directWindow, ...settings }),
            broadcast: new RepeatWindow({ ...broadcastWindow, ...settings }),
          };
    this.#outbox = new Outbox(
      () => new FrameBuilder(instance, () => ++this.#sequence, { maxFrameBytes }),
      (to, frame, posted) => this.#publish(to, frame, posted),
    );
  }

  /** Connects; the nodes that exist by then are attached, and what was held leaves. */
  async start(nodes: () => Iterable<LinkedNode>): Promise<void> {
    const { clock, logger } = this.#host;
    // Whoever listens to the connection in the turn in which the space is made hears it come up.
    await Promise.resolve();
    if (this.#state !== 'starting') return;
    try {
      await this.#transport.start({
        instance: this.instance,
        clock,
        logger,
        undeliverable: (_to, frame) => this.#undeliverable(frame),
        status: (status, reason) => this.#host.connectionStatus(status, reason),
      });
      if (this.#state === 'starting') this.#self = await this.#attachSelf();
    } catch (cause) {
      const error = isHappenError(cause)
        ? cause
        : disconnected(`The transport "${this.#transport.name}" could not be started.`, cause);
      if (this.#state === 'starting') this.#state = 'failed';
      for (const { posted } of this.#held.splice(0)) for (const one of posted) one.lost(error);
      throw error;
    }
    if (this.#state !== 'starting') {
      // Closed meanwhile: what has just come up must not stay.
      await this.#transport.stop();
      return;
    }
    this.#state = 'started';
    for (const node of nodes()) this.attach(node);
    for (const { to, frame, posted } of this.#held.splice(0)) this.#publish(to, frame, posted);
  }

  /** Ends it all: what waits for an answer fails with `error`. */
  async stop(error: HappenError): Promise<void> {
    if (this.#state === 'stopped') return;
    this.#outbox.flush();
    const hasFailed = this.#state === 'failed';
    this.#state = 'stopped';
    for (const { posted } of this.#held.splice(0)) for (const one of posted) one.lost(error);
    for (const request of [...this.#pending.values()]) request.reject(error);
    this.#pending.clear();
    for (const { direct, listener } of this.#attachments.values()) {
      direct.close();
      listener?.close();
    }
    this.#attachments.clear();
    this.#self?.close();
    try {
      if (!hasFailed) await this.#transport.stop();
    } finally {
      this.abandon(error);
    }
  }

  /** Waits no longer for what the transport has not taken over: it counts as lost. */
  abandon(error: HappenError): void {
    for (const posted of this.#publishing) for (const one of posted) one.lost(error);
    this.#publishing.clear();
  }

  /** Without an address for the answers it is of no use, and must not stay. */
  async #attachSelf(): Promise<Attachment> {
    try {
      return this.#transport.attach({ kind: 'instance', id: this.instance }, (frame) =>
        this.#receive(frame, undefined),
      );
    } catch (cause) {
      await this.#transport.stop();
      throw cause;
    }
  }

  // --- nodes

  attach(node: LinkedNode): void {
    if (this.#state !== 'started' || this.#attachments.has(node.id)) return;
    try {
      const direct = this.#transport.attach({ kind: 'node', id: node.id }, (frame) => this.#receive(frame, undefined));
      this.#attachments.set(node.id, { node, direct, listener: undefined });
    } catch (cause) {
      this.#notListening(node.id, cause);
      return;
    }
    this.interestsChanged(node);
  }

  detach(nodeId: string): void {
    const attached = this.#attachments.get(nodeId);
    this.#attachments.delete(nodeId);
    attached?.direct.close();
    attached?.listener?.close();
  }

  interestsChanged(node: LinkedNode): void {
    const attached = this.#attachments.get(node.id);
    // A closed node of the same id has nothing to say any more.
    if (attached?.node !== node) return;
    const patterns = node.interests();
    try {
      if (attached.listener !== undefined) {
        attached.listener.update(patterns).catch((cause: unknown) => this.#notListening(node.id, cause));
      } else if (patterns.length > 0) {
        attached.listener = this.#transport.listen(node.id, patterns, (frame) => this.#receive(frame, node.id));
      }
    } catch (cause) {
      this.#notListening(node.id, cause);
    }
  }

  #notListening(nodeId: string, cause: unknown): void {
    if (this.#state === 'stopped') return;
    const error = disconnected(
      `Node "${nodeId}" could not be attached to the transport "${this.#transport.name}".`,
      cause,
    );
    this.#host.reportFailure(error, nodeId, undefined);
  }

  // --- the way out

  encode(event: HappenEvent): EncodedEvent {
    return encodeEvent(toWireEvent(event), event.context['integrity'], this.#host.crypto.sha256, {
      limits: this.#limits,
      scratch: this.#scratch,
    });
  }

  request(request: RemoteRequest): number {
    this.#checkUsable();
    const { asked, targetId } = request;
    const events = request.encoded ?? listOf(request.handled).map((event) => this.encode(event));
    const number = asked ? ++this.#number : 0;
    const message = this.#deliver(targetId, events, Array.isArray(request.handled), number, request);
    this.#outbox.add({ kind: 'node', id: targetId }, message, {
      handedOver: () => request.handedOver(),
      lost: (error) => {
        this.#pending.delete(number);
        request.undelivered(named(request, error));
      },
    });
    if (number !== 0) this.#pending.set(number, request);
    return number;
  }

  cancel(number: number, reason: string): void {
    const request = this.#pending.get(number);
    if (request === undefined || !this.#pending.delete(number) || this.#state === 'stopped') return;
    this.#outbox.add({ kind: 'node', id: request.targetId }, { kind: 'cancel', request: number, reason }, undefined);
  }

  broadcast(
    event: HappenEvent,
    encoded: EncodedEvent,
    terms: DeliveryTerms,
    handedOver: (error?: HappenError) => void,
  ): void {
    try {
      this.#checkUsable();
      const address: Address = { kind: 'broadcast', type: event.type, sender: event.context.causal.sender };
      this.#outbox.add(address, this.#deliver(undefined, [encoded], false, 0, terms), { handedOver, lost: handedOver });
    } catch (error) {
      handedOver(error as HappenError);
    }
  }

  #deliver(
    target: string | undefined,
    events: readonly EncodedEvent[],
    batch: boolean,
    request: number,
    terms: DeliveryTerms,
  ): Deliver {
    const { deadlineAt, priority, key, dedupeKey } = terms;
    const remainingMs = request === 0 ? 0 : Math.max(1, Math.ceil(deadlineAt - this.#host.clock.now()));
    return { kind: 'deliver', target, events, batch, request, remainingMs, priority, key, dedupeKey };
  }

  #checkUsable(): void {
    if (this.#state === 'failed') throw disconnected(`The transport "${this.#transport.name}" could not be started.`);
    if (this.#state === 'stopped') throw new HappenError('HAPPEN_CLOSED', 'The space is closed.');
  }

  #publish(to: Address, frame: Uint8Array, posted: readonly LinkPosted[]): void {
    if (this.#state === 'starting') {
      if (this.#held.length < mostHeldFrames) this.#held.push({ to, frame, posted });
      else
        for (const one of posted)
          one.lost(disconnected('The transport is not connected yet, and too much waits for it already.'));
      return;
    }
    if (posted.length > 0) this.#inFrames.set(frame, posted);
    this.counts.framesSent++;
    if (posted.length > 0) this.#publishing.add(posted);
    this.#publishSafely(to, frame).then(
      () => {
        this.#publishing.delete(posted);
        for (const one of posted) one.handedOver();
      },
      (cause: unknown) => {
        this.#publishing.delete(posted);
        const error = isHappenError(cause)
          ? cause
          : disconnected(`The transport "${this.#transport.name}" failed.`, cause);
        for (const one of posted) one.lost(error);
        if (posted.length === 0 && this.#state === 'started')
          this.#host.logger.warn({ err: error, to }, 'a frame of answers could not be sent');
      },
    );
  }

  /** A driver that throws where it should reject is taken at its word. */
  #publishSafely(to: Address, frame: Uint8Array): Promise<void> {
    try {
      return this.#transport.publish(to, frame);
    } catch (cause) {
      return Promise.reject(cause);
    }
  }

  #undeliverable(frame: Uint8Array): void {
    for (const one of this.#inFrames.get(frame) ?? []) one.lost(noSuchNode('?'));
  }

  // --- the way in

  #receive(bytes: Uint8Array, group: string | undefined): void {
    this.counts.framesReceived++;
    try {
      const frame = decodeFrame(bytes, this.#limits);
      checkFrame(frame);
      if (frame.from === this.instance) return;
      if (this.#isRepeated(frame, group)) {
        this.counts.repeated++;
        return;
      }
      for (const message of frame.messages) this.#takeSafely(frame.from, message, group);
    } catch (error) {
      this.#unreadable(error);
    }
  }

  /** A broadcast comes once for each listening node, so each has a memory of its own for it. */
  #isRepeated({ from, sequence }: Frame, group: string | undefined): boolean {
    if (group === undefined) return this.#repeats?.direct.seen(from, sequence) === true;
    return this.#repeats?.broadcast.seen(`${from}\u0000${group}`, sequence) === true;
  }

  /** One message of a frame does not take the others with it. */
  #takeSafely(from: string, message: Message, group: string | undefined): void {
    try {
      this.#take(from, message, group);
    } catch (error) {
      this.#unreadable(error);
    }
  }

  #unreadable(error: unknown): void {
    if (isHappenError(error, 'HAPPEN_HASH_MISMATCH')) this.counts.hashMismatches++;
    else this.counts.malformed++;
    this.#host.logger.warn({ err: error }, 'something that arrived could not be read, and was dropped');
  }

  #take(from: string, message: Message, group: string | undefined): void {
    switch (message.kind) {
      case 'deliver':
        this.#takeDelivery(from, message, group);
        return;
      case 'cancel':
        this.#running.get(runningKey(from, message.request))?.cancel(whyCancelled(message.reason));
        return;
      case 'reply':
      case 'failure':
        this.#takeAnswer(message);
    }
  }

  #takeAnswer(message: Extract<Message, { kind: 'reply' | 'failure' }>): void {
    const request = this.#pending.get(message.request);
    if (request === undefined) {
      this.counts.lateReplies++;
      return;
    }
    this.#pending.delete(message.request);
    if (message.kind === 'failure') {
      const error = errorFromWire(message.error);
      request.reject(
        isHappenError(error) ? error : new HappenError('HAPPEN_HANDLER_FAILED', error.message, { cause: error }),
      );
      return;
    }
    let value: unknown;
    try {
      value = decodePayload(message.value, this.#limits, this.#scratch);
    } catch (error) {
      this.#unreadable(error);
      request.reject(error as HappenError);
      return;
    }
    request.resolve(value);
  }

  #takeDelivery(from: string, message: Deliver, group: string | undefined): void {
    const { clock, crypto, isolation, stampSupport } = this.#host;
    const now = clock.now();
    const reply =
      message.request === 0 ? undefined : new RemoteReply(this, this.#host.deadlines, from, message.request);
    let handled: Handled;
    try {
      const events = message.events.map((encoded) =>
        fromWireEvent(
          stampSupport,
          decodeEvent(encoded, crypto.sha256, this.#limits, this.#scratch),
          hex(encoded.hash),
          encoded.integrity,
          isolation,
        ),
      );
      for (const event of events) checkNames(event);
      if (message.target === undefined && (message.batch || message.request !== 0)) throw malformed('schema', 'target');
      if (events.some(({ type }) => type !== events[0]?.type)) throw malformed('schema', 'events');
      handled = message.batch ? Object.freeze(events) : (events[0] as HappenEvent);
    } catch (error) {
      this.#unreadable(error);
      reply?.reject(error as HappenError);
      return;
    }
    const node = this.#host.localNode(message.target ?? group ?? '');
    if (node === undefined) {
      reply?.reject(noSuchNode(message.target ?? ''));
      return;
    }
    if (message.target === undefined && !node.handles((handled as HappenEvent).type)) return;
    const deadlineAt = message.remainingMs === 0 ? 0 : now + message.remainingMs;
    const { priority, key, dedupeKey } = message;
    const found = node.receiveFromElsewhere(handled, reply, { receivedAt: now, deadlineAt, priority, key, dedupeKey });
    if (!(found instanceof Delivery)) {
      if (reply !== undefined) reply.reject(found);
      else if (found.code === 'HAPPEN_QUEUE_FULL') this.#host.reportFailure(found, node.id, listOf(handled)[0]);
      return;
    }
    if (reply === undefined || found.ended || reply.answered) return;
    this.#running.set(runningKey(from, message.request), found);
    reply.awaits(found, deadlineAt);
  }

  /** Sends an answer; `undefined` as `error` means that `value` is it. */
  answer(to: string, request: number, value: unknown, error: HappenError | undefined): void {
    this.#running.delete(runningKey(to, request));
    if (this.#state !== 'started') return;
    const address: Address = { kind: 'instance', id: to };
    let failure = error;
    if (failure === undefined) {
      try {
        this.#outbox.add(
          address,
          { kind: 'reply', request, value: encodePayload(value, this.#limits, this.#scratch, 'result') },
          undefined,
        );
        return;
      } catch (cause) {
        failure = cause as HappenError;
      }
    }
    const whole = errorToWire(failure);
    // Too long for a frame of this transport: what happened still gets through, in short.
    const short = {
      name: whole.name,
      message: whole.message.slice(0, 128),
      code: whole.code,
      details: undefined,
      cause: undefined,
    };
    for (const error of [whole, short]) {
      try {
        this.#outbox.add(address, { kind: 'failure', request, error }, undefined);
        return;
      } catch (cause) {
        this.#host.logger.error({ err: cause, to }, 'a failure could not be reported to its asker in full');
      }
    }
  }
}

/** Where the outcome of a request from elsewhere goes. It aborts the flow at the deadline, should the asker be gone. */
class RemoteReply implements ReplySink, Expiring {
  readonly #link: Link;
  readonly #deadlines: Deadlines;
  readonly #to: string;
  readonly #request: number;
  #delivery: Delivery | undefined;
  #bucket = -1;
  answered = false;

  constructor(link: Link, deadlines: Deadlines, to: string, request: number) {
    this.#link = link;
    this.#deadlines = deadlines;
    this.#to = to;
    this.#request = request;
  }

  awaits(delivery: Delivery, deadlineAt: number): void {
    this.#delivery = delivery;
    if (deadlineAt > 0) this.#bucket = this.#deadlines.add(this, deadlineAt);
  }

  expire(): void {
    this.#bucket = -1;
    this.#delivery?.cancel(whyCancelled('HAPPEN_TIMEOUT'));
  }

  resolve(value: unknown): void {
    this.#answer(value, undefined);
  }

  reject(error: HappenError): void {
    this.#answer(undefined, error);
  }

  #answer(value: unknown, error: HappenError | undefined): void {
    if (this.answered) return;
    this.answered = true;
    if (this.#bucket >= 0) this.#deadlines.remove(this, this.#bucket);
    this.#bucket = -1;
    this.#delivery = undefined;
    this.#link.answer(this.#to, this.#request, value, error);
  }
}

/** What no space makes: another kind of instance id, or a frame without messages. */
function checkFrame({ from, messages }: Frame): void {
  if (!/^[0-9a-f]{32}$/.test(from)) throw malformed('schema', 'from');
  if (messages.length === 0) throw malformed('schema', 'messages');
}

/** What no space sends must not be let in: the framework's own types, and ids that no node can have. */
function checkNames(event: HappenEvent): void {
  checkEventType(event.type);
  checkNodeId(event.context.causal.sender);
}

/** Which node was not there is known to the request, not to the frame that came back. */
function named(request: RemoteRequest, error: HappenError): HappenError {
  return error.code === 'HAPPEN_NO_SUCH_NODE' ? noSuchNode(request.targetId) : error;
}

/** What the flow of an asker who no longer waits is told: the same as if he were in its process. */
function whyCancelled(reason: string): HappenError {
  return reason === 'HAPPEN_TIMEOUT'
    ? new HappenError('HAPPEN_TIMEOUT', 'The time of the asker is over.')
    : new HappenError('HAPPEN_CANCELLED', `The asker gave up: ${reason}`);
}

function runningKey(from: string, request: number): string {
  return `${request}\u0000${from}`;
}

function listOf(handled: Handled): readonly HappenEvent[] {
  return Array.isArray(handled) ? (handled as readonly HappenEvent[]) : [handled as HappenEvent];
}

function disconnected(message: string, cause?: unknown): HappenError {
  return new HappenError('HAPPEN_DISCONNECTED', message, cause === undefined ? {} : { cause });
}
