/** What has been counted at the two ends of a work. */
export interface Tally {
  /** Operations begun. */
  sent: number;
  /** Payloads that reached the handler or listener at the far end. */
  received: number;
  /** Answers, sums or causes that were not as they had to be. */
  wrong: number;
}

/** One row's work, done by one contender. */
export interface Work {
  readonly tally: Tally;
  /** How many operations one `run` does; {@link chunk} where it is left out. */
  readonly chunk?: number;
  /** Does so many operations; resolves once the last of them has been received and what came back has been checked. */
  run(count: number): Promise<void>;
  close(): Promise<void>;
}

export function newTally(): Tally {
  return { sent: 0, received: 0, wrong: 0 };
}

/** Operations between two looks at the clock: many enough that looking costs nothing, and a multiple of what is in flight. */
export const chunk = 1024;

/** The operations that are in flight together, where a row has more than one. A run's count is a multiple of it. */
export const inFlight = 256;

/** The events of a batch, in the row on batches. */
export const batchSize = 64;

/** The nodes that an event goes to, in the row on fanning out. */
export const fanOut = 16;

/** The nodes of the rows on many of them. */
export const manyNodes = 1000;

/** The items of a stream, in the row on streams. */
export const streamLength = 10_000;
