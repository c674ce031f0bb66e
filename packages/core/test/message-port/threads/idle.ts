/** A program with two spaces at the ends of a channel, neither of which is ever closed. */
import { MessageChannel } from 'node:worker_threads';
import { initializeHappen } from '../../../src/index.js';
import { messagePortTransport } from '../../../src/message-port.js';

const { port1, port2 } = new MessageChannel();
const [near, far] = [port1, port2].map((port) =>
  initializeHappen({ transport: messagePortTransport(port, { keepAlive: false }) }),
);
far?.createNode('far').on('double', ({ payload }) => (payload as number) * 2);
console.log(await near?.createNode('near').send('far', { type: 'double', payload: 21 }));
