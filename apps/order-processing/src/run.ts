import type { Readable } from 'node:stream';
import { type OrderBook, readOrderBook } from './input/order-book.js';
import { inputFiles } from './input/sources.js';
import { UnusableInputError } from './input/table.js';
import { visible } from './input/visible.js';
import { closingBooks } from './closing-books.js';
import { correlationOf } from './nodes/front-desk.js';
import type { InputPaths, RunOptions } from './options.js';
import { createOrderSystem } from './order-system.js';
import { createProcessSystem } from './processes/process-system.js';
import { createProgress } from './output/progress.js';
import { type Report, reportAsJson, reportAsTable } from './output/report.js';
import { contradictionIn } from './rules/books.js';
import { runOrders } from './run-orders.js';
import { causalTree } from './trace/causal-tree.js';
import { type Emissions, emissionRecorder } from './trace/emission-recorder.js';

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
  const correlationId = options.trace === undefined ? undefined : correlationOf(options.trace);
  const settings = { ...options, recorder: emissionRecorder(correlationId), onFailure, onEnding: progress.ended };
  const system = options.processes
    ? await createProcessSystem(book, { ...settings, correlationId, tell, signal })
    : createOrderSystem(book, settings);
  try {
    const taken = await runOrders(book, system.frontDesk, { concurrency: options.concurrency, signal, onFailure });
    progress.stop();
    // An order that nobody could read has nobody to write to.
    const notifiable = Math.max(taken - book.invalid.length, 0);
    const { books, askedAgain } = await closingBooks(system, taken, notifiable);
    const { summary } = books;
    const contradiction = contradictionIn(books);
    const emissions = await system.recorded();
    if (contradiction !== undefined) onFailure(`The books do not balance: ${contradiction}.`);

    const durationMs = Math.round(performance.now() - startedAt);
    const report: Report = { summary, events: emissions.emitted - askedAgain, durationMs, badRows };
    const aside = options.json ? stderr : stdout;
    if (signal.aborted) {
      // Half a result must not be taken for a whole one, so there is no JSON of it.
      tell('Stopped. What had been done for the orders under way was taken back. So far:');
      aside.write(reportAsTable(report));
    } else {
      stdout.write(options.json ? `${reportAsJson(report, options.shippingFailureRate > 0)}\n` : reportAsTable(report));
    }
    if (options.trace !== undefined) drawTrace(options.trace, emissions, aside);

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

function drawTrace(orderId: number, { events, omitted }: Emissions, stream: NodeJS.WritableStream): void {
  stream.write(`What order ${orderId} caused, each event below its cause (→ asks one node, ⇒ tells everyone):\n`);
  for (const line of causalTree(events)) stream.write(`  ${line}\n`);
  if (omitted > 0) stream.write(`  … and ${omitted} more events\n`);
}
