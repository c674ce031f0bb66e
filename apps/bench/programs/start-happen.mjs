import { initializeHappen } from '@happen/core';
import { report } from './report.mjs';

const { createNode, close } = initializeHappen();
const till = createNode('till');
till.on('order', (event) => event.payload + 1);
const answer = await createNode('customer').send(till, { type: 'order', payload: 1 });
await close();
report({ sound: answer === 2 });
