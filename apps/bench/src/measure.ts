import { chunk as usualChunk, type Tally, type Work } from './work.js';

/** What one contender did in one round. */
export interface Round extends Readonly<Tally> {
  readonly milliseconds: number;
  /** The processor time of the whole process, its helping threads included. */
  readonly cpuMilliseconds: number;
}

/**
 * Lets a work run for the time given, and at least once. Garbage is collected when the engine finds it is time: a collection
 * forced before each round would shrink the young generation, and so charge the round for growing it again.
 */
export async function measure({ run, tally, chunk = usualChunk }: Work, seconds: number): Promise<Round> {
  const before = { ...tally };
  const cpuBefore = process.cpuUsage();
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let now: number;
  do {
    await run(chunk);
    now = performance.now();
  } while (now < end);
  const cpu = process.cpuUsage(cpuBefore);
  return {
    milliseconds: now - begin,
    cpuMilliseconds: (cpu.user + cpu.system) / 1000,
    sent: tally.sent - before.sent,
    received: tally.received - before.received,
    wrong: tally.wrong - before.wrong,
  };
}
