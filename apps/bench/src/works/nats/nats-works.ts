import { dueCents, shipmentOf } from '../../order.js';
import { inFlight, newTally, type Work } from '../../work.js';
import { Arrivals } from '../arrivals.js';
import type { RowName } from '../../rows.js';
import { type PartyName, partyOf } from './party.js';
import { Responder } from './responder.js';

/** Where the server of the run is, told by the process that started it. */
export const serverVariable = 'HAPPEN_BENCH_NATS';

/** So many may be on their way before the sender waits for news of them. */
const mostUnheard = 4_096;
const chunk = 4_096;

async function sides(name: PartyName) {
  const url = process.env[serverVariable];
  if (url === undefined) throw new Error(`${serverVariable} does not say where the NATS server is`);
  const responder = await Responder.start(name, url);
  const asker = await (await partyOf(name)).ask(url);
  return {
    responder,
    asker,
    close: async () => {
      await asker.close();
      await responder.stop();
    },
  };
}

function requests(atOnce: number, chunk: number) {
  return async (name: PartyName): Promise<Work> => {
    const { asker, close } = await sides(name);
    const tally = newTally();
    return {
      tally,
      chunk,
      async run(count) {
        let next = 0;
        const one = async (): Promise<void> => {
          while (next < count) {
            const shipment = shipmentOf(next++);
            tally.sent++;
            const due: unknown = await asker.request(shipment);
            tally.received++;
            if (due !== dueCents(shipment)) tally.wrong++;
          }
        };
        await Promise.all(Array.from({ length: atOnce }, one));
      },
      close,
    };
  };
}

async function oneWay(name: PartyName): Promise<Work> {
  const { asker, responder, close } = await sides(name);
  const tally = newTally();
  let heard = 0;
  let unheard = 0;
  const arrivals = new Arrivals();
  let room: (() => void) | undefined;
  responder.onHeard = (count, cents) => {
    tally.received += count;
    heard += cents;
    unheard -= count;
    for (let each = 0; each < count; each++) arrivals.one();
    if (unheard <= mostUnheard - inFlight) room?.();
  };
  return {
    tally,
    chunk,
    async run(count) {
      let told = 0;
      heard = 0;
      const arrived = arrivals.expect(count);
      for (let number = 0; number < count; ) {
        for (let each = 0; each < inFlight; each++) {
          const shipment = shipmentOf(number++);
          tally.sent++;
          asker.tell(shipment);
          told += dueCents(shipment);
        }
        unheard += inFlight;
        // What was written leaves, and news come in, between two bursts.
        await new Promise((resolve) => setImmediate(resolve));
        if (unheard > mostUnheard - inFlight) {
          await new Promise<void>((resolve) => {
            room = resolve;
          });
        }
      }
      await arrived;
      if (heard !== told) tally.wrong++;
    },
    close,
  };
}

export const natsWorks: Readonly<Partial<Record<RowName, (name: PartyName) => Promise<Work>>>> = {
  'nats-request': requests(1, 64),
  'nats-request-256': requests(inFlight, 1_024),
  'nats-one-way': oneWay,
};
