import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Report, reportAsJson, reportAsTable } from '../../src/output/report.js';

const report: Report = {
  summary: {
    orders: 10,
    fulfilled: 4,
    rejected: {
      'out-of-stock': 3,
      'payment-failed': 1,
      'shipping-failed': 1,
      invalid: 1,
      cancelled: 0,
      failed: 0,
    },
    revenueInCents: 123_450n,
    unitsReceived: 100,
    unitsShipped: 40,
    unitsRemaining: 60,
    customersNotified: 9,
    degraded: [{ service: 'payment', errors: 5 }],
  },
  events: 77,
  durationMs: 12,
  badRows: 2,
};

describe('the report', () => {
  it('is one line of JSON with these fields in this order', () => {
    expect(reportAsJson(report, false)).toBe(
      '{"orders":10,"fulfilled":4,"rejected":{"outOfStock":3,"paymentFailed":1,"invalid":1},"revenue":1234.5,' +
        '"unitsShipped":40,"unitsRemaining":60,"events":77,"durationMs":12}',
    );
  });

  it('is shown by the README with just these fields', () => {
    const readMe = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const shown = JSON.parse(/^\{.*\}$/m.exec(readMe)?.[0] ?? '');
    const printed = JSON.parse(reportAsJson(report, false));
    expect(Object.keys(shown)).toEqual(Object.keys(printed));
    expect(Object.keys(shown.rejected)).toEqual(Object.keys(printed.rejected));
  });

  it('counts failed shipments where there may be some', () => {
    expect(JSON.parse(reportAsJson(report, true))).toMatchObject({
      rejected: { outOfStock: 3, paymentFailed: 1, shippingFailed: 1, invalid: 1 },
    });
  });

  it('counts failed orders where there are some, so that no order is missing from it', () => {
    const rejected = { ...report.summary.rejected, failed: 2 };
    expect(JSON.parse(reportAsJson({ ...report, summary: { ...report.summary, rejected } }, false))).toMatchObject({
      rejected: { outOfStock: 3, paymentFailed: 1, invalid: 1, failed: 2 },
    });
  });

  it.each([
    [0n, '0'],
    [5n, '0.05'],
    [3_910_690n, '39106.9'],
    [800_000n, '8000'],
    [900_719_925_474_099_301n, '9007199254740993.01'],
  ])('writes the revenue to the cent, however large it is (%s)', (revenueInCents, written) => {
    const large = { ...report, summary: { ...report.summary, revenueInCents } };
    expect(reportAsJson(large, false)).toContain(`,"revenue":${written},"unitsShipped":40,`);
  });

  it('is a table for people, all lines equally wide', () => {
    const lines = reportAsTable(report).split('\n');
    expect(lines.pop()).toBe('');
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    expect(lines).toContainEqual(expect.stringMatching(/^Revenue +1,234\.50$/));
    expect(lines).toContainEqual(expect.stringMatching(/^Needs attention +payment$/));
    expect(lines.some((line) => line.includes('cancelled'))).toBe(false);
  });
});
