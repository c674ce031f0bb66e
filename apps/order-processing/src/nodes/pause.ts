import { setTimeout } from 'node:timers/promises';

/** Waits as many milliseconds, or until the signal says that there is no point in it. It never fails. */
export type Pause = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

/** By the clock of the machine. */
export const machinePause: Pause = async (milliseconds, signal) => {
  await setTimeout(milliseconds, undefined, signal && { signal }).catch(() => undefined);
};
