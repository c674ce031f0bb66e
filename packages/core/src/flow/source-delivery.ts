import type { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import { Delivery, type FlowHost, type FlowTerms } from './delivery.js';
import type { FlowRecord } from './flow-record.js';
import type { StreamIterator, StreamSource } from './stream-source.js';

/** Takes the stream that a broadcast starts at its own sender. */
export interface SourceSink {
  take(source: StreamSource): void;
  /** The space is being closed: the stream ends when those who listen to it have gone. */
  endAfterListeners(reason: HappenError): void;
  /** The handlers have ended, and there was none. */
  noSource(): void;
}

/** What is handed over at most once: a broadcast's event at the node that sent it, whose first generator feeds the receivers. */
export class SourceDelivery extends Delivery {
  #sink: SourceSink | undefined;

  constructor(host: FlowHost, event: HappenEvent, sink: SourceSink, terms: FlowTerms) {
    const noSource = (): void => sink.noSource();
    super(host, event, { resolve: noSource, reject: noSource }, terms);
    this.#sink = sink;
  }

  /** Nobody waits for what its handlers result in. */
  override get expectsResponse(): boolean {
    return false;
  }

  override streamed(flow: FlowRecord, iterator: StreamIterator): unknown {
    const sink = this.#sink;
    if (sink === undefined) return super.streamed(flow, iterator);
    this.#sink = undefined;
    const given = this.handOver(flow, iterator, (source) => sink.take(source));
    // Its receivers have the same event, and have had no time yet to begin.
    if (this.host.streamsEndBy !== undefined) sink.endAfterListeners(this.host.streamsEndBy);
    return given;
  }
}
