import { type HappenConfig, initializeHappen } from 'happen';
import type { Extension } from '@happen/core';
import type { Open } from '../space.js';
import type { Meeting } from './messages.js';

/** Opens spaces that meet at a NATS server. */
export function openAt({ servers, space }: Meeting): Open {
  return <B, const X extends readonly Extension[]>(config: HappenConfig<X> = {}) =>
    initializeHappen<B, X>({ ...config, nats: { space, connection: { servers } } });
}
