import type { HappenError } from '../errors/happen-error.js';
import type { Delivery } from './delivery.js';
import type { FlowStream } from './flow-stream.js';

/** What few deliveries need. It stands apart, since each field of an object costs everyone who makes one. */
export class DeliveryExtras {
  /** Place in the order of arrival at the node, among those that had to wait; set by its inbox. */
  order = 0;
  /** Where it waits for its turn: to be told when nobody waits for it any more. */
  queue: { gaveUp(): void } | undefined;
  /** When it arrived or, once it runs, was begun; set by its node where that is measured. */
  since = 0;
  atOnce = false;
  /** Why the asker no longer waits. */
  cancelled: HappenError | undefined;
  /** Why the flows' signal is aborted, or will be as soon as somebody looks at it. */
  abortedBy: HappenError | undefined;
  abort: AbortController | undefined;
  stream: FlowStream | 'drained' | undefined;
  streamIsLeft = false;
  /** The batch of which it is a part that is handled by itself. */
  partOf: Delivery | undefined;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
