/**
 * Events that arrive from elsewhere: handed to the node they are for, and the answers sent back.
 *
 * Invariants:
 * 1. A delivery stands in `#running` from its being taken until its answer is sent, if one is awaited.
 * 2. Of one request at most one delivery runs, or one stream is open: another would take its place where it is looked for,
 *    and nobody could call it off any more.
 */
import type { HappenError } from '../errors/happen-error.js';
import { CausalRecord } from '../event/causal-record.js';
import type { HappenEvent } from '../event/event.js';
import { checkEventType } from '../event/event-type.js';
import { checkNodeId } from '../event/node-id.js';
import { withStream } from '../event/streamed-event.js';
import { fromWireEvent } from '../event/wire-event.js';
import { Delivery } from '../flow/delivery.js';
import type { Handled } from '../flow/step.js';
import type { StreamSource } from '../flow/stream-source.js';
import { Refused } from '../identity/refusal.js';
import { noSuchNode } from '../talk/send-errors.js';
import { checkHash, readEvent } from '../wire/event-encoding.js';
import type { WireLimits } from '../wire/limits.js';
import { malformed } from '../wire/malformed.js';
import type { EncodedEvent, MessageOf } from '../wire/messages.js';
import { encodePayload } from '../wire/payload-encoding.js';
import type { Scratch } from '../wire/scratch.js';
import { EventVerifying } from './event-verifying.js';
import { sendFailure } from './failure-message.js';
import type { IncomingStreams } from './incoming-streams.js';
import type { LinkCounts, LinkHost } from './link-host.js';
import type { Outbox } from './outbox.js';
import type { LinkPosted } from './publisher.js';
import type { OutgoingParts } from './outgoing-stream.js';
import type { OutgoingStreams } from './outgoing-streams.js';
import { type Answering, type Asked, RemoteReply, whyCancelled } from './remote-reply.js';
import { type FrameSource, requestKey, type Route } from './route.js';
import { monotonic } from '../ports/monotonic.js';
import { firstOf, listOf } from '../flow/handled.js';

export class Deliveries implements Answering {
  readonly #host: LinkHost;
  readonly #limits: WireLimits;
  readonly #scratch: Scratch;
  readonly #outbox: Outbox<LinkPosted>;
  readonly #streams: OutgoingStreams;
  readonly #counts: LinkCounts;
  readonly #incoming: IncomingStreams;
  readonly #canAnswer: () => boolean;
  readonly #running = new Map<string, Delivery>();
  readonly #verifying: EventVerifying | undefined;

  constructor(
    { host, limits, scratch, outbox }: OutgoingParts,
    streams: OutgoingStreams,
    incoming: IncomingStreams,
    counts: LinkCounts,
    canAnswer: () => boolean,
    refused: (refusal: Refused) => void,
  ) {
    this.#verifying =
      host.verifyEvent === undefined ? undefined : new EventVerifying(host.verifyEvent, host.clock, refused);
    this.#host = host;
    this.#limits = limits;
    this.#scratch = scratch;
    this.#outbox = outbox;
    this.#streams = streams;
    this.#counts = counts;
    this.#incoming = incoming;
    this.#canAnswer = canAnswer;
  }

