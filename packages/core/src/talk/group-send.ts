import { HappenError } from '../errors/happen-error.js';
import type { Answer, Final, Yielded } from '../event/event-map.js';
import { DerivedAnswer, type AnswerOwner } from './derived-answer.js';
import type { Receipt, SendHandle } from './send-handle.js';

/** How one of several sends came out. */
export type PartOutcome = { readonly value: unknown } | { readonly error: HappenError };

/** What a group needs beside its parts. */
export interface GroupTerms<R> {
  /** Makes the answer of the group out of those of its parts, in their order; what it throws rejects. */
  combine(outcomes: readonly PartOutcome[]): R;
  /** Hears of failures that nobody has looked at. */
  readonly owner: AnswerOwner;
}

/** Several sends behind one handle: to several nodes, or of several runs of events. Asking it asks them all. */
export class GroupSend<R> implements SendHandle<R> {
  readonly #parts: readonly SendHandle<unknown>[];
  readonly #terms: GroupTerms<R>;
  readonly #asked: { then?: Promise<R>; return?: Promise<R> } = {};

  constructor(parts: readonly SendHandle<unknown>[], terms: GroupTerms<R>) {
    this.#parts = parts;
    this.#terms = terms;
  }

  // being awaitable is the point
  then<A = Answer<R>, B = never>(
    fulfilled?: ((value: Answer<R>) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#derive('then', fulfilled, rejected);
  }

  catch<U = never>(rejected: (error: unknown) => U): Promise<Answer<R> | Awaited<U>> {
    return this.then(undefined, rejected) as Promise<Answer<R> | Awaited<U>>;
  }

  finally(callback: () => void): Promise<Answer<R>> {
    return this.then(
      async (value) => {
        await callback();
        return value;
      },
      async (error: unknown) => {
        await callback();
        throw error;
      },
    );
  }

  return(): Promise<Final<R>>;
  return<U>(callback: (result: Final<R>) => U): Promise<Awaited<U>>;
  return<U>(callback?: (result: Final<R>) => U): Promise<unknown> {
    return this.#derive('return', callback);
  }

  [Symbol.asyncIterator](): AsyncIterator<Yielded<R>, Final<R>> {
    throw new HappenError(
      'HAPPEN_NOT_AVAILABLE',
      'The answers of several nodes or runs are not one stream. Await them, and iterate over each.',
    );
  }

  /** Resolves with the receipt of the first part, once all parts have been handed over. */
  sent(): Promise<Receipt> {
    const answer = new DerivedAnswer<Receipt>(undefined, undefined, this.#terms.owner);
    Promise.all(this.#parts.map((part) => part.sent())).then(
      (receipts) => answer.settle('resolved', receipts[0]),
      (error: unknown) => answer.settle('rejected', error),
    );
    return answer;
  }

  #derive<T>(
    way: 'then' | 'return',
    fulfilled: ((value: never) => unknown) | null | undefined,
    rejected?: ((reason: unknown) => unknown) | null,
  ): DerivedAnswer<T> {
    const answer = new DerivedAnswer<T>(fulfilled, rejected, this.#terms.owner);
    this.#ask(way).then(
      (value) => answer.settle('resolved', value),
      (error: unknown) => answer.settle('rejected', error),
    );
    return answer;
  }

  /** Each part is asked in the same way: of a stream, `return` gives what its generator returned. */
  #ask(way: 'then' | 'return'): Promise<R> {
    this.#asked[way] ??= Promise.all(
      this.#parts.map((part) =>
        (way === 'then' ? part : part.return()).then(
          (value): PartOutcome => ({ value }),
          (error: HappenError): PartOutcome => ({ error }),
        ),
      ),
    ).then((outcomes) => this.#terms.combine(outcomes));
    return this.#asked[way];
  }
}
