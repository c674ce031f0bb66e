/**
 * What differs between runtimes. `#host` resolves to `node.ts` where the `node` condition holds (Node.js, Bun, Deno) and to
 * `browser.ts` everywhere else; both export the same names. Nothing outside this folder touches the runtime.
 */
import type { Crypto } from '../ports/crypto.js';

/** A runtime's own primitives, Ed25519 among them. */
export type HostCrypto = Required<Crypto>;

/** Carries a value through everything that follows from a call: promises, timers, callbacks. */
export interface AsyncTracker<T> {
  /** The value of the nearest `run` around, or `undefined`. */
  current(): T | undefined;
  /** Calls `callback(argument)`; `current()` is `value` in it and in all that it starts. */
  run<A>(value: T | undefined, callback: (argument: A) => void, argument: A): void;
  /** Lets go of what the runtime keeps for it; from then on it follows nothing that began before. */
  end(): void;
}
