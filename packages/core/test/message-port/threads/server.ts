/** A thread with a node that answers some of what it is asked at once, and the rest never. */
import { parentPort, threadId, workerData } from 'node:worker_threads';
import { initializeHappen } from '../../../src/index.js';
import { messagePortTransport } from '../../../src/message-port.js';

const { name = 'server' } = workerData as { name?: string };
if (parentPort === null) throw new Error('This is for a worker thread.');

const happen = initializeHappen({ transport: messagePortTransport(parentPort) });
const server = happen.createNode(name);
server.on('double', ({ payload }) => (payload as number) * 2);
server.on('where', () => threadId);
server.on('never', () => new Promise(() => {}));
server.on('exit', ({ payload }) => process.exit(payload as number));
server.on('ask', ({ payload }) => server.send(payload as string, { type: 'where' }));
server.on('order.placed', async ({ context: { causal } }) => {
  await new Promise((resolve) => setTimeout(resolve, 1));
  await server.send('main', { type: 'stock.reserve' });
  return { id: causal.id, tree: happen.causality.tree(causal.correlationId) };
});
server.on('close', () => void happen.close({ timeout: 1 }));