  /**
   * @param group the listening node, for a broadcast
   * @throws HappenError when it can't be read, of which the asker has heard then; Refused when it holds events of another than
   *   who signed it
   */
  take(source: FrameSource, message: MessageOf<'deliver'>, group: string | undefined): void {
    const { target, request } = message;
    if (target !== undefined && this.#isRepeated(source, request)) return;
    const now = this.#host.clock.now();
    const reply =
      request === 0 || target === undefined
        ? undefined
        : new RemoteReply(this, this.#host.deadlines, {
            by: source,
            node: target,
            request,
            patienceMs: message.remainingMs,
          });
    let handled: Handled;
    try {
      handled = this.#read(message, now);
    } catch (error) {
      reply?.reject(error as HappenError);
      throw error;
    }
    if (source.node !== undefined) checkSender(handled, source);
    if (this.#verifying !== undefined) {
      const bytes = message.events.reduce((sum, event) => sum + event.bytes.length, 0);
      this.#verifying.check(
        source,
        handled,
        bytes,
        () => this.#hand(source, message, group, handled, reply, now),
        reply,
      );
      return;
    }
    this.#hand(source, message, group, handled, reply, now);
  }

  #hand(
    source: FrameSource,
    message: MessageOf<'deliver'>,
    group: string | undefined,
    handled: Handled,
    reply: RemoteReply | undefined,
    now: number,
  ): void {
    const { target, request, priority, key, dedupeKey, remainingMs } = message;
    // It may have been opened by another while this one was verified.
    if (this.#verifying !== undefined && target !== undefined && this.#isRepeated(source, request)) return;
    const node = this.#host.localNode(target ?? group ?? '');
    if (node === undefined) {
      if (target !== undefined) this.#refuse(noSuchNode(target), target, handled, reply);
      return;
    }
    let received = handled;
    if (target === undefined) {
      const event = handled as HappenEvent;
      if (!node.handles(event.type)) return;
      if (request !== 0) received = withStream(event, () => this.#subscribe(source, message, event, node.id));
    }
    this.#takeNotes(handled, target);
    const patienceMs = target === undefined ? 0 : remainingMs;
    const deadlineAt = patienceMs === 0 ? 0 : monotonic(this.#host.clock) + patienceMs;
    const terms = { receivedAt: now, deadlineAt, patienceMs, priority, key, dedupeKey };
    const found = node.receiveFromElsewhere(received, reply, terms);
    if (!(found instanceof Delivery)) {
      // Of a broadcast, only what is lost must be told: whoever does not take it was not meant.
      if (target !== undefined || found.code === 'HAPPEN_QUEUE_FULL') this.#refuse(found, node.id, handled, reply);
      return;
    }
    if (reply === undefined || found.ended || reply.answered) return;
    this.#running.set(requestKey(source, request), found);
    reply.awaits(found, deadlineAt);
  }

  /** The asker hears of it; where nobody asked, this space does. */
  #refuse(error: HappenError, nodeId: string, handled: Handled, reply: RemoteReply | undefined): void {
    if (reply === undefined) this.#host.reportFailure(error, nodeId, firstOf(handled));
    else reply.reject(error);
  }

  #isRepeated(source: FrameSource, request: number): boolean {
    if (request === 0) return false;
    const isRunning = this.#running.size > 0 && this.#running.has(requestKey(source, request));
    if (!isRunning && !this.#streams.has(source, request)) return false;
    this.#counts.repeated++;
    return true;
  }

  /** The receiver of a broadcast begins to iterate over its stream. */
  #subscribe(
    source: FrameSource,
    message: MessageOf<'deliver'>,
    event: HappenEvent,
    nodeId: string,
  ): AsyncIterator<unknown> {
    const { request, remainingMs } = message;
    return this.#host.openStream(this.#incoming.subscribe(source, nodeId, request, remainingMs), {
      senderId: nodeId,
      targetId: event.context.causal.sender,
      event,
      timeoutMs: remainingMs,
      signal: undefined,
      isOwn: true,
    });
  }

  /** The asker no longer waits, or has left the stream that is the answer. */
  cancel(source: FrameSource, request: number, reason: string): void {
    const cancel = (): void => {
      const running = this.#running.get(requestKey(source, request));
      if (running === undefined) this.#streams.stop(source, request, whyCancelled(reason));
      else running.cancel(whyCancelled(reason));
    };
    if (this.#verifying === undefined) cancel();
    else this.#verifying.behind(source, cancel);
  }

  #read(message: MessageOf<'deliver'>, now: number): Handled {
    const { batch, events, target } = message;
    if (!batch) return this.#readOne(events[0] as EncodedEvent, now);
    const read = events.map((encoded) => this.#readOne(encoded, now));
    if (target === undefined) throw malformed('schema', 'target');
    if (read.some(({ type }) => type !== read[0]?.type)) throw malformed('schema', 'events');
    return Object.freeze(read);
  }

  #readOne(encoded: EncodedEvent, now: number): HappenEvent {
    const { crypto, isolation, stampSupport } = this.#host;
    const hash = checkHash(encoded, crypto.sha256, this.#limits);
    const wire = readEvent(encoded.bytes, this.#limits, this.#scratch);
    const event = fromWireEvent(stampSupport, wire, hash, encoded.integrity, isolation, now);
    checkNames(event);
    return event;
  }

  /** Before a handler runs: a cause is known before its effects. */
  #takeNotes(handled: Handled, target: string | undefined): void {
    const { notes } = this.#host.stampSupport;
    if (notes === undefined) return;
    for (const { type, context } of listOf(handled)) {
      CausalRecord.noteReceivedIn(notes, context.causal as CausalRecord, type, target);
    }
  }

  answer(asked: Asked, value: unknown, error: HappenError | undefined): void {
    const { request } = asked;
    if (!this.#isOver(asked)) {
      this.#counts.repeated++;
      return;
    }
    if (!this.#canAnswer()) return;
    if (asked.by.node !== undefined && this.#host.localNode(asked.node) === undefined) {
      // Nobody may answer in the name of a node that is not here.
      this.#host.logger.debug(
        { err: error, node: asked.node },
        'an answer could not be signed, as its node is not there',
      );
      return;
    }
    const route = routeOf(asked);
    let failure = error;
    if (failure === undefined) {
      try {
        this.#outbox.add(
          route,
          { kind: 'reply', request, value: encodePayload(value, this.#limits, this.#scratch, 'result') },
          undefined,
        );
        return;
      } catch (cause) {
        failure = cause as HappenError;
      }
    }
    sendFailure(this.#outbox, this.#host.logger, route, failure, (wire) => ({ kind: 'failure', request, error: wire }));
  }

  answerWithStream(asked: Asked, source: StreamSource): void {
    this.#isOver(asked);
    this.#streams.start(asked, routeOf(asked), source);
  }

  /**
   * Nothing runs for the asker any more; unless this was a repetition that has been refused while the original is at work,
   * which can still be called off, and whose answer it is that counts.
   */
  #isOver(asked: Asked): boolean {
    const key = requestKey(asked.by, asked.request);
    const running = this.#running.get(key);
    if (running === undefined) return !this.#streams.has(asked.by, asked.request);
    if ((running.reply as RemoteReply).to !== asked) return false;
    this.#running.delete(key);
    return true;
  }
}

/** What no space sends must not be let in: the framework's own types, and ids that no node can have. */
function checkNames(event: HappenEvent): void {
  checkEventType(event.type);
  checkNodeId(event.context.causal.sender);
}

/** Whoever signs can say only what he himself has sent, and broadcast only what he says he does. */
function checkSender(handled: Handled, { node, to }: FrameSource): void {
  const events = listOf(handled);
  if (events.some(({ context }) => context.causal.sender !== node)) throw new Refused('sender', node);
  if (to?.kind === 'broadcast' && events[0]?.type !== to.name) throw new Refused('destination', node);
}

function routeOf({ by, node }: Asked): Route {
  return { address: { kind: 'instance', id: by.instance }, sender: node, recipient: by.node };
}
