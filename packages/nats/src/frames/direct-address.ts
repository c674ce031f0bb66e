import type { Address } from '@happen/core';

export type { NodeAddress } from '@happen/core';

/** A node or an instance. */
export type DirectAddress = Exclude<Address, { kind: 'broadcast' }>;
