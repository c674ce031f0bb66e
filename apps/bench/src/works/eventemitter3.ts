import { EventEmitter } from 'eventemitter3';
import type { Order } from '../order.js';
import type { RowName } from '../rows.js';
import type { Work } from '../work.js';
import { emitting } from './emitting.js';

function broadcast(): Work {
  const emitter = new EventEmitter<{ ordered: [Order] }>();
  return emitting({
    on: (listener) => void emitter.on('ordered', listener),
    emit: (order) => void emitter.emit('ordered', order),
  });
}

/** Every row that EventEmitter3 takes part in. */
export const works: Readonly<Partial<Record<RowName, () => Work>>> = {
  broadcast,
  'broadcast-burst': broadcast,
};
