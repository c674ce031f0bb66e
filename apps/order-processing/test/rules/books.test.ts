import { describe, expect, it } from 'vitest';
import type { Summary } from '../../src/events.js';
import { contradictionIn } from '../../src/rules/books.js';

const counted = { unitsReceived: 10, unitsShipped: 4, unitsRemaining: 6 } as Summary;
const stock = { availableUnits: 6, reservedUnits: 0, least: 0 };

describe('the books', () => {
  it('balance when what came in was shipped or is still there', () => {
    expect(contradictionIn(counted, stock)).toBeUndefined();
  });

  it.each([
    ['lost units', { ...counted, unitsShipped: 3 }, stock, '10 units came in, but 3 were shipped and 6 remain'],
    [
      'a stock that is counted otherwise',
      counted,
      { ...stock, availableUnits: 7 },
      '6 units should remain, but 7 are available',
    ],
    ['a forgotten reservation', counted, { ...stock, reservedUnits: 1 }, '1 units are still reserved'],
    ['a negative stock', counted, { ...stock, least: -2 }, 'the stock of a product is -2'],
  ])('show %s', (_, summary, count, contradiction) => {
    expect(contradictionIn(summary, count)).toBe(contradiction);
  });
});
