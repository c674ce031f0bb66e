import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onlyLine, run, start } from './app.js';

const files = {
  'orders.csv': 'order_id,customer_id\n1,ANNA\n2,ANNA\n3,ANNA\n',
  'items.csv': 'order_id,product_id,unit_price,quantity,discount\n1,10,2.50,3,0\n2,10,2.50,3,0.1\n3,10,2.50,99,0\n',
  'products.csv': 'product_id,units_in_stock\n10,20\n',
  'customers.csv': 'customer_id\nANNA\n',
  'bad-orders.csv': 'order_id,customer_id\n1,ANNA\nx,ANNA\n1,ANNA\n4,ANNA\n2,ANNA\n',
  'bad-items.csv': 'order_id,product_id,unit_price,quantity,discount\n1,10,2.50,3,0\n2,10,2.50,3\n9,10,1,1,0\n',
};
const input = [
  '--orders',
  'orders.csv',
  '--items',
  'items.csv',
  '--products',
  'products.csv',
  '--customers',
  'customers.csv',
];
const bad = input.map((part) => part.replace(/^(orders|items)\.csv/, 'bad-$1.csv'));

describe('the app as a process', { timeout: 60_000 }, () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'order-processing-'));
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('without options carries out its own orders, shows a compensation and what an order caused', async () => {
    const { exitCode, stdout, stderr } = await run([]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Orders +10$/m);
    expect(stdout).toMatch(/^ {2}payment failed +1$/m);
    expect(stdout).toContain(
      'What order 204 caused, each event below its cause (→ asks one node, ⇒ tells everyone):\n',
    );
    expect(stdout).toMatch(/├─ stock\.release +order-service → inventory-service/);
    expect(stderr).toMatch(/^These are 10 orders of our own; npm start -- --help tells how to name yours\.\n/);
    expect(stderr).toContain('Order 201: fulfilled, 14 units for 155.66');
    expect(stderr).toContain('Order 204: payment failed; the payment was declined');
    expect(stdout + stderr).not.toContain('\u001b');
  });

  it('prints one line of JSON and nothing else on standard output', async () => {
    const ended = await run([...input, '--json', '--trace', '2'], { folder });
    expect(onlyLine(ended)).toEqual({
      orders: 3,
      fulfilled: 2,
      rejected: { outOfStock: 1, paymentFailed: 0, invalid: 0 },
      revenue: 14.25,
      unitsShipped: 6,
      unitsRemaining: 14,
      events: 27,
      durationMs: expect.any(Number),
    });
    expect(ended.stdout).toMatch(
      /^\{"orders":3,"fulfilled":2,"rejected":\{"outOfStock":1,"paymentFailed":0,"invalid":0\},"revenue":/,
    );
    expect(ended.exitCode).toBe(0);
    expect(ended.stderr).toContain('What order 2 caused,');
  });

  it('names every bad row, carries out the others and ends with 1', async () => {
    const ended = await run([...bad, '--json'], { folder });
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr.split('\n').filter((line) => line.startsWith('bad-'))).toEqual([
      'bad-items.csv:3: missing column discount: the row has 4 of 5 fields',
      'bad-orders.csv:3: order_id "x" is not a number',
      'bad-orders.csv:4: duplicate order_id 1',
      'bad-orders.csv:5: order 4 has no items',
      'bad-items.csv:4: there is no order 9',
    ]);
    expect(onlyLine(ended)).toMatchObject({
      orders: 5,
      fulfilled: 1,
      rejected: { outOfStock: 0, paymentFailed: 0, invalid: 4 },
      revenue: 7.5,
    });
  });

  it('traces an order that was invalid', async () => {
    const { stdout } = await run([...bad, '--trace', '4'], { folder });
    expect(stdout).toMatch(
      /order\.unreadable +front-desk → order-service\n.*└─ order\.rejected +order-service ⇒ everyone\n$/,
    );
  });

  it.each([
    [
      'a file that is not there',
      ['--orders', 'none.csv', ...input.slice(2)],
      'Cannot read none.csv: there is no such file\n',
    ],
    ['a folder', ['--orders', '.', ...input.slice(2)], 'Cannot read .: it is a folder\n'],
    [
      'a file without the columns',
      [...input.slice(0, 2), '--items', 'orders.csv', ...input.slice(4)],
      'orders.csv has no column product_id, unit_price, quantity, discount; its header names order_id, customer_id\n',
    ],
    [
      'an order to trace that is not there',
      [...input, '--trace', '77'],
      'There is no order 77 to trace in orders.csv.\n',
    ],
    [
      'an unknown option',
      ['--sneed', '1'],
      expect.stringMatching(/^Unknown option '--sneed'.*\nnpm start -- --help lists the options\.\n$/),
    ],
    ['files that belong together', input.slice(0, 4), expect.stringContaining('missing: --products, --customers')],
  ])('refuses %s with one sentence and 2', async (_, options, sentence) => {
    const { exitCode, stdout, stderr } = await run(options, { folder });
    expect(stderr).toEqual(sentence);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });

  it('explains itself', async () => {
    const { exitCode, stdout, stderr } = await run(['--help']);
    expect(stdout).toContain('Usage: npm start -- [options]');
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
  });

  it('carries out 8 300 orders in 64 MB of heap', async () => {
    const ids = Array.from({ length: 8_300 }, (_, at) => at + 1);
    const orders = ids.map((id) => `${id},ANNA\n`).reverse();
    const items = ids.map((id) => `${id},10,2.50,${1 + (id % 3)},0\n${id},11,4.00,1,0.05\n${id},12,1.10,7,0\n`);
    await writeFile(join(folder, 'many-orders.csv'), `order_id,customer_id\n${orders.join('')}`);
    await writeFile(
      join(folder, 'many-items.csv'),
      `order_id,product_id,unit_price,quantity,discount\n${items.join('')}`,
    );
    await writeFile(join(folder, 'much.csv'), 'product_id,units_in_stock\n10,9000\n11,9000\n12,50000\n');
    const many = [
      '--orders',
      'many-orders.csv',
      '--items',
      'many-items.csv',
      '--products',
      'much.csv',
      ...input.slice(6),
    ];
    const ended = await run([...many, '--json', '--concurrency', '8'], { folder, node: ['--max-old-space-size=64'] });
    const result = onlyLine(ended);
    expect(result.orders).toBe(8_300);
    expect(Number(result.unitsShipped) + Number(result.unitsRemaining)).toBe(68_000);
    expect(Number(result.events)).toBeGreaterThan(30_000);
    expect(ended.exitCode).toBe(0);
  });

  it('stops at the first Ctrl-C, takes back what was under way and tells how far it came', async () => {
    const running = start(['--service-time', '50', '--concurrency', '2']);
    running.end('');
    await running.wrote('Order 201: fulfilled');
    running.kill('SIGINT');
    const { exitCode, stdout, stderr } = await running.ended;
    expect(exitCode).toBe(130);
    expect(stderr).toContain('Stopped.');
    expect(stderr).not.toContain('do not balance');
    expect(stdout).toMatch(/^ {2}cancelled +[12]$/m);
    expect(stdout).not.toMatch(/^Orders +10$/m);
  });

  it('prints no JSON of a run that was stopped', async () => {
    const running = start(['--service-time', '50', '--json']);
    running.end('');
    await running.wrote('Order 201: fulfilled');
    running.kill('SIGTERM');
    const { exitCode, stdout, stderr } = await running.ended;
    expect(exitCode).toBe(130);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^Orders +\d$/m);
  });

  it('stops while it waits for input, and at once when asked twice', async () => {
    const reading = start(['--orders', '-', ...input.slice(2)], { folder });
    reading.write('order_id,customer_id\n1,AN');
    await reading.wrote('Reading orders from standard input');
    reading.kill('SIGINT');
    expect(await reading.ended).toMatchObject({ exitCode: 130, stdout: '' });

    const busy = start(['--service-time', '10000']);
    await busy.wrote('orders of our own');
    busy.kill('SIGINT');
    await busy.wrote('stopping');
    busy.kill('SIGINT');
    expect((await busy.ended).exitCode).toBe(130);
  });
});
