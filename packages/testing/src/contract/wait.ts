import { machineClock } from '../clock/machine-clock.js';
import { nextTurn } from '../clock/next-turn.js';

const quickTurns = 50;
const msBetweenLooks = 2;

/** Waits until the condition holds, looking at every turn at first and then every other millisecond. */
export async function until(condition: () => boolean, patienceMs: number, what: () => string): Promise<void> {
  const started = machineClock.now();
  for (let look = 0; !condition(); look++) {
    if (machineClock.now() - started > patienceMs) throw new Error(`waited ${patienceMs} ms in vain for ${what()}`);
    await (look < quickTurns ? nextTurn() : pause(msBetweenLooks));
  }
}

/** Settles as the promise does, but fails if it takes longer than `patienceMs`. */
export function within<Result>(promise: Promise<Result>, patienceMs: number, what: string): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = machineClock.setTimer(patienceMs, () =>
      reject(new Error(`waited ${patienceMs} ms in vain for ${what}`)),
    );
    promise.then(resolve, reject).finally(() => timer.clear());
  });
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void machineClock.setTimer(ms, resolve));
}
