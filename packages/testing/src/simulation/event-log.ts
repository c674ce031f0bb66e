/**
 * What happened in one run, in order. Two runs of one seed must give equal logs: that is how it is found out that something
 * depends on more than the seed.
 */
export class EventLog {
  readonly lines: string[] = [];
  readonly #elapsedMs: () => number;
  #isClosed = false;

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  /** @param where the space, or what stands between them */
  write(where: string, what: string): void {
    if (!this.#isClosed) this.lines.push(`+${this.#elapsedMs().toFixed(3)} ms  ${where}  ${what}`);
  }

  /** Takes nothing more. */
  close(): void {
    this.#isClosed = true;
  }
}

/** Where two logs part; `undefined` when they are equal. */
export function firstDifference(
  one: readonly string[],
  other: readonly string[],
): { readonly at: number; readonly one: string | undefined; readonly other: string | undefined } | undefined {
  const length = Math.max(one.length, other.length);
  for (let at = 0; at < length; at++) {
    if (one[at] !== other[at]) return { at, one: one[at], other: other[at] };
  }
  return undefined;
}
