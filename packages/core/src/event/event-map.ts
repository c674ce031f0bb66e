/**
 * Types that read a map of events: `{ 'order.submitted'(payload: New): Accepted; 'report.build'(payload: Year):
 * AsyncGenerator<Progress, Url> }`. Nothing here exists at run time.
 */
import type { EventSchemas, StandardSchema } from '../schema/standard-schema.js';
import type { HappenEvent } from './event.js';

/** The map of a node or space whose events are left untyped. */
// untyped use is a promise of the public API
export type AnyEvents = {
  /** Any type, with any payload and result. */
  [type: string]: (payload: any) => any;
};

/** The payload of one type. */
// inference only
export type PayloadOf<M, T extends keyof M> = M[T] extends (payload: infer P) => any ? P : any;

/** What is sent as the payload of one type: another than its handlers get where a schema makes something of it. */
export type InputOf<M, T extends keyof M> = M[T] extends { readonly '~input': infer I } ? I : PayloadOf<M, T>;

/**
 * An entry of a map whose payload a schema checks: what senders write is what the schema takes, what handlers get is what it
 * makes of that. `R`: what the handler results in.
 */
// a result that nobody names is untyped
export type Checked<S extends StandardSchema<any, any>, R = any> = {
  (payload: Output<S>): R;
  readonly '~input': Input<S>;
};

/** The map of a node whose types have these schemas. */
export type EventsOfSchemas<E extends EventSchemas> = { [K in keyof E & string]: Checked<E[K]> };

/** What a node of this map may be given as schemas: of each type, one that takes and makes what the map says. */
export type SchemasFor<M> = { readonly [K in keyof M & string]?: StandardSchema<InputOf<M, K>, PayloadOf<M, K>> };

/** @internal */
type Input<S> = S extends StandardSchema<infer I, any> ? I : never;
/** @internal */
type Output<S> = S extends StandardSchema<any, infer O> ? O : never;

/** What the handler of one type results in. */
// inference only
export type ResultOf<M, T extends keyof M> = ResultOfMethod<M[T]>;

/**
 * Over each method of a union: only so is a literal among the results expected, and not widened, while `T` is being inferred.
 *
 * @internal
 */
type ResultOfMethod<F> = F extends (...parameters: any) => infer R ? R : any;

/**
 * Whether a type is `any`.
 *
 * @internal
 */
type IsAny<T> = 0 extends 1 & T ? true : false;

/**
 * What a generator yields and returns.
 *
 * @internal
 */
type StreamParts<R> =
  IsAny<R> extends true
    ? never
    : // what a consumer sends into a generator does not matter here
      R extends AsyncGenerator<infer Y, infer F, any> | Generator<infer Y, infer F, any>
      ? [Y, F]
      : never;

/**
 * A stream as its consumer sees it, wherever its generator runs. Take the items with `for await`. Nothing is buffered for a
 * consumer of the same space: the generator goes on when the next item is asked for.
 *
 * - Leaving the loop early runs the generator's `finally` and aborts its `context.signal`; it is not waited for.
 * - What the generator throws is thrown in the loop, as `HAPPEN_HANDLER_FAILED`.
 * - The request's `timeout` bounds each wait, not the whole: for an item that was asked for, and for the consumer to ask for
 *   one. After it the stream ends with `HAPPEN_TIMEOUT`.
 * - It is an iterator object itself: a handler that returns it makes it its own answer.
 */
export interface EventStream<Y, F> extends AsyncIterableIterator<Y, F, undefined>, AsyncDisposable {
  /**
   * What the generator returned, once the stream is over; it rejects with what broke the stream off. Reading it takes no items
   * (`.return()` on what `send` gives does), and it never becomes an unhandled rejection.
   */
  readonly result: Promise<F>;
  /**
   * How many items this receiver has missed by being slow: 0 but for the stream of a broadcast, which keeps the latest 256 for
   * each receiver.
   */
  readonly dropped: number;
  /** Takes the next item, or learns that there is none; several calls at once are served in their order. */
  next(): Promise<IteratorResult<Y, F>>;
  /** Leaves the stream: its generator ends, and `result` rejects with `HAPPEN_CANCELLED`. */
  return(value?: F | PromiseLike<F>): Promise<IteratorResult<Y, F>>;
  /** The stream itself: its items are there once. */
  [Symbol.asyncIterator](): this;
}

/** What awaiting a `send` gives: the result, or the stream when the handler is a generator. */
export type Answer<R> = [StreamParts<R>] extends [never]
  ? Awaited<R>
  : EventStream<StreamParts<R>[0], StreamParts<R>[1]>;

/** What `.return()` gives: the result, or what the generator returned. */
export type Final<R> = [StreamParts<R>] extends [never] ? Awaited<R> : StreamParts<R>[1];

/**
 * What a handler may come to: where its map names a generator, one of either kind, or a stream of the same items that it
 * received.
 *
 * @internal
 */
type Producible<R> = [StreamParts<R>] extends [never]
  ? R
  :
      | R
      | AsyncGenerator<StreamParts<R>[0], StreamParts<R>[1]>
      | Generator<StreamParts<R>[0], StreamParts<R>[1]>
      | EventStream<StreamParts<R>[0], StreamParts<R>[1]>;

/** What iterating over a `send` gives: the items of the stream; nothing can be taken from what is none. */
export type Yielded<R> = IsAny<R> extends true ? any : [StreamParts<R>] extends [never] ? never : StreamParts<R>[0];

