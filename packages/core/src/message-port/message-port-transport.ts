import { HappenError } from '../errors/happen-error.js';
import { defineTransport, type JoinableTransport } from '../link/define-transport.js';
import type { Connection } from './connection.js';
import { Exchange, type PortStatus } from './exchange.js';
import { countsOf, type MessagePortCounts } from './hub.js';
import type { MessagePortLike } from './message-port.js';
import { type MessagePortOptions, portSettings } from './options.js';
import { PortEnd } from './port-end.js';
import { checkPort } from './port-line.js';

/** A transport through one message port. */
export interface MessagePortTransport extends JoinableTransport {
  /**
   * Goes on over another port, such as a new worker's: what was attached stays attached, and the space is told `reconnected`
   * as soon as the other side greets. From now on events are not refused but wait for that, each as long as its sender does;
   * if this port ends too, they fail with `HAPPEN_DISCONNECTED`. Without effect once the space is closed.
   *
   * @throws HappenError `HAPPEN_INVALID_OPTION` when it is no port
   */
  connect(port: MessagePortLike): void;
  /** The counts at this moment. */
  counts(): MessagePortCounts;
}

/**
 * Joins the space of this thread with that of another one, through a message port: so a node lives in a worker, its code
 * unchanged. Each side makes a transport of its own end of the port; instead of one, the other side may be a `messagePortHub`.
 *
 * The space is ready as soon as both sides have greeted each other; whichever comes first waits for the other, as long as the
 * port exists. Versions that don't understand each other, and a port that ends before, let `ready()` fail with
 * `HAPPEN_DISCONNECTED`. When the other side is closed, or the runtime tells that it has ended (on Node.js always; in
 * browsers, ports do in some, workers in none), what it was asked fails with that code and the space is told `disconnected`.
 * It is told `reconnected` when somebody greets at the same port again, or at the one given to `connect`.
 *
 * Give the port to nothing else: messages of others are dropped and counted. It is never closed here, only left alone.
 *
 * @throws HappenError `HAPPEN_INVALID_OPTION` when it is no port, or for an unknown or impossible option
 *
 * @example
 * // main thread                                            // worker.js, on Node.js
 * const worker = new Worker(new URL('worker.js', …));        import { parentPort } from 'node:worker_threads';
 * initializeHappen({ transport: messagePortTransport(worker) });
 *                                                           initializeHappen({ transport: messagePortTransport(parentPort) });
 */
export function messagePortTransport(port: MessagePortLike, options: MessagePortOptions = {}): MessagePortTransport {
  checkPort('messagePortTransport', port);
  const { keepAlive } = portSettings('messagePortTransport', options);
  const line = new SinglePort(port, keepAlive);
  return Object.assign(defineTransport(line.end), {
    connect: (next: MessagePortLike): void => line.connect(next),
    counts: (): MessagePortCounts => countsOf(line.exchange.counts),
  });
}

/** An exchange with one end and one port at a time. */
class SinglePort {
  readonly exchange: Exchange;
  readonly end: PortEnd;
  #port: MessagePortLike;
  #connection: Connection | undefined;
  #begun: { resolve(): void; reject(error: HappenError): void } | undefined;
  #isOver = false;

  constructor(port: MessagePortLike, keepAlive: boolean) {
    this.#port = port;
    this.exchange = new Exchange(keepAlive, (where, status, reason) => this.#changed(where, status, reason));
    this.end = new PortEnd(this.exchange, {
      begin: () =>
        new Promise((resolve, reject) => {
          this.#begun = { resolve, reject };
          this.#connection = this.exchange.connect(this.#port);
        }),
      ended: () => {
        this.#isOver = true;
        const connection = this.#connection;
        this.#connection = undefined;
        connection?.close('the space has stopped');
        this.#begun?.reject(new HappenError('HAPPEN_CLOSED', 'The transport was stopped before it had started.'));
      },
    });
  }

  connect(port: MessagePortLike): void {
    checkPort('connect', port);
    if (this.#isOver) return;
    this.#port = port;
    const before = this.#connection;
    // Before it has started, there is nothing to connect yet.
    if (this.#begun === undefined) return;
    before?.close('another port has taken the place of this one');
    this.#connection = this.exchange.connect(port);
  }

  #changed(port: MessagePortLike, status: PortStatus, reason = 'the other side is gone'): void {
    if (port !== this.#port || this.#isOver) return;
    if (status === 'connected') {
      this.end.connected();
      this.#begun?.resolve();
    } else {
      this.end.disconnected(reason);
      this.#begun?.reject(new HappenError('HAPPEN_DISCONNECTED', `Nobody can be reached: ${reason}.`));
    }
  }
}
