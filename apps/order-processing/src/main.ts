import { fileURLToPath } from 'node:url';
import { helpText } from './help.js';
import { UnusableInputError } from './input/table.js';
import { parseOptions, UsageError } from './options.js';
import { exitCodes, run } from './run.js';

// The process: command line, signals, exit code. What the app does begins in run.ts, what it is made of in order-system.ts.

const dataFile = (name: string) => fileURLToPath(new URL(`../data/${name}`, import.meta.url));
const demonstration = {
  orders: dataFile('orders.csv'),
  items: dataFile('order_details.csv'),
  products: dataFile('products.csv'),
  customers: dataFile('customers.csv'),
};

// Whoever reads our output may stop reading (`| head`); that is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const stopping = new AbortController();
const signalled = (signal: NodeJS.Signals) => {
  // The second time nothing is waited for.
  if (stopping.signal.aborted) process.exit(exitCodes.stopped);
  process.stderr.write(`\n${signal}: stopping …\n`);
  stopping.abort();
};
process.on('SIGINT', signalled);
process.on('SIGTERM', signalled);

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(helpText);
    return exitCodes.allRead;
  }
  const { stdin, stdout, stderr } = process;
  return run(options, { folder: process.cwd(), demonstration, stdin, stdout, stderr, signal: stopping.signal });
}

try {
  process.exitCode = await main();
} catch (error) {
  if (stopping.signal.aborted) {
    process.exitCode = exitCodes.stopped;
  } else if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\nnpm start -- --help lists the options.\n`);
    process.exitCode = exitCodes.unusable;
  } else if (error instanceof UnusableInputError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = exitCodes.unusable;
  } else {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = exitCodes.failed;
  }
}
