import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execute } from './execute.mjs';
import { install } from './prepare.mjs';
import { pnpm } from './pnpm.mjs';
import { nodes, others } from './runtimes.mjs';
import { closingLine, exitCode, parseTally, total } from './tally.mjs';
import { root } from './workspace.mjs';

/** @typedef {import('./tally.mjs').Tally} Tally */
/** @typedef {import('./runtimes.mjs').Runtime} Runtime */
/** @typedef {{ package: string, files: readonly string[], runtime?: string }} Suite Test files of a package; all, if none are named. */

/** What runs in a process of a runtime that is named, and otherwise in one of the Node.js that runs the tests. */
const inProcesses = ['test/worker-threads.test.ts', 'test/nats/processes.test.ts'];

/** What every Node.js runs in the matrix. */
/** @type {readonly Suite[]} */
const everything = [
  { package: 'packages/core', files: [] },
  { package: 'packages/testing', files: [] },
  { package: 'packages/nats', files: [] },
  { package: 'packages/happen', files: [] },
  { package: 'test/runtimes', files: inProcesses },
];

/** What the other lines of Node.js run as a part of `npm test`. */
/** @type {readonly Suite[]} */
const talking = [
  // How much memory slow consumers hold takes a minute to find out, and is found out on this line of Node.js.
  {
    package: 'packages/core',
    files: ['test/talking', 'test/message-port', 'test/host', '--exclude', 'test/talking/stream-backpressure.test.ts'],
  },
  { package: 'test/runtimes', files: ['test/worker-threads.test.ts'] },
];

/**
 * `npm run test:matrix`: the tests of core, of the contract suites and of NATS on every line of Node.js, and what core does on
 * Deno and Bun, also over NATS. Ends with one line that says how it went.
 *
 * @returns {Promise<number>}
 */
export async function run() {
  if ((await install()) !== 0 || (await build()) !== 0) {
    process.stdout.write(`\n${closingLine({ passed: 0, failed: 1, skipped: 0 })}\n`);
    return 1;
  }
  /** @type {string[]} */
  const report = [];
  const tallies = [];
  for (const runtime of nodes()) tallies.push(await onNode(runtime, everything, report));
  for (const runtime of others()) tallies.push(await onOther(runtime, report));
  const sum = total(tallies);
  process.stdout.write(`\n${report.join('\n')}\n\n${closingLine(sum)}\n`);
  return exitCode(sum);
}

/** What the suites import as it was built. */
function build() {
  return pnpm(['exec', 'turbo', 'run', 'build', '--filter=./packages/*', '--filter=@happen/nats-server']);
}

/**
 * The part of the matrix that belongs to `npm test`: on the lines of Node.js other than this one, how nodes talk.
 *
 * @param {string[]} report
 * @returns {Promise<Tally[]>}
 */
export async function talkingElsewhere(report) {
  const line = process.versions.node.split('.')[0];
  const tallies = [];
  for (const runtime of nodes()) {
    if (!runtime.name.startsWith(`Node ${line}.`)) tallies.push(await onNode(runtime, talking, report));
  }
  return tallies;
}

/**
 * A version that can't be had is a failure: nobody has tried it then.
 *
 * @param {Runtime} runtime
 * @param {readonly Suite[]} suites
 * @param {string[]} report
 */
async function onNode({ name, command }, suites, report) {
  process.stdout.write(`\n── ${name}\n`);
  const tallies = [];
  try {
    const [node = ''] = command();
    for (const suite of suites) tallies.push(await tested(node, suite));
  } catch (error) {
    process.stdout.write(`${name} can't be had: ${messageOf(error)}\n`);
    tallies.push({ passed: 0, failed: 1, skipped: 0 });
  }
  return reported(name, total(tallies), report);
}

/**
 * @param {Runtime} runtime
 * @param {string[]} report
 */
async function onOther({ name, command }, report) {
  process.stdout.write(`\n── ${name}\n`);
  let found;
  try {
    found = command();
  } catch (error) {
    report.push(`${name.padEnd(24)} not tried: ${messageOf(error)}`);
    return { passed: 0, failed: 0, skipped: 1 };
  }
  const suite = { package: 'test/runtimes', files: inProcesses, runtime: JSON.stringify(found) };
  return reported(name, await tested(process.execPath, suite), report);
}

/**
 * @param {string} node The Node.js that runs the tests.
 * @param {Suite} suite
 * @returns {Promise<Tally>}
 */
async function tested(node, { package: folder, files, runtime }) {
  const cwd = join(root, folder);
  const results = join(cwd, '.test-results/vitest.json');
  rmSync(results, { force: true });
  const env = { ...process.env };
  delete env['HAPPEN_RUNTIME'];
  const ended = await execute(node, [join(cwd, 'node_modules/vitest/vitest.mjs'), 'run', ...files], {
    cwd,
    stdio: 'inherit',
    env: runtime === undefined ? env : { ...env, HAPPEN_RUNTIME: runtime },
  });
  const tally = parseTally(existsSync(results) ? readFileSync(results, 'utf8') : undefined);
  return ended !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

/**
 * @param {string} name
 * @param {Tally} tally
 * @param {string[]} report
 */
function reported(name, tally, report) {
  const verdict = tally.failed === 0 ? 'ok' : 'FAILED';
  report.push(`${name.padEnd(24)} ${verdict} (${tally.passed} of ${tally.passed + tally.failed + tally.skipped})`);
  return tally;
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
