/**
 * Decodes many mutated frames and says what came of it; fails when a frame threw anything else than it may, took longer
 * than 50 ms, or when memory grew by more than 64 MB.
 *
 *   npx tsx test/wire/fuzz/run.ts --frames 1000000 --seed 1
 */
import { parseArgs } from 'node:util';
import { fuzzFrames } from './fuzz-frames.js';

const { values } = parseArgs({
  options: { frames: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
});
const start = performance.now();
const report = fuzzFrames(Number(values.frames), Number(values.seed));
const heapGrowthMb = report.heapGrowthBytes / 2 ** 20;
console.log({
  ...report,
  keptMb: report.keptBytes / 2 ** 20,
  seconds: Math.round((performance.now() - start) / 1000),
  heapGrowthMb,
});
if (report.faults.length > 0 || heapGrowthMb > 64) process.exitCode = 1;
