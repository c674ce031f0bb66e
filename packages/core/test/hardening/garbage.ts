import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { turn } from '../talking/worlds.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Lets go of everything that nobody holds. */
export async function collected(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    collect();
    await turn();
  }
}

/** What is held in memory after collecting, in megabytes: objects and the bytes of arrays. */
export async function heldMegabytes(): Promise<number> {
  await collected();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

/** The processor time of this process since the given moment, in milliseconds; other processes don't count. */
export function processorMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}
