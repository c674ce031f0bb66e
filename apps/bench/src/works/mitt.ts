import mitt from 'mitt';
import type { Order } from '../order.js';
import type { RowName } from '../rows.js';
import type { Work } from '../work.js';
import { emitting } from './emitting.js';

function broadcast(): Work {
  const emitter = mitt<{ ordered: Order }>();
  return emitting({
    on: (listener) => emitter.on('ordered', listener),
    emit: (order) => emitter.emit('ordered', order),
  });
}

/** Every row that mitt takes part in. */
export const works: Readonly<Partial<Record<RowName, () => Work>>> = {
  broadcast,
  'broadcast-burst': broadcast,
};
