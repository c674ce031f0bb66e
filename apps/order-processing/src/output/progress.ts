import { MultiBar } from 'cli-progress';
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

/** The stream that progress is written to: a terminal, or anything else. */
export type ProgressStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/**
 * A bar on a terminal, plain lines elsewhere. Few orders get a line each, on a terminal too; of many, every twentieth part
 * gets one where there is no bar. An order that failed, for a reason that is no rule of the business, always gets one.
 */
export function createProgress(stream: ProgressStream, total: number): Progress {
  const eachInOneLine = total <= mostOrdersWithOwnLine;
  if (stream.isTTY === true) return progressBar(stream, total, eachInOneLine);
  return eachInOneLine ? lineForEachOrder(stream) : lineForEachPart(stream, total);
}

function progressBar(stream: ProgressStream, total: number, eachInOneLine: boolean): Progress {
  const bars = new MultiBar({
    stream,
    format: '{bar} {value}/{total} orders, {fulfilled} fulfilled, {rejected} rejected',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    // Ctrl-C is handled by the run, which stops the bar when it has ended.
    gracefulExit: false,
  });
  const counted = { fulfilled: 0, rejected: 0 };
  const bar = bars.create(total, 0, counted);
  return {
    ended(ending) {
      if (eachInOneLine || hasFailed(ending)) bars.log(describe(ending));
      count(ending, counted);
      bar.increment(1, counted);
    },
    stop() {
      if (!bars.isActive) return;
      // What was logged since the last drawing would be lost otherwise.
      bars.update();
      bars.stop();
    },
  };
}

function lineForEachOrder(stream: ProgressStream): Progress {
  return {
    ended: (ending) => void stream.write(describe(ending)),
    stop() {},
  };
}

function lineForEachPart(stream: ProgressStream, total: number): Progress {
  const counted = { fulfilled: 0, rejected: 0 };
  const part = Math.ceil(total / 20);
  return {
    ended(ending) {
      if (hasFailed(ending)) stream.write(describe(ending));
      count(ending, counted);
      const ended = counted.fulfilled + counted.rejected;
      if (ended % part !== 0 && ended !== total) return;
      stream.write(`${ended}/${total} orders, ${counted.fulfilled} fulfilled, ${counted.rejected} rejected\n`);
    },
    stop() {},
  };
}

function count(ending: Ending, counted: { fulfilled: number; rejected: number }): void {
  if ('fulfilled' in ending) counted.fulfilled += 1;
  else counted.rejected += 1;
}

function hasFailed(ending: Ending): boolean {
  return 'rejected' in ending && ending.rejected.reason === 'failed';
}

function describe(ending: Ending): string {
  if ('fulfilled' in ending) {
    const { orderId, cents, units } = ending.fulfilled;
    return `Order ${orderId}: fulfilled, ${units} units for ${formatCents(cents)}\n`;
  }
  const { orderId, reason, detail } = ending.rejected;
  return `${orderId === undefined ? 'An order' : `Order ${orderId}`}: ${reason.replaceAll('-', ' ')}; ${detail}\n`;
}
