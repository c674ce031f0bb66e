/**
 * Joins a space to a transport: requests and replies as frames, and frames as deliveries. Each of its parts has a file of its
 * own; here they are put together, started and stopped.
 */
import { type HappenError, isHappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import { frameRefusals, type Refused } from '../identity/refusal.js';
import type { Attachment, Transport } from '../ports/transport.js';
import type { BroadcastStream } from '../talk/broadcast-stream.js';
import type { DeliveryTerms, Remote, RemoteRequest } from '../talk/host.js';
import { FrameBuilder } from '../wire/frame-builder.js';
import type { WireLimits } from '../wire/limits.js';
import type { EncodedEvent, Message } from '../wire/messages.js';
import { Scratch } from '../wire/scratch.js';
import { Attachments } from './attachments.js';
import { BroadcastStreams } from './broadcast-streams.js';
import { Deliveries } from './deliveries.js';
import { disconnected } from './disconnected.js';
import type { LinkCounts, LinkedNode, LinkHost } from './link-host.js';
import { IncomingStreams } from './incoming-streams.js';
import { Outbox } from './outbox.js';
import { OutgoingStreams } from './outgoing-streams.js';
import { type LinkPosted, Publisher } from './publisher.js';
import { Receiver } from './receiver.js';
import { askerOf, Requests } from './requests.js';
import type { Arrival, FrameSource } from './route.js';
import { Sealer } from './sealer.js';

export class Link implements Remote {
  readonly counts: LinkCounts = {
    framesSent: 0,
    framesReceived: 0,
    malformed: 0,
    hashMismatches: 0,
    repeated: 0,
    lateReplies: 0,
    strayStreamMessages: 0,
    refused: Object.fromEntries(frameRefusals.map((reason) => [reason, 0])) as LinkCounts['refused'],
  };
  readonly instance: string;
  readonly #host: LinkHost;
  readonly #transport: Transport;
  readonly #outbox: Outbox<LinkPosted>;
  readonly #publisher: Publisher;
  readonly #receiver: Receiver;
  readonly #requests: Requests;
  readonly #deliveries: Deliveries;
  readonly #incoming: IncomingStreams;
  readonly #outgoing: OutgoingStreams;
  readonly #broadcasts: BroadcastStreams;
  readonly #attachments: Attachments;
  readonly #here: Arrival;
  #self: Attachment | undefined;
  #sequence = 0;

  constructor(host: LinkHost, transport: Transport, instance: string, limits: WireLimits) {
    this.#host = host;
    this.#transport = transport;
    this.instance = instance;
    const maxFrameBytes = Math.min(limits.maxFrameBytes, transport.supports.maxFrameBytes);
    const ownLimits = { ...limits, maxFrameBytes };
    const { counts } = this;
    const { logger, frameSecurity } = host;
    this.#here = { kind: 'instance', id: instance };
    const scratch = new Scratch();
    const frameScratch = new Scratch();
    const publisher = new Publisher(transport, counts, logger);
    const outbox = new Outbox<LinkPosted>(
      (room) =>
        new FrameBuilder(instance, () => ++this.#sequence, { maxFrameBytes: maxFrameBytes - room }, frameScratch),
      (to, frame, posted, seals) => publisher.publish(to, frame, posted, seals),
      frameSecurity === undefined ? undefined : new Sealer(host),
    );
    this.#publisher = publisher;
    this.#outbox = outbox;
    this.#requests = new Requests(host, transport, ownLimits, scratch, outbox, counts);
    const parts = { host, limits: ownLimits, scratch, outbox, counts };
    this.#incoming = new IncomingStreams(parts, () => this.#requests.nextNumber());
    this.#outgoing = new OutgoingStreams(parts);
    this.#broadcasts = new BroadcastStreams(parts, this.#outgoing);
    const canAnswer = (): boolean => publisher.state === 'started';
    const refused = (refusal: Refused): void => this.#receiver.refused(refusal);
    this.#deliveries = new Deliveries(parts, this.#outgoing, this.#incoming, counts, canAnswer, refused);
    this.#receiver = new Receiver(host, instance, ownLimits, transport.supports, counts, (source, message, group) =>
      this.#take(source, message, group),
    );
    this.#attachments = new Attachments(host, transport, (frame, arrival) => this.#receiver.receive(frame, arrival));
  }

  /** Connects; the nodes that exist by then are attached, and what was held leaves. */
  async start(nodes: () => Iterable<LinkedNode>): Promise<void> {
    const { clock, logger } = this.#host;
    const publisher = this.#publisher;
    // Whoever listens to the connection in the turn in which the space is made hears it come up.
    await Promise.resolve();
    if (publisher.state !== 'starting') return;
    try {
      await this.#transport.start({
        instance: this.instance,
        clock,
        logger,
        undeliverable: (_to, frame) => publisher.undeliverable(frame),
        status: (status, reason) => this.#host.connectionStatus(status, reason),
        taken: (frame, instance) => publisher.taken(frame, instance),
        unclaimed: (to, frame) => this.#receiver.receive(frame, to),
        gone: (instance, livesOn) => this.#gone(instance, livesOn),
        conflict: (nodeId, instance) => this.#host.nodeConflict(nodeId, instance),
      });
      if (publisher.state === 'starting') this.#self = await this.#attachSelf();
    } catch (cause) {
      const error = isHappenError(cause)
        ? cause
        : disconnected(`The transport "${this.#transport.name}" could not be started.`, cause);
      publisher.startFailed(error);
      throw error;
    }
    if (publisher.state !== 'starting') {
      // Closed meanwhile: what has just come up must not stay.
      await this.#transport.stop();
      return;
    }
    publisher.started();
    for (const node of nodes()) this.attach(node);
    publisher.release();
    await this.#transport.settled?.();
  }

  /** Ends it all: what waits for an answer fails with `error`. */
  async stop(error: HappenError): Promise<void> {
    const { state } = this.#publisher;
    if (state === 'stopped') return;
    this.#broadcasts.close();
    this.#outgoing.failAll(error);
    this.#incoming.failAll(error);
    this.#outbox.flush();
    this.#publisher.stop(error);
    this.#requests.fail(error);
    this.#attachments.close();
    this.#self?.close();
    const { signing } = this.#publisher;
    if (signing !== undefined) await signing;
    try {
      if (state !== 'failed') await this.#transport.stop();
    } finally {
      this.abandon(error);
    }
  }

  /** Waits no longer for what the transport has not taken over: it counts as lost. */
  abandon(error: HappenError): void {
    this.#publisher.abandon(error);
  }

  attach(node: LinkedNode): void {
    if (this.#publisher.state === 'started') this.#attachments.attach(node);
  }

  yield(nodeId: string): void {
    this.#attachments.yield(nodeId);
  }

  detach(nodeId: string): void {
    this.#attachments.detach(nodeId);
  }

  interestsChanged(node: LinkedNode): void {
    this.#attachments.interestsChanged(node);
  }

  encodePayload(payload: unknown, path: string): Uint8Array {
    return this.#requests.encodePayload(payload, path);
  }

  encode(event: HappenEvent, encodedPayload?: Uint8Array): EncodedEvent {
    return this.#requests.encode(event, encodedPayload);
  }

  request(request: RemoteRequest): number {
    this.#publisher.checkUsable();
    return this.#requests.send(request);
  }

  cancel(number: number, reason: string): void {
    if (this.#publisher.state !== 'stopped') this.#requests.cancel(number, reason);
  }

  broadcast(
    event: HappenEvent,
    encoded: EncodedEvent,
    terms: DeliveryTerms,
    handedOver: (error?: HappenError) => void,
    stream?: BroadcastStream,
  ): void {
    try {
      this.#publisher.checkUsable();
      const number = stream === undefined ? 0 : this.#requests.nextNumber();
      const timeoutMs = stream?.timeoutMs ?? 0;
      this.#requests.broadcast(event, encoded, terms, { handedOver, lost: handedOver }, { number, timeoutMs });
      if (stream !== undefined) this.#broadcasts.offer(number, event.context.causal.sender, stream);
    } catch (error) {
      handedOver(error as HappenError);
    }
  }

  refusedAnswer(nodeId: string, since: number): string | undefined {
    return this.#receiver.refusedAnswers?.of(nodeId, since);
  }

  #take(source: FrameSource, message: Message, group: string | undefined): void {
    switch (message.kind) {
      case 'deliver':
        this.#deliveries.take(source, message, group);
        return;
      case 'cancel':
        this.#deliveries.cancel(source, message.request, message.reason);
        return;
      case 'reply':
      case 'failure':
        this.#requests.takeAnswer(source, message);
        return;
      case 'stream':
        this.#takeStream(source, message.request);
        return;
      case 'broken':
        // It may have overtaken the beginning of the stream.
        if (this.#requests.isPending(message.request))
          this.#requests.takeAnswer(source, { ...message, kind: 'failure' });
        else this.#incoming.take(source, message);
        return;
      case 'subscribe':
        this.#broadcasts.subscribe(source, message.request, message.stream);
        return;
      case 'items':
      case 'end':
      case 'dropped':
        this.#incoming.take(source, message);
        return;
      case 'credit':
        if (!this.#outgoing.credit(source, message.request, message.items, message.bytes))
          this.counts.strayStreamMessages++;
    }
  }

  /** The answer to a request is a stream. */
  #takeStream(source: FrameSource, number: number): void {
    if (this.#incoming.has(source, number)) {
      this.counts.repeated++;
      return;
    }
    const request = this.#requests.takeForStream(source, number);
    if (request?.stream !== undefined) {
      request.stream(this.#incoming.add(source, askerOf(request), number, request.patienceMs));
      return;
    }
    // Nobody waits for it: whoever makes it need not find out by waiting himself.
    this.#incoming.decline(source, number);
  }

  #gone(instance: string, livesOn: ((nodeId: string) => boolean) | undefined): void {
    this.#requests.gone(instance, livesOn);
    const reason = disconnected('The space on the other side of the stream is gone.');
    this.#incoming.gone(instance, reason);
    this.#outgoing.gone(instance, reason);
  }

  /** Without an address for the answers it is of no use, and must not stay. */
  async #attachSelf(): Promise<Attachment> {
    try {
      return this.#transport.attach({ kind: 'instance', id: this.instance }, (frame) =>
        this.#receiver.receive(frame, this.#here),
      );
    } catch (cause) {
      await this.#transport.stop();
      throw cause;
    }
  }
}
