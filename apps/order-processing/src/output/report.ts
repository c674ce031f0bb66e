import type { Summary } from '../events.js';
import { currencyUnits, formatCents } from '../rules/money.js';

/** What a run comes to. */
export interface Report {
  readonly summary: Summary;
  /** How many events were emitted. */
  readonly events: number;
  readonly durationMs: number;
  /** How many rows of all files were not taken. */
  readonly badRows: number;
}

/**
 * The report as one line of JSON, without the line's end. `rejected.shippingFailed` is there only when shipping may fail,
 * `rejected.failed` only when an order did; so the orders are always the fulfilled and the rejected ones. The revenue is in
 * currency units, and exact also where it is more than a double can hold.
 */
export function reportAsJson({ summary, events, durationMs }: Report, shippingMayFail: boolean): string {
  const { rejected } = summary;
  const beforeRevenue = JSON.stringify({
    orders: summary.orders,
    fulfilled: summary.fulfilled,
    rejected: {
      outOfStock: rejected['out-of-stock'],
      paymentFailed: rejected['payment-failed'],
      ...(shippingMayFail && { shippingFailed: rejected['shipping-failed'] }),
      invalid: rejected.invalid,
      ...(rejected.failed > 0 && { failed: rejected.failed }),
    },
  });
  const { unitsShipped, unitsRemaining } = summary;
  const afterRevenue = JSON.stringify({ unitsShipped, unitsRemaining, events, durationMs });
  return `${beforeRevenue.slice(0, -1)},"revenue":${currencyUnits(summary.revenueInCents)},${afterRevenue.slice(1)}`;
}

/** The report for people: what, and how much of it. What did not happen and rarely does is left out. */
export function reportAsTable({ summary, events, durationMs, badRows }: Report): string {
  const { rejected } = summary;
  const rows: (readonly [what: string, amount: string])[] = [
    ['Orders', String(summary.orders)],
    ['  fulfilled', String(summary.fulfilled)],
    ['  out of stock', String(rejected['out-of-stock'])],
    ['  payment failed', String(rejected['payment-failed'])],
    ...unlessNone('  shipping failed', rejected['shipping-failed']),
    ['  invalid', String(rejected.invalid)],
    ...unlessNone('  cancelled', rejected.cancelled),
    ...unlessNone('  failed', rejected.failed),
    ['Revenue', formatCents(summary.revenueInCents)],
    ['Units shipped', String(summary.unitsShipped)],
    ['Units remaining', String(summary.unitsRemaining)],
    ['Customers notified', String(summary.customersNotified)],
    ...summary.degraded.map(({ service }) => ['Needs attention', service] as const),
    ...unlessNone('Bad rows', badRows),
    ['Events', String(events)],
    ['Duration', `${durationMs} ms`],
  ];
  const left = Math.max(...rows.map(([what]) => what.length));
  const right = Math.max(...rows.map(([, amount]) => amount.length));
  const rule = '─'.repeat(left + right + 3);
  const lines = rows.map(([what, amount]) => `${what.padEnd(left)}   ${amount.padStart(right)}`);
  return [rule, ...lines, rule, ''].join('\n');
}

function unlessNone(what: string, count: number): (readonly [string, string])[] {
  return count === 0 ? [] : [[what, String(count)]];
}
