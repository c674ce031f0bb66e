import type { Readable } from 'node:stream';
import { type OrderBook, readOrderBook } from './input/order-book.js';
import { inputFiles } from './input/sources.js';
import { UnusableInputError } from './input/table.js';
import { visible } from './input/visible.js';
import { correlationOf } from './nodes/front-desk.js';
import type { InputPaths, RunOptions } from './options.js';
import { createOrderSystem } from './order-system.js';
import { createProgress } from './output/progress.js';
import { type Report, reportAsJson, reportAsTable } from './output/report.js';
import { contradictionIn } from './rules/books.js';
import { runOrders } from './run-orders.js';
import { causalTree } from './trace/causal-tree.js';
import { type EmissionRecorder, emissionRecorder } from './trace/emission-recorder.js';

/** How a run ended, as the process tells it. */
export const exitCodes = { allRead: 0, badRows: 1, unusable: 2, failed: 3, stopped: 130 } as const;

/** What a run has to do with the world. */
export interface Surroundings {
  /** Where relative paths start. */
  readonly folder: string;
  /** The app's own orders. */
  readonly demonstration: InputPaths;
  readonly stdin: Readable;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Stops the run: orders under way are taken back, and what has been done so far is told. */
  readonly signal: AbortSignal;
}

/**
 * Reads the input, carries all orders out and tells how it went: the report on standard output, everything else on standard
 * error.
 *
 * @returns the exit code
 * @throws UnusableInputError before any order is taken
 */
export async function run(options: RunOptions, surroundings: Surroundings): Promise<number> {
  const startedAt = performance.now();
  const { stdout, stderr, signal } = surroundings;
  const tell = (line: string) => void stderr.write(`${line}\n`);

  let badRows = 0;
  if (options.input?.orders === '-') tell('Reading orders from standard input …');
  const paths = options.input ?? surroundings.demonstration;
  const files = inputFiles(paths, surroundings.folder, surroundings.stdin, signal);
  const book = await readOrderBook(files, ({ file, line, reason }) => {
    badRows += 1;
    tell(`${visible(file)}:${line}: ${reason}`);
  });
  const total = book.orders.length + book.invalid.length;
  if (options.input === undefined) {
    tell(`These are ${total} orders of our own; npm start -- --help tells how to name yours.`);
  }
  if (options.trace !== undefined && !isThere(options.trace, book)) {
    throw new UnusableInputError(`There is no order ${options.trace} to trace in ${visible(files.orders.file)}.`);
  }

  let failures = 0;
  const onFailure = (message: string) => {
    failures += 1;
    tell(message);
  };
  const progress = createProgress(stderr, total);
  const recorder = emissionRecorder(options.trace === undefined ? undefined : correlationOf(options.trace));
  const system = createOrderSystem(book, { ...options, recorder, onFailure, onEnding: progress.ended });
  try {
    const taken = await runOrders(book, system.frontDesk, { concurrency: options.concurrency, signal, onFailure });
    progress.stop();
    const summary = await system.frontDesk.summary();
    const contradiction = contradictionIn({ taken, summary, stock: await system.frontDesk.countStock() });
    if (contradiction !== undefined) onFailure(`The books do not balance: ${contradiction}.`);

    const durationMs = Math.round(performance.now() - startedAt);
    const report: Report = { summary, events: recorder.emitted, durationMs, badRows };
    const aside = options.json ? stderr : stdout;
    if (signal.aborted) {
      // Half a result must not be taken for a whole one, so there is no JSON of it.
      tell('Stopped. What had been done for the orders under way was taken back. So far:');
      aside.write(reportAsTable(report));
    } else {
      stdout.write(options.json ? `${reportAsJson(report, options.shippingFailureRate > 0)}\n` : reportAsTable(report));
    }
    if (options.trace !== undefined) drawTrace(options.trace, recorder, aside);

    if (signal.aborted) return exitCodes.stopped;
    if (failures > 0 || summary.rejected.failed > 0) return exitCodes.failed;
    return badRows > 0 ? exitCodes.badRows : exitCodes.allRead;
  } finally {
    progress.stop();
    await system.close();
  }
}

function isThere(orderId: number, { orders, invalid }: OrderBook): boolean {
  return orders.some(({ id }) => id === orderId) || invalid.some((order) => order.orderId === orderId);
}

function drawTrace(orderId: number, recorder: EmissionRecorder, stream: NodeJS.WritableStream): void {
  stream.write(`What order ${orderId} caused, each event below its cause (→ asks one node, ⇒ tells everyone):\n`);
  for (const line of causalTree(recorder.events)) stream.write(`  ${line}\n`);
  if (recorder.omitted > 0) stream.write(`  … and ${recorder.omitted} more events\n`);
}
