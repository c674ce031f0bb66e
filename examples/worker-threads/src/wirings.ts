import { Worker } from 'node:worker_threads';
import { initializeHappen, type Space } from '@happen/core';
import { messagePortTransport } from '@happen/core/message-port';
import { createPrimeCounter } from './prime-counter.js';

/** A space in which `prime-counter` can be reached, wherever it lives. */
export interface Wiring {
  readonly happen: Space;
  close(): Promise<void>;
}

/** The node lives here, and takes its time from everything else in this thread. */
export function inThisThread(): Wiring {
  const happen = initializeHappen();
  createPrimeCounter(happen);
  return { happen, close: async () => void (await happen.close()) };
}

/** The node lives in a worker thread: worker.ts makes it there, with the same function. */
export function inAWorker(): Wiring {
  const worker = new Worker(new URL('./worker.js', import.meta.url));
  const happen = initializeHappen({ transport: messagePortTransport(worker) });
  return {
    happen,
    async close() {
      await happen.close();
      await worker.terminate();
    },
  };
}
