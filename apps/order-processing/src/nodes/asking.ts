import { isHappenError } from '@happen/core';
import type { Pause } from './pause.js';

/** How patient those are who ask. */
export interface Patience {
  /** How long an order may take from end to end, before it is given up. */
  readonly order: string;
  /** How long a service may keep one request waiting, before it is asked again. */
  readonly request: string;
  /** How often one is asked, at most, who must not be let off: to take something back, or to note how an order ended. */
  readonly insistence: number;
}

/** For a shop in one process: nothing gets lost there, but many orders may stand in a queue. */
export const patient: Patience = { order: '1h', request: '10m', insistence: Number.POSITIVE_INFINITY };

/**
 * For services in processes of their own, any of which may be gone for good: then orders fail rather than wait for ever.
 *
 * @param longestWaitMs how long a request may take where all is well
 */
export function patientWithProcesses(longestWaitMs: number): Patience {
  return { order: '1h', request: `${15_000 + longestWaitMs}ms`, insistence: 5 };
}

/** How to ask again. */
export interface Persistence {
  readonly pause: Pause;
  /** How often at most. */
  readonly attempts: number;
  /** Ends it: what failed last is thrown. */
  readonly signal?: AbortSignal;
}

const firstPauseMs = 100;
const longestPauseMs = 10_000;

/**
 * Asks, and asks again after a growing pause where the error says that this can help. What is asked must be harmless when it
 * is asked twice: that there was no answer does not say that nothing was done.
 *
 * @throws the error of the last attempt; but if an earlier one may have been carried out, and the last one was not, that of
 *   the earlier one
 */
export async function askAgain<Answer>(ask: () => PromiseLike<Answer>, persistence: Persistence): Promise<Answer> {
  const { pause, attempts, signal } = persistence;
  let perhapsDone: { readonly error: unknown } | undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (!neverArrived(error)) perhapsDone = { error };
      const mayHelp = isHappenError(error) && error.transient && attempt < attempts && signal?.aborted !== true;
      if (!mayHelp) throw perhapsDone === undefined ? error : perhapsDone.error;
      await pause(Math.min(firstPauseMs * 2 ** (attempt - 1), longestPauseMs), signal);
    }
  }
}

/** Whether an error says for certain that the request was never handled. */
export function neverArrived(error: unknown): boolean {
  return isHappenError(error, 'HAPPEN_NO_SUCH_NODE');
}
