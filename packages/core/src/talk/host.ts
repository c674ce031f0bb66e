import type { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import type { Isolation } from '../event/isolation.js';
import type { Delivery, FlowTerms, ReplySink } from '../flow/delivery.js';
import type { FlowRecord } from '../flow/flow-record.js';
import type { SourceSink } from '../flow/source-delivery.js';
import type { Handled } from '../flow/step.js';
import type { AsyncTracker } from '../host/host.js';
import type { Latencies } from '../metrics/latencies.js';
import type { Clock } from '../ports/clock.js';
import type { PlacedAddress } from '../ports/transport.js';
import type { WireLimits } from '../wire/limits.js';
import type { EncodedEvent } from '../wire/messages.js';
import type { AbortWatch } from './abort-watch.js';
import type { BroadcastStream } from './broadcast-stream.js';
import type { Deadlines } from './deadlines.js';
import type { Dispatcher } from './dispatcher.js';
import type { Due } from './options.js';

/** How something is to be delivered to a node, beside the event itself. */
export interface DeliveryTerms extends FlowTerms {
  readonly dedupeKey: string | undefined;
}

/** A node of this process, as what is sent to it sees it. */
export interface LocalTarget {
  readonly id: string;
  /** Takes an event or batch: gives back the delivery, or why it was refused, of which `reply` then hears nothing. */
  receive(handled: Handled, reply: ReplySink | undefined, terms: DeliveryTerms): Delivery | HappenError;
  /** Whether it handles a type by a generator. */
  generates(type: string): boolean;
  /** Takes an event that it has broadcast itself: the generator's stream goes to `sink`, unless it is refused. */
  receiveOwnBroadcast(event: HappenEvent, sink: SourceSink, terms: DeliveryTerms): Delivery | HappenError;
}

/** A request as the remote side of a space sees it. */
export interface RemoteRequest extends ReplySink, DeliveryTerms {
  readonly asked: boolean;
  readonly targetId: string;
  readonly handled: Handled;
  readonly encoded: readonly EncodedEvent[] | undefined;
  /** Where it was sent, if the transport has chosen that; of one that was asked. */
  chosen: PlacedAddress | undefined;
  /** The transport has taken the frame over. */
  handedOver(): void;
  /** It was not asked for an answer, and could not be delivered. */
  undelivered(error: HappenError): void;
}

/** The way out of the process. */
export interface Remote {
  /** @throws HappenError `HAPPEN_NOT_SERIALISABLE`, `HAPPEN_PAYLOAD_TOO_LARGE` */
  encodePayload(payload: unknown, path: string): Uint8Array;
  /**
   * @param encodedPayload of the event, where `encodePayload` has made it
   * @throws HappenError `HAPPEN_NOT_SERIALISABLE`, `HAPPEN_PAYLOAD_TOO_LARGE`
   */
  encode(event: HappenEvent, encodedPayload?: Uint8Array): EncodedEvent;
  /** Sends; gives back the number under which an answer is awaited, 0 when none is. */
  request(request: RemoteRequest): number;
  /** The answer is no longer awaited. */
  cancel(number: number, reason: string): void;
  broadcast(
    event: HappenEvent,
    encoded: EncodedEvent,
    terms: DeliveryTerms,
    handedOver: (error?: HappenError) => void,
    /** What the receivers can subscribe to. */
    stream?: BroadcastStream,
  ): void;
  /** Why something that came as an answer in the name of a node was refused, if that was since then. */
  refusedAnswer(nodeId: string, since: number): string | undefined;
}

/** What talking needs from the space. */
export interface TalkHost {
  readonly clock: Clock;
  readonly moments: { at(nowMs: number): number };
  readonly tracker: AsyncTracker<FlowRecord>;
  readonly deadlines: Deadlines;
  readonly dispatcher: Dispatcher;
  readonly aborts: AbortWatch;
  readonly isolation: Isolation;
  /** What a payload may be, in the process as on a wire. */
  readonly limits: WireLimits;
  readonly remote: Remote | undefined;
  localNode(id: string): LocalTarget | undefined;
  /** The nodes of this process that listen to a type. */
  listeners(type: string): readonly LocalTarget[];
  /** Tells `node.error` of a failure that nobody waits for. */
  reportFailure(error: HappenError, nodeId: string, event: HappenEvent | undefined): void;
  reportUnhandled(event: HappenEvent, nodeId: string | undefined, isAsked: boolean): void;
  /** Holds something that waits for its time; `close` calls it off. */
  delay(due: Due, run: () => void, calledOff: (error: HappenError) => void): () => void;
  readonly counts: TalkCounts & StreamCounts;
  /** `undefined` where latencies are not measured. */
  readonly latencies: Latencies | undefined;
}

/** What a space counts of its talk. */
export interface TalkCounts {
  /** Events and batches sent to one node; each target of several counts. */
  sent: number;
  broadcast: number;
  /** Those sent whose answer was asked for. */
  requests: number;
  failedRequests: number;
}

/** What a space counts of its streams. */
export interface StreamCounts {
  /** Items of broadcast streams that receivers were too slow for. */
  droppedItems: number;
}
