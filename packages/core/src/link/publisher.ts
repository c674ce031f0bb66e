/**
 * Hands frames to the transport, and tells those whose messages are in them what becomes of them.
 *
 * Invariants:
 * 1. Before the transport has started, frames are held, up to a bound; when the start fails, they fail.
 * 2. Whoever has a message in a frame hears that it was handed over, or that it was lost.
 * 3. Frames leave in the order in which they came, also where signing takes its time.
 */
import { HappenError, isHappenError } from '../errors/happen-error.js';
import { isLater } from '../identity/now-or-later.js';
import type { Logger } from '../ports/logger.js';
import type { Address, Transport } from '../ports/transport.js';
import { noSuchNode } from '../talk/send-errors.js';
import { disconnected } from './disconnected.js';
import type { LinkCounts } from './link-host.js';
import type { Posted } from './outbox.js';
import type { Seals } from './sealer.js';

/** Somebody with a message in a frame. */
export interface LinkPosted extends Posted {
  /** The frame is with this instance. */
  taken?(instance: string | undefined): void;
  /** It will not be delivered. */
  lost(error: HappenError): void;
}

interface Held {
  readonly to: Address;
  readonly frame: Uint8Array;
  readonly posted: readonly LinkPosted[];
  readonly seals: Seals | undefined;
}

const mostHeldFrames = 10_000;

/**
 * A frame that holds who has messages in it, for as long as the transport holds the frame. A weak map would say the same, but
 * V8's young collections keep all that such a map leads to alive, and so every event that was sent.
 */
interface Published extends Uint8Array {
  posted?: readonly LinkPosted[];
}

export class Publisher {
  readonly #transport: Transport;
  readonly #counts: LinkCounts;
  readonly #logger: Logger;
  /** What is in frames that the transport has not taken over yet. */
  readonly #publishing = new Set<readonly LinkPosted[]>();
  #held: Held[] = [];
  /** Settles when what is being signed has left; there is none while nothing is. */
  #signing: Promise<void> | undefined;
  #state: 'starting' | 'started' | 'failed' | 'stopped' = 'starting';

  constructor(transport: Transport, counts: LinkCounts, logger: Logger) {
    this.#transport = transport;
    this.#counts = counts;
    this.#logger = logger;
  }

  get state(): 'starting' | 'started' | 'failed' | 'stopped' {
    return this.#state;
  }

  /** @throws HappenError `HAPPEN_DISCONNECTED`, `HAPPEN_CLOSED` */
  checkUsable(): void {
    if (this.#state === 'failed') throw disconnected(`The transport "${this.#transport.name}" could not be started.`);
    if (this.#state === 'stopped') throw new HappenError('HAPPEN_CLOSED', 'The space is closed.');
  }

  /** The transport has started: what is held can leave, which `release` brings about. */
  started(): void {
    this.#state = 'started';
  }

  release(): void {
    for (const { to, frame, posted, seals } of this.#held.splice(0)) this.publish(to, frame, posted, seals);
  }

  /** The transport could not be started. */
  startFailed(error: HappenError): void {
    if (this.#state === 'starting') this.#state = 'failed';
    this.#loseHeld(error);
  }

  /** From now on nothing is sent. */
  stop(error: HappenError): void {
    this.#state = 'stopped';
    this.#loseHeld(error);
  }

  /** Waits no longer for what the transport has not taken over: it counts as lost. */
  abandon(error: HappenError): void {
    for (const posted of this.#publishing) for (const one of posted) one.lost(error);
    this.#publishing.clear();
  }

  /** What is still being signed, if anything is: it settles when that has left. */
  get signing(): Promise<void> | undefined {
    return this.#signing;
  }

  publish(to: Address, frame: Uint8Array, posted: readonly LinkPosted[], seals: Seals | undefined): void {
    if (this.#state === 'starting') {
      if (this.#held.length < mostHeldFrames) this.#held.push({ to, frame, posted, seals });
      else
        for (const one of posted)
          one.lost(disconnected('The transport is not connected yet, and too much waits for it already.'));
      return;
    }
    if (posted.length > 0) this.#publishing.add(posted);
    if (seals === undefined) this.#send(to, frame, posted);
    else this.#seal(to, frame, posted, seals);
  }

  /** Signs as late as possible: what a frame says of its time must be true. */
  #seal(to: Address, frame: Uint8Array, posted: readonly LinkPosted[], seals: Seals): void {
    const failed = (cause: unknown): void => this.#lose(to, posted, cause);
    let sealed: Uint8Array | Promise<Uint8Array>;
    try {
      sealed = seals.seal(frame);
    } catch (cause) {
      failed(cause);
      return;
    }
    const before = this.#signing;
    if (before === undefined && !isLater(sealed)) {
      this.#send(to, sealed, posted);
      return;
    }
    const outcome = Promise.resolve(sealed).then(
      (signed) => () => this.#send(to, signed, posted),
      (cause: unknown) => () => failed(cause),
    );
    const signing = (before ?? outcome)
      .then(() => outcome)
      .then((go) => {
        if (this.#signing === signing) this.#signing = undefined;
        go();
      });
    this.#signing = signing;
  }

  #send(to: Address, frame: Uint8Array, posted: readonly LinkPosted[]): void {
    if (posted.length > 0) (frame as Published).posted = posted;
    this.#counts.framesSent++;
    this.#publishSafely(to, frame).then(
      () => {
        this.#publishing.delete(posted);
        for (const one of posted) one.handedOver();
      },
      (cause: unknown) => this.#lose(to, posted, cause),
    );
  }

  #lose(to: Address, posted: readonly LinkPosted[], cause: unknown): void {
    this.#publishing.delete(posted);
    const error = isHappenError(cause) ? cause : disconnected(`The transport "${this.#transport.name}" failed.`, cause);
    for (const one of posted) one.lost(error);
    if (posted.length === 0 && this.#state === 'started')
      this.#logger.warn({ err: error, to }, 'a frame of answers could not be sent');
  }

  /** The transport has brought a frame back. */
  undeliverable(frame: Uint8Array): void {
    (frame as Published).posted?.forEach((one) => one.lost(noSuchNode('?')));
  }

  /** The transport knows which instance a frame has gone to. */
  taken(frame: Uint8Array, instance: string | undefined): void {
    (frame as Published).posted?.forEach((one) => one.taken?.(instance));
  }

  /** A driver that throws where it should reject is taken at its word. */
  #publishSafely(to: Address, frame: Uint8Array): Promise<void> {
    try {
      return this.#transport.publish(to, frame);
    } catch (cause) {
      return Promise.reject(cause);
    }
  }

  #loseHeld(error: HappenError): void {
    for (const { posted } of this.#held.splice(0)) for (const one of posted) one.lost(error);
  }
}
