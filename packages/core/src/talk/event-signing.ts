/**
 * A user's own signatures of events: put where handlers find them, before anybody sees the event.
 *
 * Invariants:
 * 1. What a node sends leaves in the order of the calls, however long each signature takes: a sender stands in `#tails` exactly
 *    while something of his waits for one.
 * 2. A signer that never answers is given up: nothing waits for ever.
 */
import { describeThrown } from '../errors/describe-thrown.js';
import { HappenError, isHappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import { isLater } from '../identity/now-or-later.js';
import type { Clock } from '../ports/clock.js';
import type { Dispatched } from './dispatcher.js';

/** What a user's signer is: see `SecurityConfig`. */
export type SignEvent = (hash: string, event: HappenEvent) => unknown;

/** How long a signer may take, in milliseconds. */
const longestMs = 30_000;

export class EventSigner {
  readonly #sign: SignEvent;
  readonly #clock: Clock;
  readonly #idle: () => void;
  readonly #tails = new Map<string, Promise<unknown>>();
  #answersLater = false;

  /** @param idle called when nothing waits for a signature any more */
  constructor(sign: SignEvent, clock: Clock, idle: () => void) {
    this.#sign = sign;
    this.#clock = clock;
    this.#idle = idle;
  }

  /** Whether something waits for a signature. */
  get busy(): boolean {
    return this.#tails.size > 0;
  }

  /**
   * Signs events of one sender, whose `context.integrity` is open.
   *
   * @returns when they may leave, if not at once; it rejects with `HAPPEN_SIGNING_FAILED`
   * @throws HappenError `HAPPEN_SIGNING_FAILED`
   */
  sign(events: readonly HappenEvent[]): Promise<void> | undefined {
    const signed = events.map((event) => this.#signOne(event)).filter((one) => one !== undefined);
    if (signed.length <= 1) return signed[0];
    const all = Promise.all(signed).then(() => {});
    // Nobody may be left to hear of it, where what is sent fails for another reason.
    all.catch(() => {});
    return all;
  }

  #signOne(event: HappenEvent): Promise<void> | undefined {
    const { sender, hash } = event.context.causal;
    const integrity = event.context['integrity'] as Record<string, unknown>;
    const fill = (signature: unknown): void => {
      if (signature === undefined) throw failed('it gave nothing', undefined);
      integrity['signature'] = signature;
      Object.freeze(integrity);
    };
    let signature: unknown;
    try {
      signature = this.#sign(hash, event);
    } catch (cause) {
      throw failed(describeThrown(cause).message, cause);
    }
    const before = this.#tails.get(sender);
    if (!isLater(signature)) {
      fill(signature);
      // A signer that has ever answered later is waited for a turn always: what it signs at once must not overtake.
      return this.#answersLater ? this.#after(sender, before, Promise.resolve()) : undefined;
    }
    this.#answersLater = true;
    const own = this.#inTime(signature).then(fill, (cause: unknown) => {
      throw isHappenError(cause) ? cause : failed(describeThrown(cause).message, cause);
    });
    return this.#after(sender, before, own);
  }

  #after(sender: string, before: Promise<unknown> | undefined, own: Promise<void>): Promise<void> {
    const signed = before === undefined ? own : before.then(() => own);
    // The failure of one does not concern those behind it, and each of them hears of its own.
    const tail: Promise<unknown> = signed
      .catch(() => {})
      .then(() => {
        if (this.#tails.get(sender) === tail) this.#tails.delete(sender);
        if (this.#tails.size === 0) void Promise.resolve().then(() => this.#idle());
      });
    this.#tails.set(sender, tail);
    own.catch(() => {});
    return signed;
  }

  #inTime(signature: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimer(longestMs, () =>
        reject(failed(`it took longer than ${longestMs} ms`, undefined)),
      );
      signature.then(resolve, reject).then(
        () => timer.clear(),
        () => timer.clear(),
      );
    });
  }
}

/** Goes on once the signature is there; what fails then, or could not be signed, is told to whoever sends. */
export function whenSigned(signed: Promise<void>, go: () => void, sending: Pick<Dispatched, 'failed'>): void {
  signed.then(go).catch((cause: unknown) => {
    const error = isHappenError(cause)
      ? cause
      : new HappenError('HAPPEN_INTERNAL', `A part of the space failed: ${describeThrown(cause).message}`, { cause });
    sending.failed(error);
  });
}

function failed(why: string, cause: unknown): HappenError {
  return new HappenError('HAPPEN_SIGNING_FAILED', `The event could not be signed by security.sign: ${why}`, { cause });
}
