import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { onlyLine, run } from './app.js';

const folder = fileURLToPath(new URL('../../../../../shared/data/northwind/', import.meta.url));
const files = [
  '--orders',
  'orders.csv',
  '--items',
  'order_details.csv',
  '--products',
  'products.csv',
  '--customers',
  'customers.csv',
];
const json = async (...options: string[]) => onlyLine(await run([...files, '--json', ...options], { folder }));

// What should come out, computed once more in the plainest way: nothing of the app is used.

function table(name: string): Record<string, string>[] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  const text = readFileSync(`${folder}${name}`, 'utf8');
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (character === '"') {
      if (quoted && text[at + 1] === '"') cell += text[++at];
      else quoted = !quoted;
    } else if (!quoted && (character === ',' || character === '\n')) {
      rows.at(-1)?.push(cell);
      cell = '';
      if (character === '\n') rows.push([]);
    } else if (quoted || character !== '\r') cell += character;
  }
  const [header = [], ...body] = rows.filter((row) => row.length > 0);
  return body.map((row) => Object.fromEntries(header.map((column, index) => [column, row[index] ?? ''])));
}

function declined(orderId: number, rate: number, seed: string): boolean {
  const digest = createHash('sha256').update(`${seed}:payment:${orderId}`).digest('hex');
  return Number.parseInt(digest.slice(0, 12), 16) / 2 ** 48 < rate;
}

function expected(rate = 0, seed = '') {
  const stock = new Map(table('products.csv').map((row) => [row.product_id, Number(row.units_in_stock)]));
  const items = table('order_details.csv');
  const ids = table('orders.csv').map((row) => Number(row.order_id));
  const result = { orders: ids.length, fulfilled: 0, outOfStock: 0, paymentFailed: 0, cents: 0, unitsShipped: 0 };
  for (const id of ids.sort((one, other) => one - other)) {
    const lines = items.filter((row) => Number(row.order_id) === id);
    if (lines.some((row) => (stock.get(row.product_id) ?? 0) < Number(row.quantity))) {
      result.outOfStock += 1;
    } else if (declined(id, rate, seed)) {
      result.paymentFailed += 1;
    } else {
      result.fulfilled += 1;
      for (const { product_id, quantity, unit_price, discount } of lines) {
        stock.set(product_id, (stock.get(product_id) ?? 0) - Number(quantity));
        result.unitsShipped += Number(quantity);
        const percent = 100 - Math.round(Number(discount) * 100);
        result.cents += Math.floor((Math.round(Number(unit_price) * 100) * Number(quantity) * percent + 50) / 100);
      }
    }
  }
  return { ...result, unitsRemaining: [...stock.values()].reduce((sum, units) => sum + units, 0) };
}

function asReported({ outOfStock, paymentFailed, cents, ...rest }: ReturnType<typeof expected>) {
  return { ...rest, rejected: { outOfStock, paymentFailed, invalid: 0 }, revenue: cents / 100 };
}

// On a machine of one's own the files may be missing; in CI that is a failure.
describe.runIf(existsSync(folder) || process.env.CI !== undefined)('830 real orders', { timeout: 60_000 }, () => {
  it('come out as an independent computation says', async () => {
    const result = await json();
    expect(result).toEqual({
      ...asReported(expected()),
      events: expect.any(Number),
      durationMs: expect.any(Number),
    });
    expect(result.fulfilled).toBe(95);
  });

  it('come out as computed when payments fail, the same at every run', async () => {
    const options = ['--payment-failure-rate', '0.3', '--seed', 'apples'];
    const { durationMs: _, ...first } = await json(...options);
    const { durationMs: __, ...second } = await json(...options);
    expect(first).toMatchObject(asReported(expected(0.3, 'apples')));
    expect((first.rejected as { paymentFailed: number }).paymentFailed).toBeGreaterThan(0);
    expect(second).toEqual(first);
    expect(await json('--payment-failure-rate', '0.3', '--seed', 'pears')).toMatchObject(
      asReported(expected(0.3, 'pears')),
    );
  });

  it.each([8, 64])('never ship more than there is with %i at once', async (concurrency) => {
    const initial = table('products.csv').reduce((sum, row) => sum + Number(row.units_in_stock), 0);
    const failing = ['--payment-failure-rate', '0.3', '--shipping-failure-rate', '0.3', '--service-time', '1'];
    const result = await json('--concurrency', String(concurrency), ...failing);
    const { outOfStock, paymentFailed, shippingFailed, invalid } = result.rejected as Record<string, number>;
    expect(Number(result.unitsShipped) + Number(result.unitsRemaining)).toBe(initial);
    expect(Number(result.fulfilled) + outOfStock! + paymentFailed! + shippingFailed! + invalid!).toBe(830);
    expect(shippingFailed).toBeGreaterThan(0);
  });

  it('are read from standard input just as well', async () => {
    const fromInput = ['--orders', '-', ...files.slice(2), '--json'];
    const input = readFileSync(`${folder}orders.csv`, 'utf8');
    const ended = await run(fromInput, { folder }, input);
    expect(onlyLine(ended)).toMatchObject(asReported(expected()));
    expect(ended.exitCode).toBe(0);
  });

  it('are found by paths relative to where the app is started', async () => {
    const paths = files.map((part, at) => (at % 2 === 0 ? part : `northwind/${part}`));
    const ended = await run([...paths, '--json'], { folder: dirname(folder) });
    expect(onlyLine(ended)).toMatchObject({ orders: 830 });
  });
});
