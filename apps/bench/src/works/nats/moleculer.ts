import { type Context, ServiceBroker } from 'moleculer';
import { dueCents, type Shipment } from '../../order.js';
import type { Party } from './party.js';

/** Two brokers on Moleculer's own NATS transporter, which serialises as it does by default (JSON). */
export const moleculer: Party = {
  async ask(url) {
    const shop = new ServiceBroker({ nodeID: 'shop', logger: false, transporter: url });
    await shop.start();
    await shop.waitForServices('depot');
    return {
      request: (shipment) => shop.call<number, Shipment>('depot.ship', shipment),
      tell: (shipment) => void shop.emit('shipped', shipment),
      close: () => shop.stop(),
    };
  },
  async respond(url, hear) {
    const depot = new ServiceBroker({ nodeID: 'depot', logger: false, transporter: url });
    depot.createService({
      name: 'depot',
      actions: { ship: (ctx: Context<Shipment>) => dueCents(ctx.params) },
      events: { shipped: (ctx: Context<Shipment>) => hear(dueCents(ctx.params)) },
    });
    await depot.start();
  },
};
