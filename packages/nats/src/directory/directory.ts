import type { AnnouncedNode } from './announcement.js';
import type { SharedAddress } from './shared-address.js';

/** A node that lives elsewhere, or here. */
export interface DirectoryNode {
  readonly id: string;
  /** The running space it lives in. */
  readonly instance: string;
  /** The patterns of broadcasts it listens to; `**` alone where they are too many to be told (200, or 8 000 characters). */
  readonly patterns: readonly string[];
  readonly delivery: 'at-most-once';
  readonly exclusive: boolean;
  /** The node's public key, 64 hexadecimal digits, where its space signs frames. What it says of itself, unproven. */
  readonly publicKey?: string;
}

/** A node that came, changed or went. */
export interface DirectoryChange {
  readonly kind: 'added' | 'changed' | 'removed';
  readonly node: DirectoryNode;
}

/** Who lives where, as far as their announcements have arrived. */
export interface Directory {
  /** The nodes of all instances that are there, those of this space included. */
  nodes(): readonly DirectoryNode[];
  /** Hears of each change from now on, until the returned function is called. What it throws is logged. */
  watch(listener: (change: DirectoryChange) => void): () => void;
  /**
   * Waits until all these nodes are there at the same time, here or elsewhere.
   *
   * @throws HappenError `HAPPEN_TIMEOUT` with the ids in `details.missing`, `HAPPEN_CANCELLED` when the signal aborts,
   *   `HAPPEN_CLOSED` when the space closes, `HAPPEN_DISCONNECTED` when it can't connect and tries no more (refused credentials),
   *   `HAPPEN_INVALID_OPTION`
   */
  waitFor(ids: string | readonly string[], options?: WaitOptions): Promise<void>;
}

/** How long to wait for nodes. */
export interface WaitOptions {
  /** In milliseconds, or a string such as `"5s"`. @default 30 seconds */
  readonly timeout?: number | string;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

/** The nodes of one instance that lives elsewhere. */
export interface Known {
  revision: number;
  /** When it was last heard of, in milliseconds of the monotonic clock. */
  heardAt: number;
  /** Whether it has been heard of since this instance connected. */
  isBack: boolean;
  /** Whether it has been asked for all of it. */
  asked: boolean;
  nodes: Map<string, AnnouncedNode>;
  readonly shared: SharedAddress;
  /** The parts of a whole that is on its way. */
  whole:
    | {
        readonly revision: number;
        readonly parts: number;
        readonly nodes: Map<string, AnnouncedNode>;
        next: number;
        weight: number;
        readonly begunAt: number;
      }
    | undefined;
}

export function asDirectoryNode(
  instance: string,
  { id, patterns, exclusive, publicKey }: AnnouncedNode,
): DirectoryNode {
  return {
    id,
    instance,
    patterns,
    delivery: 'at-most-once',
    exclusive,
    ...(publicKey === undefined ? {} : { publicKey }),
  };
}
