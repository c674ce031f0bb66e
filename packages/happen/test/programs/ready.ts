import { initializeHappen } from '../../src/index.js';

const happen = initializeHappen();
await happen.ready();
console.log('ready');
await happen.close();
