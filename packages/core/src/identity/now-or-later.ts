/** What is there at once where the runtime can, and later elsewhere. */
export type NowOrLater<T> = T | Promise<T>;

/** Goes on with a value: in this turn if it is there, so that nothing is paid for what answers at once. */
export function whenKnown<T, U>(value: NowOrLater<T>, next: (value: T) => NowOrLater<U>): NowOrLater<U> {
  return isLater(value) ? value.then(next) : next(value);
}

/** Whether a value is a promise, of whatever realm or library. */
export function isLater<T>(value: NowOrLater<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
