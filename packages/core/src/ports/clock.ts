/** A handle to a timer that has been set. */
export interface Timer {
  /** Ends the timer without running it. Doing so twice, or after it ran, changes nothing. */
  clear(): void;
  /** Says whether the timer alone keeps the process alive; without it, nothing can be said. Costs less than another timer. */
  keepAlive?(on: boolean): void;
}

/**
 * Time, as everything in a space sees it. Tests and simulations hand in their own.
 *
 * Two timers due at the same moment run in the order in which they were set.
 */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. May step backwards when the machine's clock is set. */
  now(): number;
  /**
   * Milliseconds from any moment on, with fractions where the runtime has them, which never go back. Durations are measured
   * by it: timeouts, streams, what is remembered for a while. Timers have to go by it too. @default `now`, whose durations are
   * wrong when the machine's clock is set
   */
  monotonic?(): number;
  /**
   * Runs `callback` once, not before `delayMs` milliseconds from now (0 or less: in the next turn of the event loop).
   *
   * @param background `true` when the timer alone must not keep the process alive
   */
  setTimer(delayMs: number, callback: () => void, background?: boolean): Timer;
}
