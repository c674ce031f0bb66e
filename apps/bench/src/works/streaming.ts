import { dueCents, orderOf } from '../order.js';
import { newTally, streamLength, type Work } from '../work.js';

/** The row on streams for whatever can be iterated over: each run takes one stream to its end, item by item. */
export function streaming(open: () => AsyncIterable<unknown>): Omit<Work, 'close'> {
  const tally = newTally();
  return {
    tally,
    chunk: streamLength,
    async run() {
      tally.sent += streamLength;
      let number = 0;
      for await (const due of open()) {
        tally.received++;
        if (due !== dueCents(orderOf(number++))) tally.wrong++;
      }
    },
  };
}
