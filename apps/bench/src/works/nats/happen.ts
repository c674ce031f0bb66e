import { initializeHappen } from '@happen/core';
import { natsTransport } from '@happen/nats';
import { dueCents } from '../../order.js';
import type { Setting } from '../../rows.js';
import type { Party } from './party.js';

/** Two spaces, as programs on Happen would write them. Every event's hash is made and checked. */
export function happen(tracking: Setting['tracking']): Party {
  const open = (servers: string) =>
    initializeHappen({ transport: natsTransport({ servers, space: `bench-${tracking}` }), causality: { tracking } });
  return {
    async ask(url) {
      const { createNode, node, ready, close } = open(url);
      await ready();
      const shop = createNode('shop');
      const depot = node('depot');
      return {
        request: async (shipment) => (await shop.send(depot, { type: 'ship', payload: shipment })) as number,
        tell: (shipment) => void shop.send(depot, { type: 'shipped', payload: shipment }),
        close: async () => void (await close()),
      };
    },
    async respond(url, hear) {
      const { createNode, ready } = open(url);
      const depot = createNode('depot');
      depot.on('ship', ({ payload }) => dueCents(payload));
      depot.on('shipped', ({ payload }) => hear(dueCents(payload)));
      await ready();
    },
  };
}
