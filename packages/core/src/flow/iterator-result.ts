/** What `next()` of a user's iterator gave. @throws TypeError when it is no object */
export function iteratorResult(result: unknown): { readonly done: boolean; readonly value: unknown } {
  if (typeof result !== 'object' || result === null)
    throw new TypeError(`next() gave ${String(result)}, which is no result`);
  const { done, value } = result as IteratorResult<unknown>;
  return { done: Boolean(done), value };
}
