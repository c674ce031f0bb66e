/** The streams that come to this space, by the number of the request that each answers. */
import { HappenError, isHappenError } from '../errors/happen-error.js';
import { errorFromWire } from '../wire/error-encoding.js';
import type { MessageOf, WireError } from '../wire/messages.js';
import { type IncomingParts, IncomingStream } from './incoming-stream.js';
import { type FrameSource, isSameSource } from './route.js';

export class IncomingStreams {
  readonly #parts: IncomingParts;
  readonly #streams = new Map<number, IncomingStream>();

  readonly #nextNumber: () => number;

  constructor(parts: IncomingParts, nextNumber: () => number) {
    this.#parts = parts;
    this.#nextNumber = nextNumber;
  }

  /** Subscribes to the stream of a broadcast, under a number of our own. */
  subscribe(broadcast: FrameSource, consumer: string, stream: number, patienceMs: number): IncomingStream {
    const request = this.#nextNumber();
    const recipient = broadcast.node === undefined ? undefined : consumer;
    const incoming = this.add({ ...broadcast, recipient }, consumer, request, patienceMs);
    incoming.subscribe(stream);
    return incoming;
  }

  /** @param consumer the node that takes it */
  add(from: FrameSource, consumer: string, request: number, patienceMs: number): IncomingStream {
    const closed = (): void => void this.#streams.delete(request);
    const stream = new IncomingStream(this.#parts, from, consumer, request, patienceMs, closed);
    this.#streams.set(request, stream);
    return stream;
  }

  /** Tells who makes a stream that it is not wanted any more. */
  decline(from: FrameSource, request: number): void {
    const consumer = from.recipient ?? '';
    new IncomingStream(this.#parts, from, consumer, request, 0, () => {}).stop(
      new HappenError('HAPPEN_CANCELLED', 'Nobody waits for the stream any more.'),
    );
  }

  /** Whether a stream of that number is open that this source makes. */
  has(from: FrameSource, request: number): boolean {
    const stream = this.#streams.get(request);
    return stream !== undefined && isSameSource(stream.from, from);
  }

  /**
   * Takes what the producer of a stream says; what is about no stream, or from somebody else, is counted.
   *
   * @throws HappenError when it can't be read
   */
  take(from: FrameSource, message: MessageOf<'items' | 'end' | 'broken' | 'dropped'>): void {
    const stream = this.#streams.get(message.request);
    if (stream === undefined || !isSameSource(stream.from, from)) {
      this.#parts.counts.strayStreamMessages++;
      return;
    }
    switch (message.kind) {
      case 'items':
        stream.items(message.first, message.items);
        return;
      case 'end':
        stream.end(message.count, message.value);
        return;
      case 'dropped':
        stream.dropped(message.count);
        return;
      case 'broken':
        stream.broken(message.count, failureFromWire(message.error));
    }
  }

  /** An instance sends nothing any more. */
  gone(instance: string, reason: HappenError): void {
    for (const stream of [...this.#streams.values()]) if (stream.from.instance === instance) stream.fail(reason);
  }

  /** Nothing can be received any more: consumers and producers are told. */
  failAll(error: HappenError): void {
    for (const stream of [...this.#streams.values()]) stream.cutOff(error);
  }
}

/** What a failure from elsewhere is to whoever waits. */
export function failureFromWire(wire: WireError): HappenError {
  const error = errorFromWire(wire);
  return isHappenError(error) ? error : new HappenError('HAPPEN_HANDLER_FAILED', error.message, { cause: error });
}
