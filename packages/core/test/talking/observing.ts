import { type ErrorCode, HappenError } from '../../src/index.js';
import { turn } from './worlds.js';

/** A promise to be resolved from elsewhere. */
export interface Gate<T = void> {
  readonly passed: Promise<T>;
  open(value: T): void;
  fail(error: unknown): void;
}

export function gate<T = void>(): Gate<T> {
  let open: (value: T) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const passed = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { passed, open, fail };
}

/** The error a promise rejects with, which has to be one of Happen's. */
export async function failureOf(promise: PromiseLike<unknown>): Promise<HappenError> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    if (error instanceof HappenError) return error;
    throw new TypeError('rejected with something that is not a HappenError', { cause: error });
  }
  throw new TypeError(`expected a rejection, but it resolved to ${JSON.stringify(value)}`);
}

/** The code of the error a promise rejects with. */
export async function codeOf(promise: PromiseLike<unknown>): Promise<ErrorCode> {
  return (await failureOf(promise)).code;
}

/** Waits until a condition holds, by turns of the event loop; gives up after some time, with an error that says what. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  for (let turns = 0; !condition(); turns++) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    // Most of it happens within a few turns; what does not must not keep the processor busy.
    if (turns < 1_000) await turn();
    else await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** What would end a process without a handler for it, since the call. */
export function unhandledRejections(): { readonly reasons: unknown[] } & Disposable {
  const reasons: unknown[] = [];
  const listen = (reason: unknown): void => void reasons.push(reason);
  process.on('unhandledRejection', listen);
  return { reasons, [Symbol.dispose]: () => void process.off('unhandledRejection', listen) };
}

/** 0 to `count` - 1. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
