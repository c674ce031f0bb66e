import type { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import type { Isolation } from '../event/isolation.js';
import type { StampSupport } from '../event/stamp.js';
import type { Delivery, ReplySink } from '../flow/delivery.js';
import type { Handled } from '../flow/step.js';
import type { StreamSource } from '../flow/stream-source.js';
import type { KeyPair } from '../identity/key-pair.js';
import type { FrameRefusal } from '../identity/refusal.js';
import type { SecurityConfig } from '../identity/security-config.js';
import type { Clock } from '../ports/clock.js';
import type { Crypto } from '../ports/crypto.js';
import type { Logger } from '../ports/logger.js';
import type { ConnectionStatus } from '../ports/transport.js';
import type { Deadlines } from '../talk/deadlines.js';
import type { DeliveryTerms, LocalTarget } from '../talk/host.js';
import type { StreamTerms } from '../talk/received-stream.js';

/** A node of this space, as far as a link knows it. */
export interface LinkedNode extends LocalTarget {
  /** Whether it is meant to live in one place alone. */
  readonly exclusive: boolean;
  /** What signs in its name. */
  readonly keyPair: KeyPair;
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
  /** Set where frames are signed. */
  readonly frameSecurity: SecurityConfig | undefined;
  readonly isolation: Isolation;
  readonly stampSupport: StampSupport;
  /** A user's own check of the signature of each event that arrives. */
  readonly verifyEvent: SecurityConfig['verify'];
  localNode(id: string): LinkedNode | undefined;
  /** Puts a stream into the hands of its consumer. */
  openStream(source: StreamSource, terms: StreamTerms): AsyncIterator<unknown>;
  connectionStatus(status: ConnectionStatus, reason: string | undefined): void;
  /** A frame was refused, or something in it; `nodeId` is who it says it is from. */
  frameRefused(reason: FrameRefusal, nodeId: string | undefined): void;
  /** The node lives at another instance as well, although one of them is exclusive. */
  nodeConflict(nodeId: string, instance: string): void;
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
  /** Frames that arrived a second time, and requests under the number of one that is open. */
  repeated: number;
  /** Answers that nobody waited for any more. */
  lateReplies: number;
  /** Messages of streams that are over, or that somebody else makes. */
  strayStreamMessages: number;
  /** What was refused where frames are signed (or are not, and one was), by reason. */
  readonly refused: Record<FrameRefusal, number>;
}
