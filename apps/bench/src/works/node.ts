import { Readable } from 'node:stream';
import { dueCents, orderOf } from '../order.js';
import type { RowName, Setting } from '../rows.js';
import { streamLength, type Work } from '../work.js';
import { streaming } from './streaming.js';

async function* orders(): AsyncGenerator<number> {
  for (let number = 0; number < streamLength; number++) yield dueCents(orderOf(number));
}

/** What the runtime itself has for a stream. */
function stream({ way }: Setting): Work {
  return {
    ...streaming(way === 'readable' ? () => Readable.from(orders()) : orders),
    close: async () => {},
  };
}

/** Every row in which the runtime stands for itself. */
export const works: Readonly<Partial<Record<RowName, (setting: Setting) => Work>>> = { 'stream-10000': stream };
