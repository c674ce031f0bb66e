import type { Transport } from '../ports/transport.js';
import type { WireLimits } from '../wire/limits.js';
import { joinKey } from './join-key.js';
import { Link } from './link.js';
import type { LinkHost } from './link-host.js';

/** How a space joins a transport. */
export type Join = (host: LinkHost, instance: string, limits: WireLimits) => Link;

/** A transport that a space can take: what `defineTransport` makes of a driver. */
export interface JoinableTransport extends Transport {
  /** How a space joins it: its parts are the framework's own. */
  readonly [joinKey]: object;
}

/**
 * Makes a driver ready for `initializeHappen({ transport })`. It stays the same object. Drivers call it in the function by
 * which users get a transport; frames, requests and replies come with it, and only those who import a driver pay for them.
 */
export function defineTransport<T extends Transport>(driver: T): T & JoinableTransport {
  const join: Join = (host, instance, limits) => new Link(host, driver, instance, limits);
  return Object.defineProperty(driver, joinKey, { value: join }) as T & JoinableTransport;
}
