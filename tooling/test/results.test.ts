/** How a package's run is told to the workspace's summary. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { closingLine, exitCode, parseTally, total } from '../../scripts/tally.mjs';
import { binary } from '../package-checks/binary.js';
import { runNode } from '../package-checks/command.js';
import { resultsFile } from '../vitest/results-reporter.js';

const fixtures = join(import.meta.dirname, 'fixtures/vitest');

async function resultOf(fixture: string) {
  const folder = join(fixtures, fixture);
  const path = join(folder, resultsFile);
  const args = ['run', '--root', folder, '--config', join(fixtures, 'vitest.config.js')];
  const { exitCode: ended, output } = await runNode(binary('vitest'), args, folder);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  rmSync(join(folder, '.test-results'), { recursive: true, force: true });
  return { ended, output, tally: parseTally(text) };
}

describe('the result of a run', () => {
  test.each([
    ['sound', { passed: 1, failed: 0, skipped: 0 }, 0],
    ['mixed', { passed: 2, failed: 1, skipped: 1 }, 1],
    ['broken-module', { passed: 0, failed: 1, skipped: 0 }, 1],
    ['broken-hook', { passed: 1, failed: 1, skipped: 1 }, 1],
    ['stray-error', { passed: 1, failed: 1, skipped: 0 }, 1],
    ['empty', { passed: 0, failed: 1, skipped: 0 }, 1],
    ['lone-test', { passed: 0, failed: 1, skipped: 1 }, 1],
  ])('%s counts what passed, failed and was skipped', async (fixture, tally, ended) => {
    const result = await resultOf(fixture);
    expect(result.tally, result.output).toEqual(tally);
    expect(result.ended, result.output).toBe(ended);
  });

  test('that skipped everything is a failure', async () => {
    const { tally } = await resultOf('all-skipped');
    expect(tally).toEqual({ passed: 0, failed: 1, skipped: 1 });
  });
});

describe('the summary', () => {
  test.each([
    undefined,
    '',
    'null',
    '{}',
    '{"passed":1,"failed":0}',
    '{"passed":-1,"failed":2,"skipped":0}',
    '[1,0,0]',
  ])('takes a result of %j as a failure', (text) => {
    expect(parseTally(text)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test('adds up and says it in one line', () => {
    const sum = total([
      { passed: 3, failed: 0, skipped: 1 },
      { passed: 2, failed: 1, skipped: 0 },
    ]);
    expect(closingLine(sum)).toBe('5 passed, 1 failed, 1 skipped');
  });

  test('succeeds only when something passed and nothing failed', () => {
    expect(exitCode({ passed: 1, failed: 0, skipped: 1 })).toBe(0);
    expect(exitCode({ passed: 1, failed: 1, skipped: 0 })).toBe(1);
    expect(exitCode({ passed: 0, failed: 0, skipped: 0 })).toBe(1);
  });
});
