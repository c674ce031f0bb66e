/** For runtimes such as Node's: takes part in a space over NATS until it is told to leave, and ends by itself. */
import { argv } from 'node:process';
import { takePart } from './participant.js';

const servers = argv.slice(2);
const { happen, left } = takePart('elsewhere', { connection: { server: { servers }, reconnectTimeWait: 50 } });
await happen.ready();
console.log('ready');
console.log(JSON.stringify(await left));
