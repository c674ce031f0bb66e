import type { Receive } from '../ports/transport.js';
import type { GroupMember } from '../routing/directory.js';
import type { MemoryTransport } from './memory-transport.js';

/** One receiver of one transport: what `attach` and `listen` leave at the hub. */
export interface Endpoint {
  readonly owner: MemoryTransport;
  readonly receive: Receive;
  open: boolean;
}

/** What receives frames to a node or an instance. */
export interface DirectEndpoint extends Endpoint {
  readonly exclusive: boolean;
}

export interface ListeningEndpoint extends Endpoint, GroupMember {}
