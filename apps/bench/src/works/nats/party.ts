import type { Shipment } from '../../order.js';

/** One library between two processes. Each side connects to the server at `url`. */
export interface Party {
  /** The side that asks and tells. Resolves once the other side can be reached. */
  ask(url: string): Promise<Asker>;
  /** The side that answers what is due for a shipment, and hears of shipments one way. Resolves once it can be reached. */
  respond(url: string, hear: (cents: number) => void): Promise<void>;
}

export interface Asker {
  request(shipment: Shipment): Promise<number>;
  /** Resolves, or returns, when it may go on with the next one. */
  tell(shipment: Shipment): void;
  close(): Promise<void>;
}

export const partyNames = ['happen', 'happen-explicit', 'moleculer', 'nats', 'nats-msgpack', 'nats-bytes'] as const;

export type PartyName = (typeof partyNames)[number];

/** One library to a process, as everywhere here. */
export async function partyOf(name: string | undefined): Promise<Party> {
  switch (name) {
    case 'happen':
    case 'happen-explicit':
      return (await import('./happen.js')).happen(name === 'happen' ? 'automatic' : 'explicit');
    case 'moleculer':
      return (await import('./moleculer.js')).moleculer;
    case 'nats':
      return (await import('./raw.js')).json;
    case 'nats-msgpack':
      return (await import('./raw.js')).messagePack;
    case 'nats-bytes':
      return (await import('./raw.js')).bytes;
    default:
      throw new Error(`no "${name}" among ${partyNames.join(', ')}`);
  }
}
