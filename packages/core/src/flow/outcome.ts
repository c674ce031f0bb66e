/** Whether a step's outcome has to be awaited. */
export function isPromiseLike(value: object): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown }).then === 'function';
}

/** Whether a step's outcome is a generator or another iterator object, which means a stream. */
export function isStream(value: object): boolean {
  return (
    typeof (value as { next?: unknown }).next === 'function' &&
    (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}

/** Stands for the outcome of a flow that goes on with the consumer of its stream. */
export const handedOver: unique symbol = Symbol('handed over');
