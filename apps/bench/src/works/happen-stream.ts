import { initializeHappen } from '@happen/core';
import { dueCents, orderOf } from '../order.js';
import type { Setting } from '../rows.js';
import { streamLength, type Work } from '../work.js';
import { streaming } from './streaming.js';

export function stream({ tracking }: Setting): Work {
  const { createNode, close } = initializeHappen({ causality: { tracking } });
  const till = createNode('till');
  const customer = createNode('customer');
  till.on('orders', async function* (event) {
    for (let number = 0; number < event.payload; number++) yield dueCents(orderOf(number));
  });
  return {
    ...streaming(() => customer.send(till, { type: 'orders', payload: streamLength })),
    close: async () => void (await close()),
  };
}
