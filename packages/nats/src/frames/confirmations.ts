/**
 * Finds out how far the server has come with what was published: it answers a ping after everything that came before it.
 *
 * 1. At most one ping is under way. The next one begins when enough was published since, or some time later.
 * 2. What a confirmation covers is what had been published when its ping was.
 */
import type { Clock, Timer } from '@happen/core';
import type { NatsConnection } from '@nats-io/nats-core';

const pingAfterMs = 50;
const pingAfterBytes = 256 * 1024;
const pingAfterFrames = 256;

export interface ConfirmationsOwner {
  /** The server has taken everything up to this many frames. */
  confirmed(frames: number): void;
}

export class Confirmations {
  readonly #clock: Clock;
  readonly #owner: ConfirmationsOwner;
  #published = 0;
  #bytes = 0;
  #confirmedFrames = 0;
  #confirmedBytes = 0;
  #pinged = false;
  #timer: Timer | undefined;
  #connection: NatsConnection | undefined;

  constructor(clock: Clock, owner: ConfirmationsOwner) {
    this.#clock = clock;
    this.#owner = owner;
  }

  /** How many bytes are on their way to the server, as far as we know. */
  get unconfirmedBytes(): number {
    return this.#bytes - this.#confirmedBytes;
  }

  /** Of this connection from now on. What was on its way over another one is past finding out. */
  connected(connection: NatsConnection): void {
    this.#connection = connection;
    this.#confirm(this.#published, this.#bytes);
  }

  disconnected(): void {
    this.#connection = undefined;
    this.#timer?.clear();
    this.#timer = undefined;
    this.#confirm(this.#published, this.#bytes);
  }

  published(bytes: number): void {
    this.#published++;
    this.#bytes += bytes;
    const waiting = this.#published - this.#confirmedFrames;
    if (waiting >= pingAfterFrames || this.unconfirmedBytes >= pingAfterBytes) this.#ping();
    else this.#timer ??= this.#clock.setTimer(pingAfterMs, () => this.#timeIsUp(), true);
  }

  #timeIsUp(): void {
    this.#timer = undefined;
    this.#ping();
  }

  #ping(): void {
    const connection = this.#connection;
    if (this.#pinged || connection === undefined) return;
    this.#pinged = true;
    const [frames, bytes] = [this.#published, this.#bytes];
    connection.flush().then(
      () => this.#answered(connection, frames, bytes),
      // The connection is gone, and says so.
      () => this.#answered(connection, 0, 0),
    );
  }

  #answered(connection: NatsConnection, frames: number, bytes: number): void {
    this.#pinged = false;
    if (connection !== this.#connection) return;
    this.#confirm(frames, bytes);
    if (this.#published > this.#confirmedFrames) {
      this.#timer ??= this.#clock.setTimer(pingAfterMs, () => this.#timeIsUp(), true);
    }
  }

  #confirm(frames: number, bytes: number): void {
    if (frames <= this.#confirmedFrames) return;
    this.#confirmedFrames = frames;
    this.#confirmedBytes = bytes;
    this.#owner.confirmed(frames);
  }
}
