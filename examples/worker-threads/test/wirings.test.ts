import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

interface Outcome {
  readonly answers: readonly { count: number; largest: number | null }[];
  readonly busy: number;
}

const run = promisify(execFile);
const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));
let outcomes: { readonly inThisThread: Outcome; readonly inAWorker: Outcome };

beforeAll(async () => {
  outcomes = JSON.parse((await run(process.execPath, [program, '--json'])).stdout) as typeof outcomes;
});

describe('a node that keeps a processor busy', () => {
  it('gives the same answers in this thread and in a worker', () => {
    const { inThisThread, inAWorker } = outcomes;
    expect(inAWorker.answers).toEqual(inThisThread.answers);
    // There are 78 498 primes below a million, and the largest is 999 983.
    expect(inAWorker.answers.reduce((sum, { count }) => sum + count, 0)).toBe(78_498);
    expect(inAWorker.answers.at(-1)?.largest).toBe(999_983);
  });

  it('leaves the event loop to others when it is in a worker', () => {
    const { inThisThread, inAWorker } = outcomes;
    expect(inThisThread.busy).toBeGreaterThan(0.5);
    expect(inAWorker.busy).toBeLessThan(inThisThread.busy / 2);
  });

  it('says so to people, too', async () => {
    const { stdout, stderr } = await run(process.execPath, [program]);
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^inThisThread {2}78498 primes; .*\ninAWorker {5}78498 primes; this thread was busy \d+ % of the time\n$/,
    );
  });
});
