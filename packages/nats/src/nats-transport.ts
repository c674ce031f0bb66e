/** A space's end of NATS: a session over one connection, from `start` to `stop`. */
import {
  type Address,
  type Attachment,
  HappenError,
  type Listener,
  type NodeDescription,
  type PlacedAddress,
  type Receive,
  type Transport,
  type TransportCapabilities,
  type TransportHost,
} from '@happen/core';
import { Dialling, type Dial } from './connection/dialling.js';
import { closed } from './connection/failures.js';
import { SpaceDirectory } from './directory/space-directory.js';
import type { DirectAddress } from './frames/direct-address.js';
import type { Settings } from './options.js';
import { realClock } from './runtime/real-clock.js';
import { lostForGood, Session } from './session.js';

/** How a transport gets its connection. */
export interface ConnectionSource {
  readonly dial: Dial;
  /** Whether the connection is ours to close. */
  readonly isOurs: boolean;
  /** Names the servers in messages. */
  readonly where: string;
}

export class NatsTransport implements Transport {
  readonly name = 'nats';
  readonly supports: TransportCapabilities;
  readonly directory = new SpaceDirectory(realClock);
  readonly #settings: Settings;
  readonly #source: ConnectionSource;
  #dialling: Dialling | undefined;
  #host: TransportHost | undefined;
  #session: Session | undefined;
  #state: 'new' | 'started' | 'stopped' = 'new';
  #stopping: Promise<void> | undefined;

  constructor(settings: Settings, source: ConnectionSource) {
    this.#settings = settings;
    this.#source = source;
    this.supports = Object.freeze({
      ordered: true,
      loss: 'possible',
      duplicates: 'possible',
      unreachable: true,
      maxFrameBytes: settings.maxFrameBytes,
    });
  }

  async start(host: TransportHost): Promise<void> {
    if (this.#state === 'stopped') throw closed('It has been stopped; make another one.');
    if (this.#state !== 'new') throw closed('It has been started already; every space needs a transport of its own.');
    this.#state = 'started';
    this.#host = host;
    const { dial, isOurs, where } = this.#source;
    this.#dialling = new Dialling(dial, this.#settings, where, async (connection) => {
      if (isOurs) await connection.close();
    });
    const connection = await this.#dialling.connect(realClock, host.logger).catch((cause: unknown) => {
      // Whoever waits for a node need not find out by waiting.
      this.directory.end(cause);
      throw cause;
    });
    if (this.#isStopped()) {
      if (isOurs) await connection.close();
      throw closed('It has been stopped.');
    }
    const session = new Session(connection, isOurs, this.#settings, host);
    this.#session = session;
    this.directory.follow(session.presence);
    await session.begin();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  attach(address: DirectAddress, receive: Receive, node?: NodeDescription): Attachment {
    return this.#openSession().incoming.attach(address, receive, node);
  }

  listen(group: string, patterns: readonly string[], receive: Receive): Listener {
    return this.#openSession().incoming.listen(group, patterns, receive);
  }

  publish(to: Address, frame: Uint8Array): Promise<void> {
    const session = this.#session;
    if (session?.isOpen !== true) return Promise.reject(this.#notOpen());
    const { maxFrameBytes } = this.supports;
    if (frame.byteLength > maxFrameBytes) {
      return Promise.reject(
        new HappenError(
          'HAPPEN_PAYLOAD_TOO_LARGE',
          `A frame of ${frame.byteLength} bytes is longer than the ${maxFrameBytes} that the NATS transport takes (maxFrameBytes).`,
          { details: { bytes: frame.byteLength, limit: maxFrameBytes } },
        ),
      );
    }
    return session.publish(to, frame);
  }

  addressFor(nodeId: string, affinity: string | undefined): PlacedAddress | undefined {
    return this.#session?.presence.addressFor(nodeId, affinity);
  }

  settled(): Promise<void> {
    return this.#session?.settled() ?? Promise.resolve();
  }

  async #stop(): Promise<void> {
    const before = this.#state;
    this.#state = 'stopped';
    this.#dialling?.stop();
    this.directory.end();
    if (this.#session !== undefined) await this.#session.stop();
    if (before !== 'new') this.#host?.status('closed');
  }

  #openSession(): Session {
    const session = this.#session;
    if (session?.isOpen !== true) throw this.#notOpen();
    if (session.isLost) throw lostForGood();
    return session;
  }

  #notOpen(): HappenError {
    return closed(this.#isStopped() ? 'It has been stopped.' : 'It has not been started.');
  }

  /** Read anew after every wait: others may have changed it. */
  #isStopped(): boolean {
    return this.#state === 'stopped';
  }
}
