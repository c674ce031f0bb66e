import { setImmediate } from 'node:timers/promises';

/** How many are made and counted. */
export const count = 1000;

/**
 * The bytes of heap that each of many takes once everything else has been collected. Some are made before, so that compiled
 * code and the shapes of objects are not charged to those that are counted.
 *
 * @param {(index: number) => unknown} make makes one, which is kept
 */
export async function bytesOfEach(make) {
  const kept = new Array(2 * count);
  for (let index = 0; index < count; index++) kept[index] = make(index);
  const before = await settledHeap();
  for (let index = count; index < 2 * count; index++) kept[index] = make(index);
  const after = await settledHeap();
  // Read afterwards, so that nothing of it was collected before.
  return kept.length === 2 * count ? (after - before) / count : Number.NaN;
}

async function settledHeap() {
  for (let round = 0; round < 4; round++) {
    await setImmediate();
    globalThis.gc();
  }
  return process.memoryUsage().heapUsed;
}
