import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { talkingElsewhere } from './matrix.mjs';
import { pnpm } from './pnpm.mjs';
import { install } from './prepare.mjs';
import { closingLine, exitCode, parseTally, total } from './tally.mjs';
import { workspacePackages } from './workspace.mjs';

/** @typedef {import('./tally.mjs').Tally} Tally */

/** @typedef {{ name: string, run: () => Promise<number> }} Step */

/** Without these nothing can be tested. */
/** @type {Step[]} */
const foundations = [
  { name: 'install', run: () => install() },
  { name: 'build', run: () => turbo('build') },
];

/** Each of these counts as one failure, and lets the others go on, so that one run tells everything. */
/** @type {Step[]} */
const checks = [
  { name: 'format', run: () => pnpm(['exec', 'biome', 'format']) },
  { name: 'types', run: () => turbo('check-types', '--continue') },
  { name: 'lint', run: () => turbo('lint', '--continue') },
  { name: 'nothing unused', run: () => pnpm(['exec', 'knip', '--no-progress']) },
];

/**
 * @param {string} task
 * @param {string[]} options
 */
function turbo(task, ...options) {
  return pnpm(['exec', 'turbo', 'run', task, '--output-logs=errors-only', '--log-prefix=task', ...options]);
}

/**
 * Installs, builds, checks and tests the whole workspace, and ends with one line that says how it went.
 *
 * @returns {Promise<number>}
 */
export async function run() {
  /** @type {string[]} */
  const report = [];
  /** @type {Tally[]} */
  const tallies = [];

  /** @param {Step} step */
  const succeeds = async ({ name, run: perform }) => {
    process.stdout.write(`\n── ${name}\n`);
    const begin = performance.now();
    const ok = (await perform()) === 0;
    report.push(`${name.padEnd(24)} ${ok ? 'ok' : 'FAILED'} (${((performance.now() - begin) / 1000).toFixed(1)} s)`);
    if (!ok) tallies.push({ passed: 0, failed: 1, skipped: 0 });
    return ok;
  };

  let standing = true;
  for (const step of foundations) standing &&= await succeeds(step);
  if (standing) {
    for (const step of checks) await succeeds(step);
    tallies.push(...(await runTests(report)));
    tallies.push(...(await talkingElsewhere(report)));
  }

  const sum = total(tallies);
  process.stdout.write(`\n${report.join('\n')}\n\n${closingLine(sum)}\n`);
  return exitCode(sum);
}

/**
 * @param {string[]} report
 * @returns {Promise<Tally[]>}
 */
async function runTests(report) {
  const tested = workspacePackages().filter(({ manifest }) => manifest.scripts?.test !== undefined);
  for (const { folder } of tested) rmSync(resultsOf(folder), { force: true });

  process.stdout.write('\n── tests\n');
  // One package after the other: each run uses every core by itself, and tests of timing want some peace.
  const ended = await pnpm([
    'exec',
    'turbo',
    'run',
    'test',
    '--continue',
    '--concurrency=1',
    '--output-logs=new-only',
    '--log-prefix=task',
  ]);

  const tallies = tested.map(({ name, folder }) => {
    const path = resultsOf(folder);
    const tally = parseTally(existsSync(path) ? readFileSync(path, 'utf8') : undefined);
    const verdict = tally.failed === 0 ? 'ok' : 'FAILED';
    report.push(`${name.padEnd(24)} ${verdict} (${tally.passed} of ${tally.passed + tally.failed + tally.skipped})`);
    return tally;
  });
  if (ended !== 0 && total(tallies).failed === 0) {
    report.push('A test run ended with an error after its tests had passed.');
    tallies.push({ passed: 0, failed: 1, skipped: 0 });
  }
  return tallies;
}

/** @param {string} folder */
function resultsOf(folder) {
  return join(folder, '.test-results/vitest.json');
}
