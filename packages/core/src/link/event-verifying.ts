/** Asks a user's own check about the signature of each event that arrives, before the event is handed on. */
import { describeThrown } from '../errors/describe-thrown.js';
import { HappenError } from '../errors/happen-error.js';
import type { HappenEvent } from '../event/event.js';
import type { ReplySink } from '../flow/delivery.js';
import type { Handled } from '../flow/step.js';
import { isLater, type NowOrLater } from '../identity/now-or-later.js';
import type { Clock } from '../ports/clock.js';
import { Refused } from '../identity/refusal.js';
import type { SecurityConfig } from '../identity/security-config.js';
import { inTime, longestAnswerMs } from './in-time.js';
import { InOrder, type InOrderSource } from './in-order.js';
import type { FrameSource } from './route.js';
import { listOf } from '../flow/handled.js';

type VerifyEvent = NonNullable<SecurityConfig['verify']>;

export class EventVerifying {
  readonly #verify: VerifyEvent;
  readonly #refused: (refusal: Refused) => void;
  readonly #inOrder = new InOrder();
  readonly #clock: Clock;

  /** @param refused told of each delivery that is not handed on */
  constructor(verify: VerifyEvent, clock: Clock, refused: (refusal: Refused) => void) {
    this.#verify = verify;
    this.#clock = clock;
    this.#refused = refused;
  }

  /**
   * Hands on what is right, after what came before it from the same source; of what is not, `reply` hears.
   *
   * @param bytes how much is kept meanwhile
   * @throws Refused when too much waits already
   */
  check(source: FrameSource, handled: Handled, bytes: number, hand: () => void, reply: ReplySink | undefined): void {
    const events = listOf(handled);
    const sender = events[0]?.context.causal.sender;
    const from = placeOf(source);
    if (!this.#inOrder.hasRoom(from)) throw new Refused('overload', sender);
    const refuse = (cause: unknown): void => {
      reply?.reject(notTaken(events[0], cause));
      this.#refused(new Refused('event-signature', sender));
    };
    let isRight: NowOrLater<boolean>;
    try {
      const answers = events.map((event) => this.#ask(event));
      isRight = answers.some(isLater)
        ? Promise.all(answers).then((all) => all.every((answer) => answer === true))
        : answers.every((answer) => answer === true);
    } catch (cause) {
      isRight = Promise.reject(cause);
    }
    const answer = inTime(this.#clock, isRight, () => new Error(`it took longer than ${longestAnswerMs} ms`));
    this.#inOrder.run(from, bytes, answer, (right) => (right ? hand() : refuse(undefined)), refuse);
  }

  /**
   * Goes on once what came before from the same source has been looked at.
   *
   * @throws Refused when too much waits already
   */
  behind(source: FrameSource, go: () => void): void {
    const from = placeOf(source);
    if (!this.#inOrder.hasRoom(from)) throw new Refused('overload', source.node);
    this.#inOrder.run(from, 0, undefined, go, go);
  }

  #ask(event: HappenEvent): NowOrLater<unknown> {
    const integrity: unknown = event.context['integrity'];
    const signature: unknown =
      typeof integrity === 'object' && integrity !== null
        ? (integrity as { signature?: unknown }).signature
        : undefined;
    return this.#verify(event.context.causal.hash, signature, event);
  }
}

/** Where frames are signed, a node has a share whatever instances it speaks from; otherwise nobody knows who it is. */
function placeOf({ instance, node }: FrameSource): InOrderSource {
  return { lane: instance, sender: node ?? instance, isKnown: true };
}

function notTaken(event: HappenEvent | undefined, cause: unknown): HappenError {
  const why = cause === undefined ? '' : ` (it failed: ${describeThrown(cause).message})`;
  return new HappenError(
    'HAPPEN_SIGNATURE_REFUSED',
    `The signature of "${event?.type}" was not accepted by the other side's security.verify${why}.`,
    { details: { type: event?.type } },
  );
}
