import type { Address } from '@happen/core';

/** A node or an instance. */
export type DirectAddress = Exclude<Address, { kind: 'broadcast' }>;

export type NodeAddress = Address & { readonly kind: 'node' };
