import { describe, expect, it } from 'vitest';
import type { Summary } from '../../src/events.js';
import { contradictionIn } from '../../src/rules/books.js';

const summary = { orders: 3, unitsReceived: 10, unitsShipped: 4, unitsRemaining: 6 } as Summary;
const stock = { availableUnits: 6, shippedUnits: 0, reservedUnits: 0, least: 0 };
const books = { taken: 3, summary, stock };

describe('the books', () => {
  it('balance when what came in was shipped or is still there', () => {
    expect(contradictionIn(books)).toBeUndefined();
  });

  it.each([
    ['an order that vanished', { taken: 4 }, '4 orders were taken, but 3 have ended'],
    ['an order that ended twice', { taken: 2 }, '2 orders were taken, but 3 have ended'],
    ['lost units', { summary: { ...summary, unitsShipped: 3 } }, '10 units came in, but 3 were shipped and 6 remain'],
    [
      'a stock that is counted otherwise',
      { stock: { ...stock, availableUnits: 7 } },
      '6 units should remain, but 7 are available',
    ],
    ['a forgotten reservation', { stock: { ...stock, reservedUnits: 1 } }, '1 units are still reserved'],
    ['a negative stock', { stock: { ...stock, least: -2 } }, 'the stock of a product is -2'],
  ])('show %s', (_, wrong, contradiction) => {
    expect(contradictionIn({ ...books, ...wrong })).toBe(contradiction);
  });
});
