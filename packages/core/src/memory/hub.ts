import { HappenError } from '../errors/happen-error.js';
import type { Transport } from '../ports/transport.js';
import { defineTransport, type JoinableTransport } from '../link/define-transport.js';
import { hubSettings, type MemoryHubOptions } from './hub-options.js';
import { Junction } from './junction.js';
import { MemoryTransport } from './memory-transport.js';

/** What has happened to frames on a hub since it was made. */
export interface MemoryHubCounts {
  /** Frames taken from publishers. */
  readonly published: number;
  /** Frames handed to receivers; a broadcast counts once for each group that got it. */
  readonly delivered: number;
  /** Frames lost by chance or to a cut, each counted once for each receiver that missed it. */
  readonly dropped: number;
  /** Frames handed over a second time. */
  readonly duplicated: number;
  /** Frames that arrived after a later one of the same sender. */
  readonly reordered: number;
  /** Frames to a node or an instance that nobody else had attached. */
  readonly undeliverable: number;
}

/** A network in memory. */
export interface MemoryHub {
  /** A new end of the hub. Each space takes one of its own. */
  transport(): JoinableTransport;
  /**
   * Lets no frame through between the two, those on their way included. Nobody is told: both stay `connected`, and what is
   * sent is lost, whatever `supports` says of a network that works.
   *
   * @param direction `one-way` loses only what goes from the first to the second. @default 'both-ways'
   * @throws HappenError `HAPPEN_INVALID_OPTION` when one is not a transport of this hub
   */
  cut(one: Transport, other: Transport, direction?: 'both-ways' | 'one-way'): void;
  /** Cuts every transport of the one group from every transport of the other. */
  partition(group: readonly Transport[], others: readonly Transport[]): void;
  /** Undoes every cut. */
  heal(): void;
  /**
   * Undoes every cut, and from the next frame on loses, repeats and reorders none, so that what is under way can be completed.
   * Delays stay, and so does what `supports` says. The draws go on as before.
   */
  calm(): void;
  /**
   * Takes one end off the hub: its host is told `disconnected`, its `publish` rejects with `HAPPEN_DISCONNECTED`, and to the
   * others its attachments are not there. Without effect unless it is connected.
   *
   * @throws HappenError `HAPPEN_INVALID_OPTION` when it is not a transport of this hub
   */
  disconnect(transport: Transport, reason?: string): void;
  /** Undoes `disconnect`: attachments are as they were, and the host is told `reconnected`. */
  reconnect(transport: Transport): void;
  /** The counts at this moment. */
  counts(): MemoryHubCounts;
}

/**
 * Joins several spaces of one process as if they were processes: what crosses is copied bytes and nothing else. On request
 * it delays, reorders, duplicates, drops and cuts in two, reproducibly.
 *
 * @throws HappenError `HAPPEN_INVALID_OPTION` for an unknown or impossible option
 *
 * @example
 * const hub = memoryHub({ seed: 7, delayMs: [1, 20], drop: 0.01 });
 * const shop = initializeHappen({ transport: hub.transport() });
 * const warehouse = initializeHappen({ transport: hub.transport() });
 */
export function memoryHub(options: MemoryHubOptions = {}): MemoryHub {
  const junction = new Junction(hubSettings(options));
  const ends = new WeakSet<Transport>();
  const end = (transport: Transport): MemoryTransport => {
    if (transport instanceof MemoryTransport && ends.has(transport)) return transport;
    throw new HappenError(
      'HAPPEN_INVALID_OPTION',
      'This is not a transport of this hub; pass what its `transport()` returned, not a wrapper of it.',
    );
  };
  const cut: MemoryHub['cut'] = (one, other, direction = 'both-ways') => {
    if (direction !== 'both-ways' && direction !== 'one-way') {
      throw new HappenError(
        'HAPPEN_INVALID_OPTION',
        `A cut is "both-ways" or "one-way", not ${JSON.stringify(direction)}.`,
        { details: { path: 'direction' } },
      );
    }
    const [from, to] = [end(one), end(other)];
    junction.cut(from, to);
    if (direction === 'both-ways') junction.cut(to, from);
  };

  return {
    transport() {
      const transport = defineTransport(new MemoryTransport(junction));
      ends.add(transport);
      return transport;
    },
    cut,
    partition(group, others) {
      for (const one of group) for (const other of others) cut(one, other);
    },
    heal: () => junction.heal(),
    calm: () => junction.calm(),
    disconnect: (transport, reason) => end(transport).disconnect(reason),
    reconnect: (transport) => end(transport).reconnect(),
    counts: () => ({ ...junction.counts }),
  };
}
