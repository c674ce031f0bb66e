/** `npm run sim -- --seeds 10000`: the order system in more worlds than a test has time for. */
import { simulate, SimulationError } from '@happen/testing';
import { parseArgs } from 'node:util';
import { faults, shopWorld } from './world.js';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '400' }, from: { type: 'string', default: '1' } },
});
const seeds = { from: Number(values.from), count: Number(values.seeds) };
const stopping = new AbortController();
process.once('SIGINT', () => stopping.abort());
const begun = performance.now();
let shown = begun;
try {
  const { runs, steps, virtualMs } = await simulate(
    {
      seeds,
      faults,
      signal: stopping.signal,
      onProgress({ done, total }) {
        if (performance.now() - shown < 1_000) return;
        shown = performance.now();
        process.stderr.write(`${done} of ${total}\n`);
      },
    },
    shopWorld(),
  );
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  process.stdout.write(
    `${runs} worlds, ${steps} steps and ${(virtualMs / 3_600_000).toFixed(1)} hours in ${seconds} s: none failed\n`,
  );
} catch (error) {
  if (!(error instanceof SimulationError) && !stopping.signal.aborted) throw error;
  process.stderr.write(stopping.signal.aborted ? 'stopped\n' : `${(error as Error).message}\n`);
  process.exitCode = 1;
}
