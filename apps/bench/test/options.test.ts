import { describe, expect, it } from 'vitest';
import { helpText } from '../src/help.js';
import { parseOptions, UsageError } from '../src/options.js';
import { processRowNames } from '../src/process-rows.js';
import { rowNames, rows } from '../src/rows.js';

function complaint(...commandLine: string[]): string {
  try {
    parseOptions(commandLine);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('no complaint');
}

describe('options', () => {
  it('without any run every row', () => {
    const options = parseOptions([]);
    expect(options.rows.map(({ name }) => name)).toEqual(rowNames);
    expect(options.processRows.map(({ name }) => name)).toEqual(processRowNames);
    expect(options).toMatchObject({ json: false, help: false });
    expect(options.rounds).toBeGreaterThan(2);
  });

  it('take rounds, seconds and rows', () => {
    const options = parseOptions(['--rounds', '3', '--seconds=0.05', '--only', 'flow', '--only', 'request', '--json']);
    expect(options).toMatchObject({ rounds: 3, seconds: 0.05, json: true });
    expect(options.rows.map(({ name }) => name)).toEqual(['request', 'flow']);
    expect(options.processRows).toEqual([]);
  });

  it('take rows on processes alike', () => {
    const options = parseOptions(['--only', 'start-up']);
    expect(options.processRows.map(({ name }) => name)).toEqual(['start-up']);
    expect(options.rows).toEqual([]);
  });

  it.each(['0', '-1', '1.5', 'many', '', '10001', 'Infinity'])('refuse %j rounds', (rounds) => {
    expect(complaint(`--rounds=${rounds}`)).toContain('--rounds: expected a whole number from 1 to 10000');
  });

  it.each(['0', '-1', 'long', '', '601', 'Infinity'])('refuse %j seconds', (seconds) => {
    expect(complaint(`--seconds=${seconds}`)).toContain('--seconds: expected a number from 0.001 to 600');
  });

  it('name the rows when one is unknown', () => {
    expect(complaint('--only', 'requests')).toBe(
      `--only: there is no row "requests". There are ${[...rowNames, ...processRowNames].join(', ')}.`,
    );
  });

  it('refuse what they do not know', () => {
    expect(complaint('--fast')).toContain('--fast');
    expect(complaint('request')).toContain('request');
  });
});

describe('the help', () => {
  it('names every option and every row', () => {
    for (const option of ['--rounds', '--seconds', '--only', '--json', '--help']) expect(helpText).toContain(option);
    for (const { name, title } of rows) expect(helpText).toMatch(new RegExp(`^  ${name} +${title.slice(0, 20)}`, 'm'));
  });
});
