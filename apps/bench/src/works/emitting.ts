import { dueCents, type Order, orderOf } from '../order.js';
import { newTally, type Work } from '../work.js';

/** What an emitter of any library can do here: call its one listener, at once. */
export interface Emitting {
  on(listener: (order: Order) => void): void;
  emit(order: Order): void;
}

/** The broadcast rows for emitters: nothing is awaited, as there is nothing to wait for. */
export function emitting({ on, emit }: Emitting): Work {
  const tally = newTally();
  let heard = 0;
  on((order) => {
    tally.received++;
    heard += dueCents(order);
  });
  return {
    tally,
    async run(count) {
      let told = 0;
      heard = 0;
      for (let number = 0; number < count; number++) {
        const order = orderOf(number);
        tally.sent++;
        emit(order);
        told += dueCents(order);
      }
      if (heard !== told) tally.wrong++;
    },
    close: async () => {},
  };
}
