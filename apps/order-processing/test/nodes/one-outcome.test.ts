import { describe, expect, it } from 'vitest';
import { largest, mostItems } from '../../src/input/limits.js';
import type { Ending } from '../../src/nodes/dashboard.js';
import { contradictionIn } from '../../src/rules/books.js';
import type { Order } from '../../src/rules/order.js';
import { runOrders } from '../../src/run-orders.js';
import { openTestShop, order, products } from './shop.js';

/** Runs orders through the whole shop, and keeps what the books have of each. */
function carryOut(orders: readonly Order[], stopping = new AbortController(), stock = products) {
  const endings: Ending[] = [];
  const shop = openTestShop({ onEnding: (ending) => endings.push(ending) }, stock);
  const running = runOrders({ orders, invalid: [] }, shop.frontDesk, {
    concurrency: 3,
    signal: stopping.signal,
    onFailure: (message) => shop.failures.push(message),
  });
  return {
    ...shop,
    async finished() {
      const taken = await running;
      const summary = await shop.frontDesk.summary();
      const contradiction = contradictionIn({ taken, summary, stock: await shop.frontDesk.countStock() });
      await shop.close();
      return { taken, summary, contradiction, endings };
    },
  };
}

const lines = (count: number, of: (at: number) => Partial<Order['lines'][number]> = () => ({})): Order['lines'] =>
  Array.from({ length: count }, (_, at) => {
    return { productId: 1, quantity: 1, unitPriceInCents: 250, discountInBasisPoints: 0, ...of(at) };
  });
const reasonFor = (endings: readonly Ending[], orderId: number) => {
  const found = endings.flatMap((ending) =>
    'rejected' in ending && ending.rejected.orderId === orderId ? [ending.rejected] : [],
  );
  return found.map(({ reason, detail }) => `${reason}: ${detail}`);
};

describe('an order ends in the books once, with a reason,', () => {
  it('when it has more lines than an event may carry', async () => {
    const tooLarge = { ...order(1, [1, 1]), lines: lines(11_200) };
    const { finished } = carryOut([tooLarge, order(2, [1, 1])]);
    const { taken, summary, contradiction, endings } = await finished();
    expect(reasonFor(endings, 1)).toEqual([expect.stringMatching(/^failed: .*payload is more than 100000 values/)]);
    expect(summary).toMatchObject({ orders: 2, fulfilled: 1, rejected: { failed: 1 }, customersNotified: 2 });
    expect([taken, contradiction]).toEqual([2, undefined]);
  });

  it('when its text is longer than an event may be', async () => {
    const tooLarge = { ...order(1, [1, 1]), shipTo: { name: 'x'.repeat(2 ** 20), city: '', country: '' } };
    const { finished } = carryOut([tooLarge]);
    const { summary, contradiction, endings } = await finished();
    expect(reasonFor(endings, 1)).toEqual([expect.stringMatching(/^failed: .*payload is more than \d+ bytes/)]);
    expect([summary.orders, contradiction]).toEqual([1, undefined]);
  });

  it('when the order service cannot make head or tail of it', async () => {
    const nonsense = { ...order(1, [1, 1]), lines: lines(1, () => ({ unitPriceInCents: 0.5 })) };
    const { finished } = carryOut([nonsense, order(2, [1, 1])]);
    const { summary, contradiction, endings } = await finished();
    expect(reasonFor(endings, 1)).toEqual([expect.stringMatching(/^failed: .*0\.5/)]);
    expect(summary).toMatchObject({ orders: 2, fulfilled: 1, rejected: { failed: 1 } });
    expect(contradiction).toBeUndefined();
  });

  it('when it is cancelled before anybody has seen it', async () => {
    const stopping = new AbortController();
    const { finished, emissions } = carryOut([order(1, [1, 1]), order(2, [1, 1])], stopping);
    stopping.abort();
    const { taken, summary, contradiction, endings } = await finished();
    expect(taken).toBe(2);
    expect(reasonFor(endings, 1)).toEqual(['cancelled: the order was cancelled']);
    expect(summary).toMatchObject({ orders: 2, rejected: { cancelled: 2 } });
    expect(contradiction).toBeUndefined();
    expect(emissions.map(({ event }) => event.type)).not.toContain('stock.reserve');
  });

  it('when it comes in twice', async () => {
    const { finished, frontDesk } = carryOut([order(1, [1, 4])]);
    const again = await frontDesk.submit(order(1, [1, 4]), new AbortController().signal);
    expect(again).toMatchObject({ status: 'fulfilled', units: 4 });
    const { summary, contradiction } = await finished();
    expect(summary).toMatchObject({ orders: 1, fulfilled: 1, unitsShipped: 4 });
    expect(contradiction).toBeUndefined();
  });
});

describe('the largest order that may stand in a file', () => {
  const text = '\u{1f4e6}'.repeat(largest.characters / 2);
  const shipTo = { name: text, city: text, country: text };
  const largestIds = (at: number) => largest.id - at;

  it('is carried out', async () => {
    const all = lines(mostItems, (at) => ({ productId: largestIds(at), quantity: 70_000 }));
    const stock = all.map(({ productId, quantity }) => ({ id: productId, name: '', unitsInStock: quantity }));
    const { finished } = carryOut([{ ...order(largest.id), shipTo, lines: all }], undefined, stock);
    const { summary, contradiction } = await finished();
    expect(summary).toMatchObject({ orders: 1, fulfilled: 1, unitsShipped: mostItems * 70_000, unitsRemaining: 0 });
    expect(contradiction).toBeUndefined();
  });

  it('can be out of stock in all its lines', async () => {
    const all = lines(mostItems, (at) => {
      return {
        productId: largestIds(at),
        quantity: largest.count,
        unitPriceInCents: 900_000,
        discountInBasisPoints: 9_999,
      };
    });
    const { finished } = carryOut([{ ...order(largest.id), customerId: text, shipTo, lines: all }]);
    const { contradiction, endings } = await finished();
    expect(reasonFor(endings, largest.id)).toEqual([
      expect.stringMatching(
        /^out-of-stock: product 9007199254740991: 1000000000 wanted, 0 available; .* and 9997 more$/,
      ),
    ]);
    expect(contradiction).toBeUndefined();
  });
});
