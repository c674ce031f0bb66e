import { initializeHappen } from '@happen/core';
import { natsTransport } from '@happen/nats';

const happen = initializeHappen({ transport: natsTransport({ servers: process.argv[2], reconnectTimeWait: 600_000 }) });
happen.ready().catch(() => {});
happen.createNode('lonely').on('t', () => {});
process.stdout.write('waiting\n');
