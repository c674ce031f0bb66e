import { HappenError } from '../errors/happen-error.js';
import type { Delivery, ReplySink } from '../flow/delivery.js';
import type { StreamSource } from '../flow/stream-source.js';
import type { Deadlines, Expiring } from '../talk/deadlines.js';
import { noAnswer } from '../talk/send-errors.js';
import type { FrameSource } from './route.js';

/** A request from elsewhere: who asked, and which node. */
export interface Asked {
  readonly by: FrameSource;
  readonly node: string;
  readonly request: number;
  /** How long the asker waits, for each item of a stream too, in milliseconds; 0 when that is not limited. */
  readonly patienceMs: number;
}

/** Sends answers to where the request came from. */
export interface Answering {
  /** `undefined` as `error` means that `value` is the answer. */
  answer(to: Asked, value: unknown, error: HappenError | undefined): void;
  answerWithStream(to: Asked, source: StreamSource): void;
}

/**
 * Where the outcome of a request from elsewhere goes. At the deadline it aborts the flow, should the asker be gone, and what the flow
 * then comes to is no answer: the asker's own time may not be quite over yet, and it would hear now this, now that.
 */
export class RemoteReply implements ReplySink, Expiring {
  readonly #answering: Answering;
  readonly #deadlines: Deadlines;
  /** Whom it answers. */
  readonly to: Asked;
  #delivery: Delivery | undefined;
  #bucket = -1;
  answered = false;

  constructor(answering: Answering, deadlines: Deadlines, to: Asked) {
    this.#answering = answering;
    this.#deadlines = deadlines;
    this.to = to;
  }

  awaits(delivery: Delivery, deadlineAt: number): void {
    this.#delivery = delivery;
    if (deadlineAt > 0) this.#bucket = this.#deadlines.add(this, deadlineAt);
  }

  expire(): void {
    this.#bucket = -1;
    const delivery = this.#delivery;
    if (delivery === undefined) return;
    const { node, patienceMs } = this.to;
    this.#answer(undefined, noAnswer(node, delivery.event.type, patienceMs));
    delivery.cancel(whyCancelled('HAPPEN_TIMEOUT'));
  }

  resolve(value: unknown): void {
    this.#answer(value, undefined);
  }

  reject(error: HappenError): void {
    this.#answer(undefined, error);
  }

  stream(source: StreamSource): void {
    this.#settle();
    this.#answering.answerWithStream(this.to, source);
  }

  #answer(value: unknown, error: HappenError | undefined): void {
    if (this.answered) return;
    this.#settle();
    this.#answering.answer(this.to, value, error);
  }

  #settle(): void {
    this.answered = true;
    if (this.#bucket >= 0) this.#deadlines.remove(this, this.#bucket);
    this.#bucket = -1;
    this.#delivery = undefined;
  }
}

/** What the flow of an asker who no longer waits is told: the same as if he were in its process. */
export function whyCancelled(reason: string): HappenError {
  return reason === 'HAPPEN_TIMEOUT'
    ? new HappenError('HAPPEN_TIMEOUT', 'The time of the asker is over.')
    : new HappenError('HAPPEN_CANCELLED', `The asker gave up: ${reason}`);
}
