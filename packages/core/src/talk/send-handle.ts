import type { Answer, Final, Yielded } from '../event/event-map.js';

/** What is known once an event has been handed over. */
export interface Receipt {
  /** The event's id. */
  readonly id: string;
}

/**
 * What `send` returns. The event leaves two turns of the microtask queue after the call; asking for the answer (`await`,
 * `then`, `.return`) must happen before that, in the same turn, and is `HAPPEN_ASKED_TOO_LATE` afterwards. Not asked, the
 * event is fire-and-forget: the receiver sees `expectsResponse` false, and a failure goes to `node.error`.
 *
 * A request rejects with a `HappenError`; `docs/errors.md` lists the codes.
 *
 * Where the handler is a generator the answer is an {@link EventStream}. `await` gives the stream; iterating over the handle
 * asks and iterates over the stream; `.return()` drops the items and gives what the generator returned.
 */
export interface SendHandle<R> extends PromiseLike<Answer<R>>, AsyncIterable<Yielded<R>, Final<R>> {
  /** Asks for the answer. A failure that nobody looks at goes to `node.error`, never to `unhandledRejection`. */
  return(): Promise<Final<R>>;
  /** Asks, and hands the answer to the callback; the promise is of what the callback returns. */
  return<U>(callback: (result: Final<R>) => U): Promise<Awaited<U>>;
  /** Asks for a stream and iterates over it. What is no stream throws `HAPPEN_NOT_A_STREAM`. */
  [Symbol.asyncIterator](): AsyncIterator<Yielded<R>, Final<R>>;
  /** Resolves once the event has been handed over (to the node's inbox, or to the transport), without asking. */
  sent(): Promise<Receipt>;
  /** Asks for the answer, as `await` does. */
  then<A = Answer<R>, B = never>(
    fulfilled?: ((value: Answer<R>) => A | PromiseLike<A>) | null,
    rejected?: ((reason: any) => B | PromiseLike<B>) | null,
  ): Promise<A | B>;
  /** Asks for the answer; the callback is for a failure. */
  catch<U = never>(rejected: (error: any) => U): Promise<Answer<R> | Awaited<U>>;
  /** Asks for the answer; the callback is for both its coming and its failure. */
  finally(callback: () => void): Promise<Answer<R>>;
}

/** What `broadcast` returns. */
export interface BroadcastHandle {
  /** Resolves once the event has been handed over to the listeners of this space and to the transport. */
  sent(): Promise<Receipt>;
}
