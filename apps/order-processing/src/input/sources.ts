import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { InputPaths } from '../options.js';
import type { InputFiles } from './order-book.js';

/** The files a run reads, opened when their turn comes, and closed by `signal`. */
export function inputFiles(
  paths: InputPaths,
  folder: string,
  standardInput: Readable,
  signal: AbortSignal,
): InputFiles {
  const source = (path: string) => ({
    file: path,
    open: () => createReadStream(resolve(folder, path), { signal }),
  });
  return {
    orders:
      paths.orders === '-'
        ? { file: 'standard input', open: () => abortable(standardInput, signal) }
        : source(paths.orders),
    items: source(paths.items),
    products: source(paths.products),
    customers: source(paths.customers),
  };
}

function abortable(stream: Readable, signal: AbortSignal): Readable {
  const stop = () => stream.destroy(signal.reason);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return stream;
}
