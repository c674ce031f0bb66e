/**
 * How far a node has fallen behind, by how many events wait for it. What is told once is told again only when it has grown
 * worse, and is over only when half of what was first too many has gone: a queue about a boundary tells nothing new.
 */

/** How bad it is. */
export type LagSeverity = 'minor' | 'moderate' | 'severe';

/** As many wait at least, in each case. */
const atLeast = [101, 501, 1001] as const;
const severities: readonly LagSeverity[] = ['minor', 'moderate', 'severe'];

export class Lag {
  readonly #first: number;
  #level = 0;
  /** As soon as so many wait, there is something to tell. */
  nextAt: number;
  /** As soon as no more than so many wait, it is over; below 0 while there is nothing that could be. */
  overAt = -1;

  /** @param threshold - as many waiting are too many in any case, however few they are */
  constructor(threshold: number) {
    this.#first = Math.min(atLeast[0], threshold);
    this.nextAt = this.#first;
  }

  /** As many wait as `nextAt` says, or more. */
  grown(waiting: number): LagSeverity {
    while (waiting >= this.nextAt) this.nextAt = atLeast[++this.#level as 1 | 2] ?? Number.POSITIVE_INFINITY;
    this.overAt = this.#first >> 1;
    return severities[this.#level - 1] as LagSeverity;
  }

  /** As few wait as `overAt` says, or fewer. */
  over(): void {
    this.#level = 0;
    this.nextAt = this.#first;
    this.overAt = -1;
  }
}