/** Whether the string pattern `P` matches the type `K`, by the rules of `on` (alternatives aside). */
type SegmentsMatch<K extends string, P extends string> = P extends '**'
  ? true
  : P extends `${infer PHead}.${infer PTail}`
    ? PHead extends '**'
      ? true
      : K extends `${infer KHead}.${infer KTail}`
        ? PHead extends '*'
          ? SegmentsMatch<KTail, PTail>
          : KHead extends PHead
            ? SegmentsMatch<KTail, PTail>
            : false
        : false
    : P extends '*'
      ? K extends `${string}.${string}`
        ? false
        : true
      : K extends P
        ? true
        : false;

/** The part of a map that names its types; none of a map of any types. */
type Named<M> = { [K in keyof M as string extends K ? never : K]: M[K] };

/**
 * The events of a map's types but for some. A table, so that it is worked out once for a map and not at each `on`.
 *
 * @internal
 */
type EventTable<M, Others> = {
  [K in Exclude<keyof Named<M>, keyof Named<Others>> & string]: HappenEvent<K, PayloadOf<M, K>>;
};

/**
 * The results of a map's types.
 *
 * @internal
 */
type ResultTable<M> = { [K in keyof Named<M> & string]: Producible<ResultOfMethod<M[K]>> };

declare const expected: unique symbol;

/**
 * Everything that some handler of the map may result in, in a form that no value has. Beside a result that is still being
 * inferred it tells the compiler which words to expect, so that `{ status: 'paid' }` is not widened to any text.
 *
 * @internal
 */
type Expected<M> = ResultTable<M>[keyof ResultTable<M>] & { readonly [expected]: never };

/**
 * The part of a map whose types a string pattern matches.
 *
 * @internal
 */
type Matched<M, P extends string> = {
  [K in keyof M as string extends K
    ? never
    : K extends string
      ? SegmentsMatch<K, P> extends true
        ? K
        : never
      : never]: M[K];
};

/** The types of a map that a string pattern matches. */
export type Matching<M, P extends string> = keyof Matched<M, P> & string;

/** The event of one type, or the union over several. */
export type EventOf<M, K> = EventsOf<{ [T in K & string as T extends keyof M ? T : never]: M[T & keyof M] }>;

/**
 * The events of a map's types, as a union.
 *
 * @internal
 */
type EventsOf<M> = { [T in keyof M & string]: HappenEvent<T, PayloadOf<M, T>> }[keyof M & string];

/**
 * What a broadcast's event has beside: where the sender makes it by a generator, each receiver can iterate over its stream.
 *
 * @internal
 */
type StreamOf<R> = [StreamParts<R>] extends [never]
  ? unknown
  : {
      /** This receiver's own stream of what the sender's generator yields. */
      [Symbol.asyncIterator](): EventStream<StreamParts<R>[0], StreamParts<R>[1]>;
    };

/** What a handler registered under a pattern receives, given the node's own map and the space's broadcasts. */
export type EventFor<M, B, P extends string> = P extends keyof EventTable<M, B>
  ? EventTable<M, B>[P]
  : P extends keyof EventTable<B, M>
    ? EventTable<B, M>[P] & StreamOf<ResultOf<B, P & keyof B>>
    : [keyof Matched<M, P> | keyof Matched<B, P>] extends [never]
      ? // an untyped event may have a stream of anything
        HappenEvent & {
          /** This receiver's own stream, where the sender's generator makes one. */
          [Symbol.asyncIterator](): EventStream<any, any>;
        }
      : EventsOf<Matched<M, P>> | EventsOf<Matched<B, P>>;

/** What a handler registered under a pattern may result in. */
export type ResultFor<M, B, P extends string> =
  | Expected<M>
  | (P extends keyof ResultTable<M>
      ? ResultTable<M>[P]
      : P extends keyof EventTable<B, M>
        ? // what a broadcast results in is nobody's business
          any
        : [keyof Matched<M, P>] extends [never]
          ? // a type outside the map has an untyped result
            any
          : Producible<ResultOfMethod<Matched<M, P>[keyof Matched<M, P>]>>);

/** An event as it is sent to a target with this map; `payload` may be left out where `undefined` is one. */
// Not an intersection with `Outgoing`: its payload of `any` would make that of the whole `any`, and so leave literals unchecked.
export type OutgoingOf<M, K extends keyof M & string> = {
  readonly type: K;
  readonly context?: object;
} & (undefined extends InputOf<M, K> ? { payload?: InputOf<M, K> } : { payload: InputOf<M, K> });

/** Any event that a target with this map takes. */
// Written out: as an intersection with `Outgoing` its payload would be compared as `any` within the union.
export type AnyOutgoingOf<M> = {
  [K in keyof M & string]: undefined extends InputOf<M, K>
    ? { readonly type: K; readonly payload?: InputOf<M, K>; readonly context?: object }
    : { readonly type: K; readonly payload: InputOf<M, K>; readonly context?: object };
}[keyof M & string];

/**
 * The map of several targets: the types that all of them take. If the map of one of them is not known, nothing is asked of the
 * events.
 */
export type CommonEvents<L extends readonly unknown[]> =
  true extends IsUntyped<EventsTakenBy<L[number]>> ? AnyEvents : EventsTakenBy<L[number]>;

/** @internal */
type EventsTakenBy<X> = X extends { readonly id: string; readonly '~accepts'?: { readonly events: infer M } }
  ? M
  : AnyEvents;

/** @internal */
type IsUntyped<M> = M extends unknown ? (string extends keyof M ? true : false) : never;
