import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { helpText } from '../src/help.js';
import { parseOptions, UsageError } from '../src/options.js';
import { exitCodes } from '../src/run.js';

const readMe = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

const files = ['--orders', 'o.csv', '--items', 'i.csv', '--products', 'p.csv', '--customers', 'c.csv'];

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
  it('without any run our own orders, with something to see', () => {
    expect(parseOptions([])).toEqual({
      input: undefined,
      paymentFailureRate: 0.15,
      shippingFailureRate: 0,
      seed: '1',
      concurrency: 1,
      serviceTimeMs: 30,
      processes: false,
      servers: undefined,
      json: false,
      trace: 204,
    });
  });

  it('with files nothing fails and nothing is traced unless asked for', () => {
    expect(parseOptions(files)).toMatchObject({
      input: { orders: 'o.csv', items: 'i.csv', products: 'p.csv', customers: 'c.csv' },
      paymentFailureRate: 0,
      trace: undefined,
    });
  });

  it('are all read', () => {
    const others = ['--payment-failure-rate', '0.5', '--shipping-failure-rate=1', '--seed', 'x', '--concurrency', '8'];
    expect(parseOptions([...files, ...others, '--service-time', '20', '--json', '--trace', '7'])).toMatchObject({
      paymentFailureRate: 0.5,
      shippingFailureRate: 1,
      seed: 'x',
      concurrency: 8,
      serviceTimeMs: 20,
      json: true,
      trace: 7,
    });
  });

  it('with --json neither trace nor dawdle by themselves', () => {
    expect(parseOptions(['--json'])).toMatchObject({ json: true, trace: undefined, serviceTimeMs: 0 });
  });

  it('take - for the orders, and for nothing else', () => {
    expect(parseOptions(['--orders', '-', ...files.slice(2)])).toMatchObject({ input: { orders: '-' } });
    expect(complaint(...files.slice(0, 2), '--items', '-', ...files.slice(4))).toBe(
      'Only --orders can be -; --items takes a path.',
    );
  });

  it('ask for help whatever else there is', () => {
    expect(parseOptions(['--help'])).toBe('help');
    expect(parseOptions(['--concurrency', '0', '-h'])).toBe('help');
  });

  it.each([
    [['--orders', 'o.csv'], 'The four files belong together; missing: --items, --products, --customers.'],
    [[...files.slice(0, 7), ''], '--customers is empty; it takes the path of a CSV file.'],
    [['--concurrency', '0'], '--concurrency takes a whole number from 1 to 1000; found "0".'],
    [['--concurrency', '1001'], '--concurrency takes a whole number from 1 to 1000; found "1001".'],
    [['--concurrency', '2.5'], '--concurrency takes a whole number from 1 to 1000; found "2.5".'],
    [['--payment-failure-rate', '1.1'], '--payment-failure-rate takes a number from 0 to 1; found "1.1".'],
    [['--payment-failure-rate', ''], '--payment-failure-rate takes a number from 0 to 1; found "".'],
    [['--shipping-failure-rate', '0x1'], '--shipping-failure-rate takes a number from 0 to 1; found "0x1".'],
    [['--trace', 'first'], '--trace takes a whole number from 1 to 9007199254740991; found "first".'],
    [['--service-time', '-1'], expect.stringContaining("'--service-time' argument is ambiguous")],
    [['--seed', '1', '--seed', '2'], '--seed is given twice.'],
    [['--json=yes'], expect.stringContaining('--json')],
    [['--fast'], expect.stringContaining("Unknown option '--fast'")],
    [['orders.csv'], expect.stringContaining("Unexpected argument 'orders.csv'")],
  ])('%j is refused with a sentence', (commandLine, message) => {
    expect(complaint(...commandLine)).toEqual(message);
  });

  it.each([
    ['help', helpText],
    ['README', readMe],
  ])('named in the %s are there', (_, text) => {
    // The simulation has options of its own.
    const own = text.replaceAll(/`npm run sim\b[^`]*`/g, '');
    const named = [...new Set(own.match(/--[a-z][a-z-]*/g))];
    expect(named.length).toBeGreaterThan(5);
    for (const option of named) expect(() => parseOptions([option])).not.toThrow(/Unknown option/);
  });

  it('lead to exit codes that help and README explain', () => {
    const inHelp = helpText.slice(helpText.indexOf('Exit codes:'));
    for (const code of Object.values(exitCodes)) {
      expect(inHelp).toMatch(new RegExp(`[:;] ${code} `, 'm'));
      expect(readMe).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'));
    }
  });

  it('are all in the help', () => {
    const names = ['orders', 'items', 'products', 'customers', 'payment-failure-rate', 'shipping-failure-rate', 'seed'];
    for (const name of [...names, 'concurrency', 'service-time', 'json', 'trace', 'help']) {
      expect(helpText).toContain(`--${name}`);
    }
    for (const line of helpText.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });
});
