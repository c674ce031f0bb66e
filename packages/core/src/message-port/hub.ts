import { defineTransport, type JoinableTransport } from '../link/define-transport.js';
import { type ExchangeCounts, Exchange, type PortStatus } from './exchange.js';
import type { MessagePortLike } from './message-port.js';
import { portSettings, type MessagePortOptions } from './options.js';
import { PortEnd } from './port-end.js';
import { checkPort } from './port-line.js';

/** What has happened on ports since they were given away. */
export interface MessagePortCounts {
  /** Messages that were none, and were dropped. What others post to the same port counts too. */
  readonly malformed: number;
  /** Frames whose receiver was closed while they were on their way, and that came back to be sent elsewhere. */
  readonly returned: number;
}

/** How a hub of message ports is set. */
export interface MessagePortHubOptions extends MessagePortOptions {
  /** Told whenever somebody can be reached through a port, and when nobody can any more, and why. It must not throw. */
  readonly changed?: (port: MessagePortLike, status: PortStatus, reason?: string) => void;
}

/** One port of a hub. */
export interface PortConnection {
  /** Ends it: those on the other side are told, and can't be reached through it any more. The port itself stays open. */
  close(): void;
}

/** A place in one thread at which any number of threads meet. */
export interface MessagePortHub {
  /** An end for a space in this thread. Each space takes one of its own; it is connected at once. */
  transport(): JoinableTransport;
  /**
   * Lets the other side of a port in, as soon as it greets: a `messagePortTransport`, or another hub. Events to nodes that are
   * not known wait until it has come up, or ended.
   *
   * @throws HappenError `HAPPEN_INVALID_OPTION` when it is no port
   */
  connect(port: MessagePortLike): PortConnection;
  /** Ends every connection. */
  close(): void;
  /** The counts at this moment. */
  counts(): MessagePortCounts;
}

/**
 * Joins the spaces of several threads: the workers that a main thread has started reach its nodes, and each other's.
 *
 * Every space hears at once of every node, so a node that is nowhere is told at once; and where the runtime tells that a
 * worker has ended (on Node.js always; in browsers, ports do in some), whatever it was asked fails with `HAPPEN_DISCONNECTED`.
 * The ports must form a tree: no two ways may lead from one thread to another.
 *
 * @throws HappenError `HAPPEN_INVALID_OPTION` for an unknown or impossible option
 *
 * @example
 * const hub = messagePortHub();
 * const happen = initializeHappen({ transport: hub.transport() });
 * for (const file of ['prices.js', 'images.js']) hub.connect(new Worker(new URL(file, import.meta.url)));
 * // in each worker: initializeHappen({ transport: messagePortTransport(parentPort) })
 */
export function messagePortHub(options: MessagePortHubOptions = {}): MessagePortHub {
  const { keepAlive, changed } = portSettings('messagePortHub', options);
  const exchange = new Exchange(keepAlive, changed);
  return {
    transport: () =>
      defineTransport(
        new PortEnd(exchange, {
          begin: async (end) => end.connected(),
          ended: () => {},
        }),
      ),
    connect(port) {
      checkPort('connect', port);
      const connection = exchange.connect(port);
      return { close: () => connection.close('the connection was closed here') };
    },
    close: () => exchange.close('the hub was closed here'),
    counts: () => countsOf(exchange.counts),
  };
}

export function countsOf({ malformed, returned }: ExchangeCounts): MessagePortCounts {
  return { malformed, returned };
}
