import { initializeHappen } from '../../src/index.js';

// It ends by itself: nothing is closed here.
const { createNode } = initializeHappen({ nats: { connection: { reconnectTimeWait: 100 } } });
const shouter = createNode('shouter');
shouter.on('shout', (event) => String(event.payload).toUpperCase());
console.log(await createNode('me').send(shouter, { type: 'shout', payload: 'hello' }));
// Long enough for several attempts.
await new Promise((resolve) => setTimeout(resolve, 500));
