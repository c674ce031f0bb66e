import { SingleBar } from 'cli-progress';
import { formatCents } from '../rules/money.js';
import type { Ending } from '../nodes/dashboard.js';

/** Shows how far a run has come. */
export interface Progress {
  ended(ending: Ending): void;
  /** Leaves the terminal as it was. Calling it twice is fine. */
  stop(): void;
}

/** Up to as many orders get a line each where there is no bar. */
export const mostOrdersWithOwnLine = 50;

/** A bar on a terminal; plain lines elsewhere: one for each order, or one for every twentieth part of many. */
export function createProgress(stream: NodeJS.WriteStream | NodeJS.WritableStream, total: number): Progress {
  if ('isTTY' in stream && stream.isTTY) return progressBar(stream, total);
  return total <= mostOrdersWithOwnLine ? lineForEachOrder(stream) : lineForEachPart(stream, total);
}

function progressBar(stream: NodeJS.WritableStream, total: number): Progress {
  const bar = new SingleBar({
    stream,
    format: '{bar} {value}/{total} orders, {fulfilled} fulfilled, {rejected} rejected',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    // The terminal cannot show more, and drawing costs more than an order.
    fps: 20,
    gracefulExit: false,
  });
  const counted = { fulfilled: 0, rejected: 0 };
  bar.start(total, 0, counted);
  return {
    ended(ending) {
      if ('fulfilled' in ending) counted.fulfilled += 1;
      else counted.rejected += 1;
      bar.increment(1, counted);
    },
    stop() {
      if (bar.isActive) bar.stop();
    },
  };
}

function lineForEachOrder(stream: NodeJS.WritableStream): Progress {
  return {
    ended(ending) {
      if ('fulfilled' in ending) {
        const { orderId, cents, units } = ending.fulfilled;
        stream.write(`Order ${orderId}: fulfilled, ${units} units for ${formatCents(cents)}\n`);
      } else {
        const { orderId, reason, detail } = ending.rejected;
        stream.write(`${orderId === undefined ? 'An order' : `Order ${orderId}`}: ${reason}; ${detail}\n`);
      }
    },
    stop() {},
  };
}

function lineForEachPart(stream: NodeJS.WritableStream, total: number): Progress {
  const counted = { fulfilled: 0, rejected: 0 };
  const part = Math.ceil(total / 20);
  return {
    ended(ending) {
      if ('fulfilled' in ending) counted.fulfilled += 1;
      else counted.rejected += 1;
      const ended = counted.fulfilled + counted.rejected;
      if (ended % part !== 0 && ended !== total) return;
      stream.write(`${ended}/${total} orders, ${counted.fulfilled} fulfilled, ${counted.rejected} rejected\n`);
    },
    stop() {},
  };
}
