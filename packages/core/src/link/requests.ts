/**
 * What this space sends: requests, their calling off, broadcasts; and the answers that come back.
 *
 * Invariant: a request stands in `#pending` from its sending until its answer, its failure or its giving up, and nowhere
 * else.
 */
import type { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import { toWireEvent } from '../event/wire-event.js';
import { Refused } from '../identity/refusal.js';
import type { PlacedAddress, Transport } from '../ports/transport.js';
import type { DeliveryTerms, RemoteRequest } from '../talk/host.js';
import { noSuchNode } from '../talk/send-errors.js';
import { encodeEvent } from '../wire/event-encoding.js';
import type { WireLimits } from '../wire/limits.js';
import type { EncodedEvent, MessageOf, WireError } from '../wire/messages.js';
import { decodePayload, encodePayload } from '../wire/payload-encoding.js';
import type { Scratch } from '../wire/scratch.js';
import { disconnected } from './disconnected.js';
import { failureFromWire } from './incoming-streams.js';
import type { LinkCounts, LinkHost } from './link-host.js';
import type { Outbox } from './outbox.js';
import type { LinkPosted } from './publisher.js';
import type { FrameSource, Route } from './route.js';
import { Whereabouts } from './whereabouts.js';
import { firstOf, listOf } from '../flow/handled.js';

export class Requests {
  readonly #host: LinkHost;
  readonly #transport: Transport;
  readonly #limits: WireLimits;
  readonly #scratch: Scratch;
  readonly #outbox: Outbox<LinkPosted>;
  readonly #counts: LinkCounts;
  readonly #pending = new Map<number, RemoteRequest>();
  readonly #whereabouts = new Whereabouts();
  #number = 0;
  #route: Route = { address: { kind: 'node', id: '' }, sender: '' };
  /** Whom the last route is for, by its own address. */
  #routeTarget: string | undefined;

  constructor(
    host: LinkHost,
    transport: Transport,
    limits: WireLimits,
    scratch: Scratch,
    outbox: Outbox<LinkPosted>,
    counts: LinkCounts,
  ) {
    this.#host = host;
    this.#transport = transport;
    this.#limits = limits;
    this.#scratch = scratch;
    this.#outbox = outbox;
    this.#counts = counts;
  }

  encodePayload(payload: unknown, path: string): Uint8Array {
    return encodePayload(payload, this.#limits, this.#scratch, path);
  }

  encode(event: HappenEvent, encodedPayload?: Uint8Array): EncodedEvent {
    return encodeEvent(toWireEvent(event), event.context['integrity'], this.#host.crypto.sha256, {
      limits: this.#limits,
      scratch: this.#scratch,
      encodedPayload,
    });
  }

  /** @returns the number under which an answer is awaited, 0 when none is */
  send(request: RemoteRequest): number {
    const { asked } = request;
    const events = request.encoded ?? listOf(request.handled).map((event) => this.encode(event));
    const number = asked ? ++this.#number : 0;
    const chosen = this.#choose(request);
    if (chosen !== undefined && asked) request.chosen = chosen;
    this.#add(request, number, events, chosen);
    if (number === 0) return number;
    this.#pending.set(number, request);
    // Only now: of what is not awaited it forgets where that is.
    if (chosen !== undefined) this.#whereabouts.note(number, chosen.instance, this.#pending);
    return number;
  }

  #choose(request: RemoteRequest): PlacedAddress | undefined {
    const chosen = this.#transport.addressFor?.(request.targetId, request.key ?? request.dedupeKey);
    // A signed frame says for which node it is, and has nothing in it for another.
    return chosen?.shared === true && this.#host.frameSecurity !== undefined ? undefined : chosen;
  }

  #add(
    request: RemoteRequest,
    number: number,
    events: readonly EncodedEvent[],
    chosen: PlacedAddress | undefined,
  ): void {
    const remainingMs = number === 0 ? 0 : Math.max(1, Math.ceil(request.patienceMs));
    const batch = Array.isArray(request.handled);
    const message = this.#deliver(request.targetId, events, batch, number, remainingMs, request);
    this.#outbox.add(this.#routeOf(request, chosen), message, new SentRequest(this, request, number, chosen));
  }

  /** The transport knows which instance the frame with a request has gone to: not to the chosen one, if there was one. */
  moved(request: RemoteRequest, number: number, from: string | undefined, to: string | undefined): void {
    if (number === 0) return;
    if (from !== undefined && from !== to) {
      this.#whereabouts.forget(number, from);
      request.chosen = undefined;
    }
    if (to !== undefined) this.#whereabouts.note(number, to, this.#pending);
  }

  /** The frame with a request will not be delivered. */
  lost(request: RemoteRequest, number: number, chosen: PlacedAddress | undefined, error: HappenError): void {
    if (chosen?.shared === true && error.code === 'HAPPEN_NO_SUCH_NODE') {
      this.#sendAlone(request, number, chosen);
      return;
    }
    this.#pending.delete(number);
    request.undelivered(named(request, error));
  }

  /** Nobody took what went by way of another node, so it goes by its own. */
  #sendAlone(request: RemoteRequest, number: number, { instance }: PlacedAddress): void {
    if (number !== 0) {
      if (this.#pending.get(number) !== request) return;
      this.moved(request, number, instance, undefined);
    }
    try {
      const events = request.encoded ?? listOf(request.handled).map((event) => this.encode(event));
      this.#add(request, number, events, undefined);
    } catch (error) {
      this.#pending.delete(number);
      request.undelivered(error as HappenError);
    }
  }

  /** The answer is no longer awaited. */
  cancel(number: number, reason: string): void {
    const request = this.#pending.get(number);
    if (request === undefined) return;
    this.#pending.delete(number);
    try {
      const { chosen, targetId: id } = request;
      // What the node itself has is called off there, also when that by which it came has gone.
      const own = chosen?.shared === true ? ({ kind: 'node', id, instance: chosen.instance } as const) : chosen;
      this.#outbox.add(this.#routeOf(request, own), { kind: 'cancel', request: number, reason }, undefined);
    } catch (error) {
      // Its node has been closed, and can sign nothing more; the deadline ends the flow.
      this.#host.logger.debug({ err: error }, 'a request could not be called off');
    }
  }

  /** The number of the next request, or of what answers come under as if it were one. */
  nextNumber(): number {
    return ++this.#number;
  }

  /** @param stream its number and its timeout, where the broadcast has one; 0 and 0 otherwise */
  broadcast(
    event: HappenEvent,
    encoded: EncodedEvent,
    terms: DeliveryTerms,
    posted: LinkPosted,
    stream: { readonly number: number; readonly timeoutMs: number },
  ): void {
    const { sender } = event.context.causal;
    this.#outbox.add(
      { address: { kind: 'broadcast', type: event.type, sender }, sender },
      this.#deliver(undefined, [encoded], false, stream.number, stream.timeoutMs, terms),
      posted,
    );
  }

  /** Whether an answer to it is awaited. */
  isPending(number: number): boolean {
    return this.#pending.has(number);
  }

  /**
   * Takes a request out whose answer is a stream; nothing, when nobody waits for that any more.
   *
   * @throws Refused when it is not that of the node that was asked, to the node that asked
   */
  takeForStream(source: FrameSource, number: number): RemoteRequest | undefined {
    const request = this.#pending.get(number);
    if (request === undefined) {
      this.#counts.lateReplies++;
      return undefined;
    }
    if (source.node !== undefined && !isBetween(request, source)) throw new Refused('sender', source.node);
    this.#pending.delete(number);
    return request;
  }

  /**
   * @throws HappenError when the value of the answer can't be read, of which the asker has heard then; Refused when it is not
   *   that of the node that was asked, to the node that asked
   */
  takeAnswer(source: FrameSource, message: MessageOf<'reply' | 'failure'>): void {
    const request = this.#pending.get(message.request);
    if (request === undefined) {
      this.#counts.lateReplies++;
      return;
    }
    if (source.node !== undefined && !isBetween(request, source)) throw new Refused('sender', source.node);
    const { chosen } = request;
    if (message.kind === 'failure' && chosen?.shared === true && source.instance === chosen.instance) {
      // It went by way of another node, which tells nothing of where this one is by now.
      if (isUntaken(request, message.error)) return this.#sendAlone(request, message.request, chosen);
    }
    this.#pending.delete(message.request);
    if (message.kind === 'failure') {
      request.reject(failureFromWire(message.error));
      return;
    }
    let value: unknown;
    try {
      value = decodePayload(message.value, this.#limits, this.#scratch);
    } catch (error) {
      request.reject(error as HappenError);
      throw error;
    }
    request.resolve(value);
  }

  /**
   * An instance will answer nothing any more: what it was asked fails. Unless it ended in order, and its node lives on elsewhere: it
   * has answered what it had taken, and the rest has been passed on and is answered from there, or ends by its time.
   */
  gone(instance: string, livesOn?: (nodeId: string) => boolean): void {
    for (const number of this.#whereabouts.take(instance)) {
      const request = this.#pending.get(number);
      if (request === undefined) continue;
      // What shared a frame with others was not passed on.
      if (request.chosen?.shared !== true && livesOn?.(request.targetId) === true) continue;
      this.#pending.delete(number);
      const whose = `The space that had the event for node "${request.targetId}" is gone`;
      request.reject(disconnected(`${whose}; the event may have been handled.`));
    }
  }

  /** What waits for an answer fails. */
  fail(error: HappenError): void {
    for (const request of [...this.#pending.values()]) request.reject(error);
    this.#pending.clear();
  }

  /** The same one for the same way as the last: the outbox then need not look for its lane. */
  #routeOf(request: RemoteRequest, chosen: PlacedAddress | undefined): Route {
    const { targetId } = request;
    const sender = askerOf(request);
    const last = this.#route;
    const isSame =
      last.sender === sender &&
      (chosen === undefined ? this.#routeTarget === targetId : (last.address as PlacedAddress) === chosen);
    if (isSame) return last;
    this.#route = { address: chosen ?? { kind: 'node', id: targetId }, sender };
    // What was chosen once is not chosen for the next one.
    this.#routeTarget = chosen === undefined ? targetId : undefined;
    return this.#route;
  }

  #deliver(
    target: string | undefined,
    events: readonly EncodedEvent[],
    batch: boolean,
    request: number,
    remainingMs: number,
    { priority, key, dedupeKey }: DeliveryTerms,
  ): MessageOf<'deliver'> {
    return { kind: 'deliver', target, events, batch, request, remainingMs, priority, key, dedupeKey };
  }
}

/** Which node was not there is known to the request, not to the frame that came back. */
function named(request: RemoteRequest, error: HappenError): HappenError {
  return error.code === 'HAPPEN_NO_SUCH_NODE' ? noSuchNode(request.targetId) : error;
}

/** A request in a frame. There are as many as events: three functions in place of the class would be three objects more. */
class SentRequest implements LinkPosted {
  readonly #requests: Requests;
  readonly #request: RemoteRequest;
  readonly #number: number;
  /** Where it went, if the transport has chosen that. */
  #chosen: PlacedAddress | undefined;

  constructor(requests: Requests, request: RemoteRequest, number: number, chosen: PlacedAddress | undefined) {
    this.#requests = requests;
    this.#request = request;
    this.#number = number;
    this.#chosen = chosen;
  }

  handedOver(): void {
    this.#request.handedOver();
  }

  taken(instance: string | undefined): void {
    this.#requests.moved(this.#request, this.#number, this.#chosen?.instance, instance);
    if (this.#chosen?.instance !== instance) this.#chosen = undefined;
  }

  lost(error: HappenError): void {
    this.#requests.lost(this.#request, this.#number, this.#chosen, error);
  }
}

/** Whether its node was not there, or was being closed, and so has not begun with it. */
function isUntaken({ targetId }: RemoteRequest, { code, details }: WireError): boolean {
  return code === 'HAPPEN_NO_SUCH_NODE' || (code === 'HAPPEN_CLOSED' && details?.['node'] === targetId);
}

/** The node that a request is from. */
export function askerOf({ handled }: RemoteRequest): string {
  return firstOf(handled).context.causal.sender;
}

/** Whether an answer is from the node that was asked, and meant for the one that did. */
function isBetween(request: RemoteRequest, { node, recipient }: FrameSource): boolean {
  return node === request.targetId && recipient === askerOf(request);
}
