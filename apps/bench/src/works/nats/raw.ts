import { decode, encode } from '@msgpack/msgpack';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { dueCents, type Shipment, shipmentOf } from '../../order.js';
import type { Party } from './party.js';

interface Codec {
  encode(value: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** What a program on the client alone would write: one message an event, `request` for what is answered. */
function byHand(subject: string, codec: Codec): Party {
  return {
    async ask(url) {
      const connection = await connect({ servers: url });
      await reachable(connection, `${subject}.ship`, codec.encode(exampleShipment));
      return {
        request: async (shipment) =>
          codec.decode(
            (await connection.request(`${subject}.ship`, codec.encode(shipment), { timeout: 30_000 })).data,
          ) as number,
        tell: (shipment) => connection.publish(`${subject}.shipped`, codec.encode(shipment)),
        close: () => connection.close(),
      };
    },
    async respond(url, hear) {
      const connection = await connect({ servers: url });
      connection.subscribe(`${subject}.ship`, {
        callback: (_error, message) => {
          message.respond(codec.encode(dueCents(codec.decode(message.data) as Shipment)));
        },
      });
      connection.subscribe(`${subject}.shipped`, {
        callback: (_error, message) => hear(dueCents(codec.decode(message.data) as Shipment)),
      });
      await connection.flush();
    },
  };
}

const exampleShipment = shipmentOf(0);

async function reachable(connection: NatsConnection, subject: string, data: Uint8Array): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await connection.request(subject, data, { timeout: 5_000 });
      return;
    } catch (error) {
      if (attempt === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

export const json = byHand('bench-json', {
  encode: (value) => utf8.encode(JSON.stringify(value)),
  decode: (bytes) => JSON.parse(text.decode(bytes)) as unknown,
});

export const messagePack = byHand('bench-msgpack', { encode, decode });

/** As long as a shipment is as JSON, but for its number nothing is written or read: the least that anybody could do. */
const blank = utf8.encode(JSON.stringify(shipmentOf(0)));

export const bytes = byHand('bench-bytes', {
  encode(value) {
    const filled = typeof value === 'number' ? new Uint8Array(8) : new Uint8Array(blank);
    new DataView(filled.buffer).setFloat64(0, typeof value === 'number' ? value : (value as Shipment).number);
    return filled;
  },
  decode(filled) {
    const number = new DataView(filled.buffer, filled.byteOffset).getFloat64(0);
    return filled.length === 8 ? number : { number, quantity: (number & 7) + 1, unitPriceCents: 1250 };
  },
});
