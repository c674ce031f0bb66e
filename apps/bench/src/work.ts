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
  /** Does so many operations; resolves once the last of them has been received and what came back has been checked. */
  run(count: number): Promise<void>;
  close(): Promise<void>;
}

export function newTally(): Tally {
  return { sent: 0, received: 0, wrong: 0 };
}

/** The operations that are in flight together, where a row has more than one. A run's count is a multiple of it. */
export const inFlight = 256;
