import { parentPort } from 'node:worker_threads';
import { initializeHappen } from '@happen/core';
import { messagePortTransport } from '@happen/core/message-port';
import { createPrimeCounter } from './prime-counter.js';

if (parentPort === null) throw new Error('This file is for a worker thread; start main.js.');

createPrimeCounter(initializeHappen({ transport: messagePortTransport(parentPort) }));
