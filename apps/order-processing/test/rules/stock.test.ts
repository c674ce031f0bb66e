import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderLine } from '../../src/rules/order.js';
import {
  countStock,
  openingStock,
  reservedUnits,
  shortagesFor,
  type Stock,
  withDeparture,
  withRelease,
  withReservation,
} from '../../src/rules/stock.js';

const line = (productId: number, quantity: number): OrderLine => {
  return { productId, quantity, unitPriceInCents: 100, discountInBasisPoints: 0 };
};
const opening = openingStock([
  { id: 1, name: 'Tea', unitsInStock: 10 },
  { id: 2, name: 'Jam', unitsInStock: 5 },
]);

describe('stock', () => {
  it('reserves an order as a whole', () => {
    const after = withReservation(opening, 7, [line(1, 4), line(2, 5)]);
    expect([after.available.get(1), after.available.get(2)]).toEqual([6, 0]);
    expect(reservedUnits(after, 7)).toBe(9);
    expect(countStock(after)).toEqual({ availableUnits: 6, reservedUnits: 9, shippedUnits: 0, least: 0 });
  });

  it('reserves nothing when one product is short', () => {
    expect(withReservation(opening, 7, [line(1, 4), line(2, 6)])).toBe(opening);
    expect(shortagesFor(opening, [line(1, 4), line(2, 6)])).toEqual([{ productId: 2, wanted: 6, available: 5 }]);
  });

  it('counts all lines of a product together', () => {
    expect(withReservation(opening, 7, [line(2, 3), line(2, 3)])).toBe(opening);
    expect(shortagesFor(opening, [line(2, 3), line(2, 3)])).toEqual([{ productId: 2, wanted: 6, available: 5 }]);
  });

  it('does not know a product it was not given', () => {
    expect(shortagesFor(opening, [line(9, 1)])).toEqual([{ productId: 9, wanted: 1, available: 0 }]);
  });

  it('reserves an order once, however often it is asked', () => {
    const once = withReservation(opening, 7, [line(1, 4)]);
    expect(withReservation(once, 7, [line(1, 4)])).toBe(once);
  });

  it('releases what was reserved, once', () => {
    const released = withRelease(withReservation(opening, 7, [line(1, 4)]), 7);
    expect(countStock(released)).toEqual(countStock(opening));
    expect(withRelease(released, 7)).toBe(released);
    expect(withRelease(opening, 7)).toBe(opening);
  });

  it('does not take back what has left', () => {
    const gone = withDeparture(withReservation(opening, 7, [line(1, 4)]), 7);
    expect(countStock(withRelease(gone, 7))).toEqual({
      availableUnits: 11,
      reservedUnits: 0,
      shippedUnits: 4,
      least: 5,
    });
  });

  it('costs what an order changes, not what there is', () => {
    const time = (products: number) => {
      const shelves = Array.from({ length: products }, (_, id) => ({ id, name: '', unitsInStock: 10 }));
      let stock = openingStock(shelves);
      // Other orders hold reservations as well.
      for (let at = 0; at < products / 100; at++) stock = withReservation(stock, at, [line(at, 1)]);
      const startedAt = performance.now();
      for (let id = products; id < products + 200; id++) {
        const reserved = withReservation(stock, id, [line(id % products, 3), line((id * 7) % products, 2)]);
        stock = id % 2 === 0 ? withRelease(reserved, id) : withDeparture(reserved, id);
      }
      return performance.now() - startedAt;
    };
    time(100);
    // 200 times as much stock makes the way to it a little longer, not the work 200 times as much.
    expect(time(20_000)).toBeLessThan(10 * time(100) + 50);
  });

  it('is never negative and loses nothing, whatever happens in whatever order', () => {
    const order = fc.integer({ min: 1, max: 4 });
    const step = fc.oneof(
      fc.record({ what: fc.constant('reserve'), order, units: fc.integer({ min: 1, max: 8 }) }),
      fc.record({ what: fc.constantFrom('release', 'depart'), order, units: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let stock: Stock = opening;
        let departed = 0;
        for (const { what, order: id, units } of steps) {
          if (what === 'reserve') stock = withReservation(stock, id, [line(1, units), line(2, 1)]);
          if (what === 'release') stock = withRelease(stock, id);
          if (what === 'depart') {
            departed += reservedUnits(stock, id);
            stock = withDeparture(stock, id);
          }
          const { availableUnits, reservedUnits: reserved, least } = countStock(stock);
          expect(least).toBeGreaterThanOrEqual(0);
          expect(availableUnits + reserved + departed).toBe(15);
        }
      }),
    );
  });
});
