import { type Extension, initializeHappen } from '@happen/core';
import type { Broadcasts } from './events.js';

/** Opens the space all nodes of the shop live in, on the defaults: within this process, with nothing to install. */
export function openShop(extension: Extension) {
  return initializeHappen<Broadcasts, readonly [Extension]>({ extensions: [extension] });
}

/** The space of the shop: what each node is created in. */
export type Shop = ReturnType<typeof openShop>;
