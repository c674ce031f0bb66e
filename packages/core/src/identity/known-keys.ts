/**
 * Which key speaks for which node.
 *
 * Invariants:
 * 1. A node of this space speaks by its own key, one with pinned keys by those, and any other by the key it was bound to.
 * 2. A bound key is replaced by none, as long as it is remembered; it is forgotten only in favour of another when there are too
 *    many, and it has not been used for an hour. Otherwise the newcomer is refused: names cost a hostile peer nothing.
 */
import type { Clock } from '../ports/clock.js';
import { isSameBytes, isSoundPublicKey } from './ed25519.js';
import type { KeyPair } from './key-pair.js';
import { type NowOrLater, whenKnown } from './now-or-later.js';
import { Refused } from './refusal.js';
import { keysOf } from './public-key.js';
import type { SecurityConfig } from './security-config.js';
import { monotonic } from '../ports/monotonic.js';

/** How many keys are remembered that nobody has pinned. */
export const mostBoundKeys = 10_000;
const idleMs = 3_600_000;

/** What may speak for a node. */
export interface KnownKey {
  /** The key to verify with: the same array each time, so that what the runtime made of it can be kept. */
  readonly key: Uint8Array;
  /** It is not bound to its node yet. */
  readonly isNew: boolean;
}

interface Bound {
  readonly key: Uint8Array;
  /** The later it was bound, the higher. */
  readonly rank: number;
  usedAt: number;
}

export interface KnownKeysSettings {
  readonly clock: Clock;
  readonly keys: SecurityConfig['keys'];
  readonly trustOnFirstUse: boolean;
  /** The key pair of a node of this space. */
  localKeyPair(nodeId: string): KeyPair | undefined;
  /** Told of what the user's own look-up throws. */
  lookUpFailed(error: unknown): void;
}

export class KnownKeys {
  readonly #settings: KnownKeysSettings;
  readonly #pinned: Map<string, readonly Uint8Array[]> | undefined;
  /** The last used come last. */
  readonly #bound = new Map<string, Bound>();
  #lastRank = 0;
  /** Arrays that are always the same for keys that the user's look-up makes anew each time. */
  readonly #lookedUp = new Map<string, Uint8Array>();

  constructor(settings: KnownKeysSettings) {
    this.#settings = settings;
    const { keys } = settings;
    if (typeof keys === 'object')
      this.#pinned = new Map(Object.entries(keys).map(([id, given]) => [id, keysOf(given)]));
  }

  /**
   * The key that a node may speak by, if it is the one given.
   *
   * @throws Refused `weak-key`, `key-conflict`, `unknown-sender`
   */
  find(nodeId: string, key: Uint8Array): NowOrLater<KnownKey> {
    if (!isSoundPublicKey(key)) throw new Refused('weak-key', nodeId);
    const local = this.#settings.localKeyPair(nodeId);
    if (local !== undefined) {
      return whenKnown(local.publicKey(), (own) => {
        if (!isSameBytes(own, key)) throw new Refused('key-conflict', nodeId);
        return { key: own, isNew: false };
      });
    }
    const pinned = this.#pinnedOf(nodeId);
    if (pinned !== undefined) {
      const same = pinned.find((one) => isSameBytes(one, key));
      if (same === undefined) throw new Refused('key-conflict', nodeId);
      return { key: this.#pinned === undefined ? this.#steady(nodeId, same) : same, isNew: false };
    }
    if (!this.#settings.trustOnFirstUse) throw new Refused('unknown-sender', nodeId);
    const bound = this.#bound.get(nodeId);
    if (bound !== undefined) {
      if (!isSameBytes(bound.key, key)) throw new Refused('key-conflict', nodeId);
      return { key: bound.key, isNew: false };
    }
    if (!this.#hasRoom()) throw new Refused('unknown-sender', nodeId);
    return { key: key.slice(), isNew: true };
  }

  /** Whether it is known already which key speaks for a node. */
  knows(nodeId: string): boolean {
    if (this.#bound.has(nodeId) || this.#settings.localKeyPair(nodeId) !== undefined) return true;
    // A look-up that is the user's own is asked once for each frame, and not here.
    return this.#pinned === undefined ? !this.#settings.trustOnFirstUse : this.#pinned.has(nodeId);
  }

  /**
   * The key has signed for its node: a new one is bound.
   *
   * @returns the rank of the node: 0 for one of this space and for one whose keys are pinned; the others in the order in which
   *   they were bound
   * @throws Refused `key-conflict` when another was bound meanwhile
   */
  used(nodeId: string, { key, isNew }: KnownKey): number {
    const bound = this.#bound.get(nodeId);
    if (bound === undefined) return isNew ? this.#bind(nodeId, key) : 0;
    if (isNew && !isSameBytes(bound.key, key)) throw new Refused('key-conflict', nodeId);
    bound.usedAt = monotonic(this.#settings.clock);
    this.#bound.delete(nodeId);
    this.#bound.set(nodeId, bound);
    return bound.rank;
  }

  #bind(nodeId: string, key: Uint8Array): number {
    if (!this.#hasRoom()) throw new Refused('unknown-sender', nodeId);
    if (this.#bound.size >= mostBoundKeys) this.#bound.delete(this.#bound.keys().next().value as string);
    const rank = ++this.#lastRank;
    this.#bound.set(nodeId, { key, rank, usedAt: monotonic(this.#settings.clock) });
    return rank;
  }

  #hasRoom(): boolean {
    if (this.#bound.size < mostBoundKeys) return true;
    const oldest = this.#bound.values().next().value as Bound;
    return monotonic(this.#settings.clock) - oldest.usedAt >= idleMs;
  }

  #pinnedOf(nodeId: string): readonly Uint8Array[] | undefined {
    const { keys } = this.#settings;
    if (this.#pinned !== undefined) return this.#pinned.get(nodeId);
    if (typeof keys !== 'function') return undefined;
    try {
      const given = keys(nodeId);
      return given === undefined ? undefined : keysOf(given);
    } catch (error) {
      this.#settings.lookUpFailed(error);
      throw new Refused('unknown-sender', nodeId);
    }
  }

  #steady(nodeId: string, key: Uint8Array): Uint8Array {
    const before = this.#lookedUp.get(nodeId);
    if (before !== undefined && isSameBytes(before, key)) return before;
    if (this.#lookedUp.size >= mostBoundKeys) this.#lookedUp.clear();
    const kept = key.slice();
    this.#lookedUp.set(nodeId, kept);
    return kept;
  }
}
