/**
 * Events that arrive from elsewhere: handed to the node they are for, and the answers sent back.
 *
 * Invariant: a delivery stands in `#running` from its being taken until its answer is sent, if one is awaited.
 */
import type { HappenError } from '../errors/happen-error.js';
import { CausalRecord } from '../event/causal-record.js';
import type { HappenEvent } from '../event/event.js';
import { checkEventType } from '../event/event-type.js';
import { hex } from '../event/ids.js';
import { checkNodeId } from '../event/node-id.js';
import { fromWireEvent } from '../event/wire-event.js';
import { Delivery } from '../flow/delivery.js';
import type { Handled } from '../flow/step.js';
import { Refused } from '../identity/refusal.js';
import { noSuchNode } from '../talk/pending-send.js';
import { errorToWire } from '../wire/error-encoding.js';
import { decodeEvent } from '../wire/event-encoding.js';
import type { WireLimits } from '../wire/limits.js';
import { malformed } from '../wire/malformed.js';
import type { Message } from '../wire/messages.js';
import { encodePayload } from '../wire/payload-encoding.js';
import type { Scratch } from '../wire/scratch.js';
import type { LinkHost } from './link-host.js';
import type { Outbox } from './outbox.js';
import type { LinkPosted } from './publisher.js';
import { type Asked, RemoteReply, type SendAnswer, whyCancelled } from './remote-reply.js';
import type { FrameSource, Route } from './route.js';

type Deliver = Extract<Message, { kind: 'deliver' }>;

export class Deliveries {
  readonly #host: LinkHost;
  readonly #limits: WireLimits;
  readonly #scratch: Scratch;
  readonly #outbox: Outbox<LinkPosted>;
  readonly #canAnswer: () => boolean;
  readonly #running = new Map<string, Delivery>();

  constructor(
    host: LinkHost,
    limits: WireLimits,
    scratch: Scratch,
    outbox: Outbox<LinkPosted>,
    canAnswer: () => boolean,
  ) {
    this.#host = host;
    this.#limits = limits;
    this.#scratch = scratch;
    this.#outbox = outbox;
    this.#canAnswer = canAnswer;
  }

  /**
   * @param group the listening node, for a broadcast
   * @throws HappenError when it can't be read, of which the asker has heard then; Refused when it holds events of another than
   *   who signed it
   */
  take(source: FrameSource, message: Deliver, group: string | undefined): void {
    const now = this.#host.clock.now();
    const { target, request, priority, key, dedupeKey } = message;
    const reply =
      request === 0
        ? undefined
        : new RemoteReply(this.#answer, this.#host.deadlines, { by: source, node: target ?? '', request });
    let handled: Handled;
    try {
      handled = this.#read(message, now);
    } catch (error) {
      reply?.reject(error as HappenError);
      throw error;
    }
    if (source.node !== undefined) checkSender(handled, source);
    const node = this.#host.localNode(target ?? group ?? '');
    if (node === undefined) {
      reply?.reject(noSuchNode(target ?? ''));
      return;
    }
    if (target === undefined && !node.handles((handled as HappenEvent).type)) return;
    this.#takeNotes(handled, target);
    const deadlineAt = message.remainingMs === 0 ? 0 : now + message.remainingMs;
    const found = node.receiveFromElsewhere(handled, reply, { receivedAt: now, deadlineAt, priority, key, dedupeKey });
    if (!(found instanceof Delivery)) {
      if (reply !== undefined) reply.reject(found);
      else if (found.code === 'HAPPEN_QUEUE_FULL') this.#host.reportFailure(found, node.id, firstOf(handled));
      return;
    }
    if (reply === undefined || found.ended || reply.answered) return;
    this.#running.set(runningKey(source, request), found);
    reply.awaits(found, deadlineAt);
  }

  /** The asker no longer waits. */
  cancel(source: FrameSource, request: number, reason: string): void {
    this.#running.get(runningKey(source, request))?.cancel(whyCancelled(reason));
  }

  #read(message: Deliver, now: number): Handled {
    const { crypto, isolation, stampSupport } = this.#host;
    const events = message.events.map((encoded) =>
      fromWireEvent(
        stampSupport,
        decodeEvent(encoded, crypto.sha256, this.#limits, this.#scratch),
        hex(encoded.hash),
        encoded.integrity,
        isolation,
        now,
      ),
    );
    for (const event of events) checkNames(event);
    if (message.target === undefined && (message.batch || message.request !== 0)) throw malformed('schema', 'target');
    if (events.some(({ type }) => type !== events[0]?.type)) throw malformed('schema', 'events');
    return message.batch ? Object.freeze(events) : (events[0] as HappenEvent);
  }

  /** Before a handler runs: a cause is known before its effects. */
  #takeNotes(handled: Handled, target: string | undefined): void {
    const { notes } = this.#host.stampSupport;
    if (notes === undefined) return;
    for (const { type, context } of Array.isArray(handled) ? handled : [handled as HappenEvent]) {
      CausalRecord.noteReceivedIn(notes, context.causal as CausalRecord, type, target);
    }
  }

  readonly #answer: SendAnswer = (asked, value, error) => {
    const { request } = asked;
    this.#running.delete(runningKey(asked.by, request));
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
    this.#sendFailure(route, request, failure);
  };

  #sendFailure(route: Route, request: number, failure: HappenError): void {
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
        this.#outbox.add(route, { kind: 'failure', request, error }, undefined);
        return;
      } catch (cause) {
        this.#host.logger.error(
          { err: cause, to: route.address },
          'a failure could not be reported to its asker in full',
        );
      }
    }
  }
}

/** What no space sends must not be let in: the framework's own types, and ids that no node can have. */
function checkNames(event: HappenEvent): void {
  checkEventType(event.type);
  checkNodeId(event.context.causal.sender);
}

/** Whoever signs can say only what he himself has sent, and broadcast only what he says he does. */
function checkSender(handled: Handled, { node, to }: FrameSource): void {
  const events = Array.isArray(handled) ? (handled as readonly HappenEvent[]) : [handled as HappenEvent];
  if (events.some(({ context }) => context.causal.sender !== node)) throw new Refused('sender', node);
  if (to?.kind === 'broadcast' && events[0]?.type !== to.name) throw new Refused('destination', node);
}

function routeOf({ by, node }: Asked): Route {
  return { address: { kind: 'instance', id: by.instance }, sender: node, recipient: by.node };
}

/** A signed request can be called off only by the node that made it. */
function runningKey({ instance, node }: FrameSource, request: number): string {
  return node === undefined ? `${request}\u0000${instance}` : `${request}\u0000${instance}\u0000${node}`;
}

function firstOf(handled: Handled): HappenEvent | undefined {
  return Array.isArray(handled) ? handled[0] : (handled as HappenEvent);
}
