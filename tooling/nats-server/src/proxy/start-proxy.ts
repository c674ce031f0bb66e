import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { OneWay } from './one-way.js';

export interface StartProxyOptions {
  /** Where connections go: `nats://127.0.0.1:4222`, `ws://…`, or any other URL with a host and a port. */
  readonly to: string;
}

/** The way to the server, or the way back. */
export type Direction = 'up' | 'down';

interface Connection {
  readonly client: Socket;
  readonly server: Socket;
  readonly up: OneWay;
  readonly down: OneWay;
}

/** A TCP proxy that does to connections what networks do. Each fault lasts until `heal`. */
export class Proxy implements AsyncDisposable {
  readonly #listener: Server;
  readonly #target: URL;
  readonly #connections = new Set<Connection>();
  readonly #stalled = new Set<Direction>();
  #delayMs = 0;
  #refusing = false;

  private constructor(target: URL, listener: Server) {
    this.#target = target;
    this.#listener = listener;
    listener.on('connection', (client) => this.#accept(client));
  }

  static async start(to: string): Promise<Proxy> {
    const target = new URL(to);
    if (target.port === '') throw new Error(`${to} has no port.`);
    const listener = createServer({ allowHalfOpen: true, noDelay: true });
    const proxy = new Proxy(target, listener);
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    // The connections that go through keep a process alive, not the mere chance of one.
    listener.unref();
    return proxy;
  }

  get port(): number {
    const address = this.#listener.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** The address to connect to, of the same kind as that behind it. */
  get url(): string {
    return `${this.#target.protocol}//127.0.0.1:${this.port}`;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Resets all connections. New ones go through. */
  drop(): void {
    for (const connection of [...this.#connections]) this.#reset(connection);
  }

  /** Resets all connections, and every new one at once. */
  cut(): void {
    this.#refusing = true;
    this.drop();
  }

  /**
   * A black hole: connections stay open, nothing gets through, and nobody is told. What was sent meanwhile arrives after
   * `heal`.
   */
  stall(): void {
    this.#stalled.add('up').add('down');
    this.#apply();
  }

  /** The same in one direction: `up` to the server, `down` from it. */
  stallOneWay(direction: Direction): void {
    this.#stalled.add(direction);
    this.#apply();
  }

  /** Everything takes so many milliseconds longer in each direction, in order. */
  delay(ms: number): void {
    if (!(ms >= 0 && ms <= 600_000)) throw new RangeError(`A delay is from 0 to 600000 ms; found ${ms}.`);
    this.#delayMs = ms;
    this.#apply();
  }

  /** Ends all faults. */
  heal(): void {
    this.#refusing = false;
    this.#stalled.clear();
    this.#delayMs = 0;
    this.#apply();
  }

  /** Resets all connections and takes no more. */
  async stop(): Promise<void> {
    this.cut();
    if (!this.#listener.listening) return;
    this.#listener.close();
    await once(this.#listener, 'close');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #accept(client: Socket): void {
    client.on('error', () => {});
    if (this.#refusing) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({
      host: this.#target.hostname.replace(/^\[|\]$/g, ''),
      port: Number(this.#target.port),
      allowHalfOpen: true,
      noDelay: true,
    });
    const connection = { client, server, up: new OneWay(client, server), down: new OneWay(server, client) };
    this.#connections.add(connection);
    for (const socket of [client, server]) {
      // One side that is gone takes the other with it, in the same manner.
      socket.on('error', () => this.#reset(connection));
      socket.on('close', () => this.#settle(connection));
    }
    this.#set(connection);
  }

  /** Both ways have ended by themselves. */
  #settle(connection: Connection): void {
    if (connection.client.destroyed && connection.server.destroyed) this.#reset(connection);
  }

  #reset(connection: Connection): void {
    this.#connections.delete(connection);
    connection.up.close();
    connection.down.close();
    for (const socket of [connection.client, connection.server]) {
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  #apply(): void {
    for (const connection of this.#connections) this.#set(connection);
  }

  #set({ up, down }: Connection): void {
    up.set(this.#stalled.has('up'), this.#delayMs);
    down.set(this.#stalled.has('down'), this.#delayMs);
  }
}

/** Starts a proxy on a free port of 127.0.0.1. */
export function startProxy({ to }: StartProxyOptions): Promise<Proxy> {
  return Proxy.start(to);
}
