/** For runtimes with worker threads: runs everything, in the main thread and in workers, and prints it as JSON. */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { initializeHappen, isHappenError } from '@happen/core';
import { messagePortTransport } from '@happen/core/message-port';
import { askAcross, askAcrossHub, type Findings, findings, serve } from './checks.js';

if (isMainThread) console.log(JSON.stringify(await report()));
else if (parentPort !== null) serve(parentPort, workerData as string);

async function report(): Promise<Findings> {
  const workers: Worker[] = [];
  const worker = (id: string): Worker => {
    const made = new Worker(new URL(import.meta.url), { workerData: id });
    workers.push(made);
    return made;
  };
  const found = {
    main: await findings(),
    thread: await askAcross(worker('thread')),
    hub: await askAcrossHub([worker('thread'), worker('other-thread')]),
    terminated: await askAndTerminate(worker('thread')),
    tracked: await trackedCauses(),
  };
  // Not the one that has been terminated before: on Bun that would never resolve.
  await Promise.all(workers.slice(0, -1).map((each) => each.terminate()));
  return found;
}

/** How a request ends whose worker is terminated. */
async function askAndTerminate(worker: Worker): Promise<unknown> {
  const happen = initializeHappen({ transport: messagePortTransport(worker) });
  const asker = happen.createNode('asker');
  await asker.send('thread', { type: 'sender' });
  const waiting = asker.send('thread', { type: 'never' }, { timeout: 20_000 }).return();
  await asker.send('thread', { type: 'sender' });
  void worker.terminate();
  const fate = await waiting.catch((error: unknown) => (isHappenError(error) ? error.code : String(error)));
  await happen.close();
  return fate;
}

/** Whether causes are followed through `await` and timers by themselves. */
async function trackedCauses(): Promise<unknown> {
  const { createNode, close } = initializeHappen();
  const [a, b, c] = [createNode('a'), createNode('b'), createNode('c')];
  c.on('third', ({ context: { causal } }) => causal.depth);
  b.on('second', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return b.send(c, { type: 'third' });
  });
  const depth = await a.send(b, { type: 'second' });
  await close();
  return depth;
}
