/**
 * What a space has at a connection that is there: frames out, frames in, and who lives where; and the connection's life, from
 * the first subscription to the last message that leaves.
 */
import { type Address, HappenError, type TransportHost } from '@happen/core';
import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core';
import { checkEcho } from './connection/check-echo.js';
import { closed, disconnected } from './connection/failures.js';
import { inTime } from './connection/in-time.js';
import { close } from './connection/let-go.js';
import { watchStatus } from './connection/status-watch.js';
import { decodeAnnouncement, encodeAnnouncement } from './directory/announcement.js';
import { Presence } from './directory/presence.js';
import { IncomingFrames } from './frames/incoming-frames.js';
import type { NodeAddress } from './frames/direct-address.js';
import { isProof, Proofs } from './frames/proofs.js';
import { leastMaxPayload, OutgoingFrames } from './frames/outgoing-frames.js';
import type { Settings } from './options.js';
import { realClock } from './runtime/real-clock.js';
import { Subjects } from './subjects/subjects.js';

/** How long what has been said may take to reach the server at the end. */
const leavingMs = 5_000;
const nothing = new Uint8Array();

export class Session {
  readonly incoming: IncomingFrames;
  readonly presence: Presence;
  readonly #connection: NatsConnection;
  readonly #host: TransportHost;
  readonly #isOurs: boolean;
  readonly #subjects: Subjects;
  readonly #outgoing: OutgoingFrames;
  readonly #proofs: Proofs;
  readonly #own: Subscription[] = [];
  #endWatching: () => void = () => {};
  #hasBegun = false;
  #isUp = false;
  #isLost = false;
  #isStopped = false;

  /** @param isOurs whether the connection ends with the session */
  constructor(connection: NatsConnection, isOurs: boolean, settings: Settings, host: TransportHost) {
    const { instance, logger } = host;
    const subjects = new Subjects(settings.space);
    const refused = (error: Error): void => this.#refused(error);
    this.#connection = connection;
    this.#host = host;
    this.#isOurs = isOurs;
    this.#subjects = subjects;
    this.presence = new Presence({
      instance,
      clock: realClock,
      logger,
      announce: (announcement) => {
        if (this.#isUp) this.#say(subjects.presence(instance), encodeAnnouncement(announcement));
      },
      longest: () => connection.info?.max_payload ?? leastMaxPayload,
      ask: (whom) => {
        if (this.#isUp) this.#say(subjects.rollCall(whom), nothing);
      },
      gone: (other, inOrder) => void this.#tellGone(other, inOrder),
      awaitedNoMore: () => this.#outgoing.awaitedNoMore(),
      conflict: (nodeId, other) => host.conflict?.(nodeId, other),
      prove: (nodeId, other) => {
        if (settings.shareFrames ?? connection.info?.auth_required !== true) this.#proofs.ask(nodeId, other);
      },
    });
    this.#proofs = new Proofs({
      subjects,
      instance,
      say: (subject, data, reply) => this.#say(subject, data, reply),
      proven: (nodeId, other) => this.presence.proven(nodeId, other),
    });
    const unclaimed = (to: NodeAddress, frame: Uint8Array): void => {
      if (!this.#isStopped) host.unclaimed?.(to, frame);
    };
    this.#outgoing = new OutgoingFrames({
      connection,
      subjects,
      instance,
      places: this.presence,
      clock: realClock,
      outboxBytes: settings.outboxBytes,
      taken: (frame, place) => host.taken?.(frame, place),
      unclaimed,
      undeliverable: (to, frame) => {
        if (!this.#isStopped) host.undeliverable(to, frame);
      },
    });
    this.incoming = new IncomingFrames({
      connection,
      subjects,
      instance,
      nodes: this.presence,
      clock: realClock,
      maxFrameBytes: settings.maxFrameBytes,
      isUp: () => this.#isUp,
      passOn: (nodeId, frame) => this.#outgoing.passOn(nodeId, frame),
      unclaimed,
      proves: (message) => this.#proofs.answers(message),
      passOnBroadcast: (to, frame) => this.#outgoing.passOnBroadcast(to, frame),
      refused,
      settled: () => this.settled(),
    });
  }

  /** Whether it has begun, and was not stopped. */
  get isOpen(): boolean {
    return this.#hasBegun && !this.#isStopped;
  }

