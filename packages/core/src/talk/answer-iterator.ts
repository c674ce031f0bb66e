import { HappenError } from '../errors/happen-error.js';
import { ReceivedStream } from './received-stream.js';

/** Iterates over the stream that an answer is, once it is there. */
export class AnswerIterator<Y, F> implements AsyncIterator<Y, F> {
  readonly #answer: Promise<ReceivedStream<Y, F>>;
  #stream: ReceivedStream<Y, F> | undefined;

  /** @param answer what `then` of a send gives */
  constructor(answer: Promise<unknown>, type: string | undefined) {
    this.#answer = answer.then((value) => {
      if (!(value instanceof ReceivedStream)) throw notAStream(type);
      this.#stream = value as ReceivedStream<Y, F>;
      return this.#stream;
    });
  }

  next(): Promise<IteratorResult<Y, F>> {
    return this.#stream === undefined ? this.#answer.then((stream) => stream.next()) : this.#stream.next();
  }

  return(value?: F | PromiseLike<F>): Promise<IteratorResult<Y, F>> {
    return this.#stream === undefined
      ? this.#answer.then((stream) => stream.return(value))
      : this.#stream.return(value);
  }
}

function notAStream(type: string | undefined): HappenError {
  return new HappenError(
    'HAPPEN_NOT_A_STREAM',
    `The answer to "${type}" is no stream: its handler is no generator. Await the send instead of iterating over it.`,
    { details: { type } },
  );
}
