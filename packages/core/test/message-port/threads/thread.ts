import { Worker } from 'node:worker_threads';

/** Starts a thread with a file of this folder. */
export function thread(file: 'server.ts', data: object = {}): Worker {
  return new Worker(new URL('start.mjs', import.meta.url), {
    workerData: { module: new URL(file, import.meta.url).href, ...data },
    execArgv: ['--conditions=happen-source'],
  });
}
