import { nextTurn } from '../clock/next-turn.js';

const realTime = globalThis.performance.now.bind(globalThis.performance);

/** How long something real gets to happen before it counts as never, in milliseconds. */
const patienceMs = 250;

/**
 * Waits in real time, which a simulation does only when it has nothing left to do: for something it does not know of, such as
 * a file being read. It tells a hang from what goes on by itself. It sets no timer, since timers are looked for.
 */
export async function somethingRealHappens(hasHappened: () => boolean): Promise<boolean> {
  for (const begun = realTime(); realTime() - begun < patienceMs; ) {
    await nextTurn();
    if (hasHappened()) return true;
  }
  return false;
}
