/**
 * Decides whether a signed frame is taken. What costs little is looked at first; the signature, which costs a hundred times as
 * much as the rest together, last.
 *
 * Invariants:
 * 1. Nothing is remembered of a frame whose signature is not right: neither its number nor its key.
 * 2. What is given back has a right signature of the sender's key, was made for this address, and is new.
 */
import { isSoundSignature } from '../identity/ed25519.js';
import { type KnownKey, KnownKeys } from '../identity/known-keys.js';
import { memberOf, type KeyPair } from '../identity/key-pair.js';
import { type NowOrLater, whenKnown } from '../identity/now-or-later.js';
import { Refused } from '../identity/refusal.js';
import { type FrameNumber, ReplayGuard } from '../identity/replay-guard.js';
import type { SecurityConfig } from '../identity/security-config.js';
import { isSameBytes } from '../identity/ed25519.js';
import type { Clock } from '../ports/clock.js';
import type { Crypto } from '../ports/crypto.js';
import type { Logger } from '../ports/logger.js';
import { decodeFrameBody } from '../wire/frame.js';
import type { WireLimits } from '../wire/limits.js';
import type { Frame } from '../wire/messages.js';
import { readSeal, type Seal, type SealedBytes } from '../wire/seal.js';
import type { Arrival } from './route.js';

/** What verifying needs from a space. */
export interface VerifyingHost {
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly logger: Logger;
  localNode(id: string): { readonly keyPair: KeyPair } | undefined;
}

/** A signed frame, read, that is worth having its signature verified. */
export interface Candidate {
  readonly frame: Frame;
  readonly seal: Seal;
  readonly bytes: Uint8Array;
  /** Takes it for good, or throws {@link Refused}; once it is known whether the signature is right. */
  conclude(isRight: boolean): void;
  /** Whether the signature is right. Fails with {@link Refused} for a key that does not speak for the sender. */
  verify(): NowOrLater<boolean>;
}

/** `spared` times the most keys that are bound on first use leaves room in `total`, so that such senders can't use it up. */
const directMemory = { size: 2048, each: 1024, total: 32_768, spared: 1 };
const broadcastMemory = { size: 512, each: 8192, total: 65_536, spared: 3 };
const defaultFreshnessMs = 60_000;

export class Verifier {
  readonly #clock: Clock;
  readonly #verify: NonNullable<Crypto['verify']>;
  readonly #limits: WireLimits;
  readonly #keys: KnownKeys;
  readonly #freshnessMs: number;
  readonly #direct: ReplayGuard;
  readonly #broadcast: ReplayGuard;
  /** A broadcast comes once for each listening node; its signature is verified once. */
  #last: { readonly bytes: Uint8Array; readonly isRight: NowOrLater<boolean> } | undefined;

  /** @throws HappenError `HAPPEN_INVALID_CONFIG` when the space's cryptography can't verify */
  constructor(host: VerifyingHost, security: SecurityConfig, limits: WireLimits) {
    const { clock, crypto, logger } = host;
    this.#clock = clock;
    this.#verify = memberOf(crypto, 'verify');
    this.#limits = limits;
    this.#freshnessMs = security.freshness ?? defaultFreshnessMs;
    this.#keys = new KnownKeys({
      clock,
      keys: security.keys,
      trustOnFirstUse: security.trustOnFirstUse ?? security.keys === undefined,
      localKeyPair: (nodeId) => host.localNode(nodeId)?.keyPair,
      lookUpFailed: (error) => logger.error({ err: error }, 'security.keys failed'),
    });
    const shared = { clock, freshnessMs: this.#freshnessMs };
    this.#direct = new ReplayGuard({ ...directMemory, ...shared });
    this.#broadcast = new ReplayGuard({ ...broadcastMemory, ...shared });
  }

  /**
   * Everything but the signature, and whose key it is.
   *
   * @throws Refused, HappenError `HAPPEN_MALFORMED_FRAME`
   */
  read(bytes: Uint8Array, arrival: Arrival): Candidate {
    const parts = readSeal(bytes, this.#limits.maxFrameBytes);
    const { seal, signature, bodyEnd } = parts;
    const { sender, madeAt, to } = seal;
    const isBroadcast = arrival.kind === 'broadcast';
    if (to.kind !== arrival.kind || (!isBroadcast && to.name !== arrival.id)) throw new Refused('destination', sender);
    const age = this.#clock.now() - madeAt;
    if (age > this.#freshnessMs || age < -this.#freshnessMs) throw new Refused('stale', sender);
    if (!isSoundSignature(signature)) throw new Refused('signature', sender);
    const frame = decodeFrameBody(bytes, bodyEnd, this.#limits);
    const guard = isBroadcast ? this.#broadcast : this.#direct;
    const number: FrameNumber = {
      sender,
      instance: frame.from,
      listener: isBroadcast ? arrival.id : '',
      number: frame.sequence,
      madeAt,
      // An instance has its name from one run of a space alone.
      isForThisRun: to.kind === 'instance',
    };
    const novelty = guard.look(number);
    if (novelty !== 'new') throw new Refused(novelty, sender);
    let known: KnownKey | undefined;
    return {
      frame,
      seal,
      bytes,
      verify: () =>
        whenKnown(this.#keys.find(sender, seal.key), (found) => {
          known = found;
          return isBroadcast ? this.#verifyOnce(bytes, parts, found.key) : this.#isRight(parts, found.key);
        }),
      conclude: (isRight) => {
        if (!isRight || known === undefined) throw new Refused('signature', sender);
        const now = guard.take(number, this.#keys.used(sender, known));
        if (now !== 'new') throw new Refused(now, sender);
      },
    };
  }

  /** Whether the node has a key already that is its own, or pinned, or was bound to it. */
  knows(nodeId: string): boolean {
    return this.#keys.knows(nodeId);
  }

  #verifyOnce(bytes: Uint8Array, parts: SealedBytes, key: Uint8Array): NowOrLater<boolean> {
    const last = this.#last;
    if (last !== undefined && isSameBytes(last.bytes, bytes)) return last.isRight;
    const isRight = this.#isRight(parts, key);
    this.#last = { bytes, isRight };
    return isRight;
  }

  /** Whatever a user's own cryptography throws or rejects, the frame is not right. */
  #isRight({ signed, signature }: SealedBytes, key: Uint8Array): NowOrLater<boolean> {
    try {
      const isRight = this.#verify(signed, signature, key);
      if (typeof isRight === 'boolean') return isRight;
      return Promise.resolve(isRight).then(
        (answer: unknown) => answer === true,
        () => false,
      );
    } catch {
      return false;
    }
  }
}
