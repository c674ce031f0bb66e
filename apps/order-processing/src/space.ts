import { type Extension, initializeHappen } from '@happen/core';
import type { Broadcasts } from './events.js';

/** How spaces are opened. */
export type Open = typeof initializeHappen;

/**
 * Opens a space for nodes of the shop. All of them may live in one, which is the default: within this process, with nothing to
 * install. Or each lives in its own, on whatever `open` puts between them.
 */
export function openShop(extension: Extension, open: Open = initializeHappen) {
  return open<Broadcasts, readonly [Extension]>({ extensions: [extension] });
}

/** The space of the shop: what each node is created in. */
export type Shop = ReturnType<typeof openShop>;
