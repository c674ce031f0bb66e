import { initializeHappen } from '@happen/core';
import { bytesOfEach, count } from './heap.mjs';
import { report } from './report.mjs';

const { createNode, close } = initializeHappen();
const bytes = await bytesOfEach((index) => {
  const node = createNode(`till-${index}`);
  node.on('order', (event) => event.payload + index);
  return node;
});
const answer = await createNode('customer').send(`till-${2 * count - 1}`, { type: 'order', payload: 1 });
await close();
report({ bytes, sound: answer === 2 * count });
