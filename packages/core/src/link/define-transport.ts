import type { Transport } from '../ports/transport.js';
import type { WireLimits } from '../wire/limits.js';
import { joinKey } from './join-key.js';
import { Link } from './link.js';
import type { LinkHost } from './link-host.js';

/** A transport that a space can take: what `defineTransport` makes of a driver. */
export interface JoinableTransport extends Transport {
  /** @internal */
  readonly [joinKey]: (host: LinkHost, instance: string, limits: WireLimits) => Link;
}

/**
 * Makes a driver ready for `initializeHappen({ transport })`. It stays the same object. Drivers call it in the function by
 * which users get a transport; frames, requests and replies come with it, and only those who import a driver pay for them.
 */
export function defineTransport<T extends Transport>(driver: T): T & JoinableTransport {
  return Object.defineProperty(driver, joinKey, {
    value: (host: LinkHost, instance: string, limits: WireLimits) => new Link(host, driver, instance, limits),
  }) as T & JoinableTransport;
}