  /** Whether the connection is gone for good. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /**
   * Subscribes to what is the instance's own. Frames leave and come in when it resolves.
   *
   * @throws HappenError `HAPPEN_INVALID_CONFIG` for a given connection that hears itself; `HAPPEN_CLOSED` when it was stopped
   */
  async begin(): Promise<void> {
    const connection = this.#connection;
    const subjects = this.#subjects;
    const { instance } = this.#host;
    this.#subscribe(subjects.unanswered(instance, '*'), (message) => this.#outgoing.nobodyTakes(message));
    this.#subscribe(subjects.parts(instance, '*'), (message) => this.#takePart(message));
    this.#subscribe(subjects.presence('*'), (message) => {
      const announcement = decodeAnnouncement(message.data);
      const from = subjects.instanceOf(message.subject);
      if (announcement !== undefined && from !== undefined) this.presence.take(from, announcement);
    });
    for (const whom of [instance, undefined]) this.#subscribe(subjects.rollCall(whom), () => this.presence.asked());

    try {
      if (!this.#isOurs) await checkEcho(connection, subjects.unanswered(instance, 'echo'));
      await connection.flush();
      if (this.#isStopped) throw closed('It has been stopped.');
    } catch (error) {
      for (const subscription of this.#own) subscription.unsubscribe();
      throw error;
    }
    this.#hasBegun = true;
    this.#comeUp();
    this.#host.status('connected');
    this.#watch();
  }

  /** As `Transport.publish`, while it is open. */
  publish(to: Address, frame: Uint8Array): Promise<void> {
    if (this.#isLost) return Promise.reject(lostForGood());
    return this.#outgoing.publish(to, frame);
  }

  /** Resolves once the server has heard of all subscriptions made so far; at once while disconnected. */
  settled(): Promise<void> {
    if (!this.#isUp) return Promise.resolve();
    return this.#connection.flush().catch(() => {
      // The client subscribes anew once it has reconnected.
    });
  }

  /** Takes nothing any more, lets what was taken leave, and closes the connection if it is ours. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#endWatching();
    this.incoming.close();
    if (!this.#hasBegun || this.#isLost) {
      this.#outgoing.failAll(closed('It has been stopped.'));
      if (!this.#isLost && this.#isOurs) await this.#connection.close();
      return;
    }
    if (this.#isUp) await this.#outgoing.letAllLeave();
    const stopped = disconnected('The transport was stopped while this frame waited for the NATS connection.');
    this.#outgoing.failAll(stopped);
    this.incoming.forgetParts();
    for (const subscription of this.#own) subscription.unsubscribe();
    // Until then the server may still hand over what has to be passed on, which then has to leave as well.
    const isHeard = this.#isUp && (await inTime(this.#connection.flush(), leavingMs));
    // Whom to pass it on to is known as long as that.
    this.presence.leave();
    // A server that did not answer once is not waited for twice.
    if (isHeard && this.#isUp) await inTime(this.#connection.flush(), leavingMs);
    this.#outgoing.disconnected();
    this.#outgoing.failAll(stopped);
    this.#isUp = false;
    if (this.#isOurs) await close(this.#connection);
  }

  #watch(): void {
    const { logger, status } = this.#host;
    this.#endWatching = watchStatus(this.#connection, {
      wentDown: (reason) => {
        this.#goDown();
        status('disconnected', reason);
      },
      reconnecting: () => status('reconnecting'),
      cameUp: () => {
        this.#comeUp();
        status('reconnected');
      },
      refused: (error) => this.#refused(error),
      slow: (subject) => logger.warn({ subject }, 'NATS messages pile up faster than they are taken'),
      lost: (error) => {
        this.#goDown();
        this.#isLost = true;
        this.#outgoing.failAll(lostForGood(error));
        logger.error({ err: error }, 'the NATS connection is closed for good');
        status('closed', error?.message ?? 'the connection was closed');
      },
    });
  }

  #comeUp(): void {
    this.#isUp = true;
    this.#outgoing.connected();
    this.presence.connected();
    this.#outgoing.resume();
  }

  #goDown(): void {
    this.#isUp = false;
    this.#outgoing.disconnected();
    this.#proofs.clear();
    this.presence.disconnected();
    this.incoming.forgetParts();
  }

  #takePart(message: Msg): void {
    if (!isProof(message)) {
      this.incoming.takePart(message);
      return;
    }
    const from = this.#subjects.instanceOf(message.subject);
    if (from !== undefined) this.#proofs.take(from, message);
  }

  #subscribe(subject: string, take: (message: Msg) => void): void {
    this.#own.push(
      this.#connection.subscribe(subject, {
        callback: (error, message) => {
          if (error !== null) this.#refused(error);
          else if (!this.#isStopped) take(message);
        },
      }),
    );
  }

  /** What the server has to say of frames that nobody took any more comes first: it says more than that somebody has gone. */
  async #tellGone(instance: string, inOrder: boolean): Promise<void> {
    await this.#connection.flush().catch(() => {
      // Then it will say nothing.
    });
    if (this.#isStopped) return;
    this.#host.gone?.(instance, inOrder ? (nodeId) => this.presence.placeOf(nodeId) !== undefined : undefined);
  }

  #refused(error: Error): void {
    if (!this.#isStopped) this.#host.logger.error({ err: error }, `NATS: ${error.message}`);
  }

  /** What is said besides frames must never be what ends a process. */
  #say(subject: string, data: Uint8Array, reply?: string): void {
    try {
      this.#connection.publish(subject, data, reply === undefined ? undefined : { reply });
    } catch (err) {
      this.#host.logger.warn({ err, subject }, 'what is said besides frames could not be published');
    }
  }
}

export function lostForGood(cause?: unknown): HappenError {
  return disconnected('The NATS connection is closed for good.', cause);
}
