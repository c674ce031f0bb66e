import type { Space } from '@happen/core';
import type { Scenario, SpaceTools } from '../../src/index.js';

/** A warehouse that looks, waits for its data base, and takes: two customers may both find the last piece. */
export function racyWarehouse(happen: Space, sleep: SpaceTools['sleep'], pieces: number) {
  const stock = { pieces };
  happen.createNode('warehouse').on('take', async () => {
    if (stock.pieces === 0) return 'sold out';
    await sleep(5);
    stock.pieces--;
    return 'taken';
  });
  return stock;
}

/** Customers who come within some time, now and then together, for what there is. */
export function shopping(pieces: number, customers: number, withinMs = 200): Scenario {
  return async ({ space, random, sleep, always }) => {
    const warehouse = space('warehouse', ({ open, sleep }) => racyWarehouse(open(), sleep, pieces), { crashes: true });
    const shop = space('shop', ({ open }) => open().createNode('shop'));
    always('stock is never below zero', () => warehouse.current.pieces >= 0);
    const shopper = async (): Promise<void> => {
      await sleep(random.integer(0, withinMs));
      const asked = shop.current.send('warehouse', { type: 'take', payload: {} }, { timeout: '1s' });
      await asked.return().catch(() => 'nothing heard');
    };
    await Promise.all(Array.from({ length: customers }, shopper));
  };
}

/** The error that `simulate` ends with. */
export async function failureOf(simulation: Promise<unknown>): Promise<import('../../src/index.js').SimulationError> {
  return simulation.then(
    () => {
      throw new Error('nothing failed');
    },
    (error) => error,
  );
}
