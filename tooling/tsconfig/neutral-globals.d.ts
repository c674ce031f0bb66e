/**
 * What every runtime provides and the language's own library leaves out, as far as public types mention it. Users get the
 * same names from their DOM or Node types. What code uses without showing it is declared where it is used.
 */
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
