import type { Address } from '@happen/core';

export type { NodeAddress } from '@happen/core';

/** A node or an instance. */
export type DirectAddress = Exclude<Address, { kind: 'broadcast' }>;

/** A listening group at one instance: where a broadcast is passed on that came for a node which is being closed. */
export interface GroupAddress {
  readonly kind: 'group';
  readonly id: string;
  readonly instance: string;
}
