/** The streams that this space makes for consumers elsewhere, by consumer and number. */
import { HappenError } from '../errors/happen-error.js';
import type { StreamConsumer, StreamSource } from '../flow/stream-source.js';
import { sendFailure } from './failure-message.js';
import { type OutgoingParts, OutgoingStream } from './outgoing-stream.js';
import type { Asked } from './remote-reply.js';
import { type FrameSource, requestKey, type Route } from './route.js';
import { mostOutgoingStreams, mostStreamsOfOnePeer } from './stream-window.js';

export class OutgoingStreams {
  readonly #parts: OutgoingParts;
  readonly #streams = new Map<string, OutgoingStream>();
  /** How many of them each peer has. */
  readonly #ofPeers = new Map<string, number>();

  constructor(parts: OutgoingParts) {
    this.#parts = parts;
  }

  /** Answers a request with a stream. */
  start({ by, request, patienceMs }: Asked, route: Route, source: StreamSource): void {
    const error = this.#tooMany(by);
    if (error !== undefined) {
      const { outbox, host } = this.#parts;
      sendFailure(outbox, host.logger, route, error, (wire) => ({ kind: 'failure', request, error: wire }));
      source.open(nobody);
      source.stop(error);
      return;
    }
    if (this.has(by, request)) {
      // Two flows of one request, whose asker can mean only one: what is open is not given up for another.
      source.open(nobody);
      source.stop(new HappenError('HAPPEN_CANCELLED', 'Another stream answers this request already.'));
      return;
    }
    this.#add(by, route, request, source, patienceMs).begin();
  }

  /** Feeds a subscriber of a broadcast's stream, as if that answered a request. */
  feed({ by, request, patienceMs }: Asked, route: Route, subscribe: () => StreamSource): void {
    const error = this.#tooMany(by);
    if (error === undefined) {
      this.#add(by, route, request, subscribe(), patienceMs);
      return;
    }
    const { outbox, host } = this.#parts;
    sendFailure(outbox, host.logger, route, error, (wire) => ({ kind: 'broken', request, count: 0, error: wire }));
  }

  #add(by: FrameSource, route: Route, request: number, source: StreamSource, patienceMs: number): OutgoingStream {
    const key = requestKey(by, request);
    const peer = peerOf(by);
    const closed = (): void => {
      this.#streams.delete(key);
      const left = (this.#ofPeers.get(peer) ?? 0) - 1;
      if (left > 0) this.#ofPeers.set(peer, left);
      else this.#ofPeers.delete(peer);
    };
    const stream = new OutgoingStream(this.#parts, route, request, source, patienceMs, closed);
    this.#streams.set(key, stream);
    this.#ofPeers.set(peer, (this.#ofPeers.get(peer) ?? 0) + 1);
    return stream;
  }

  /** Why no further one may be begun for this peer, if so. */
  #tooMany(by: FrameSource): HappenError | undefined {
    if (this.#streams.size >= mostOutgoingStreams) return tooMany('others', mostOutgoingStreams);
    const ofPeer = this.#ofPeers.get(peerOf(by)) ?? 0;
    if (ofPeer < mostStreamsOfOnePeer) return undefined;
    return tooMany(by.node === undefined ? 'this space' : `node "${by.node}"`, mostStreamsOfOnePeer);
  }

  /** Whether a stream is open that answers this request. */
  has(from: FrameSource, request: number): boolean {
    return this.#streams.size > 0 && this.#streams.has(requestKey(from, request));
  }

  /** @returns whether there is such a stream */
  credit(from: FrameSource, request: number, items: number, bytes: number): boolean {
    const stream = this.#streams.get(requestKey(from, request));
    stream?.credit(items, bytes);
    return stream !== undefined;
  }

  /** The consumer has left. */
  stop(from: FrameSource, request: number, reason: HappenError): void {
    this.#streams.get(requestKey(from, request))?.stop(reason);
  }

  /** An instance takes nothing any more. */
  gone(instance: string, reason: HappenError): void {
    for (const stream of [...this.#streams.values()]) if (stream.isFor(instance)) stream.stop(reason);
  }

  /** Nothing can be sent any more: consumers are told, and generators end. */
  failAll(reason: HappenError): void {
    for (const stream of [...this.#streams.values()]) stream.breakOff(reason);
  }
}

const nobody: StreamConsumer = { item: () => {}, end: () => {}, fail: () => {} };

/** Instances are invented easily; whoever signs is the same one under each of them. */
function peerOf({ node, instance }: FrameSource): string {
  return node ?? instance;
}

function tooMany(forWhom: string, limit: number): HappenError {
  return new HappenError(
    'HAPPEN_QUEUE_FULL',
    `This process makes ${limit} streams for ${forWhom} already, and can't begin another.`,
    { details: { limit } },
  );
}
