import { EventEmitter } from 'eventemitter3';
import { bytesOfEach, count } from './heap.mjs';
import { report } from './report.mjs';

let heard = 0;
let last;
const bytes = await bytesOfEach((index) => {
  last = new EventEmitter();
  last.on('order', (order) => {
    heard = order + index;
  });
  return last;
});
last.emit('order', 1);
report({ bytes, sound: heard === 2 * count });
