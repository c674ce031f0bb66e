import { createHash } from 'node:crypto';
import type { WireEvent } from '../../src/wire/messages.js';

export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

/** An event of ordinary size. */
export const sampleEvent: WireEvent = {
  type: 'order.submitted',
  payload: {
    orderId: 'order-10248',
    total: 440.5,
    items: [
      { product: 11, quantity: 12 },
      { product: 42, quantity: 10 },
    ],
  },
  id: '0193a4f0-7b1c-7def-8abc-0123456789ab',
  sender: 'order-service',
  causationId: '0193a4f0-7b1c-7def-8abc-0123456789aa',
  causes: undefined,
  correlationId: '0193a4f0-7b1c-7def-8abc-0123456789a9',
  depth: 2,
  path: [
    ['web', 'gateway'],
    ['gateway', 'order-service'],
  ],
  omittedHops: 0,
  origin: { sourceId: 'browser-7' },
  context: { system: { environment: 'test', region: 'eu' } },
};

/** An event with nothing in it that may be missing. */
export const bareEvent: WireEvent = {
  type: 't',
  payload: undefined,
  id: 'i',
  sender: 's',
  causationId: undefined,
  causes: undefined,
  correlationId: 'c',
  depth: 0,
  path: [],
  omittedHops: 0,
  origin: undefined,
  context: undefined,
};
