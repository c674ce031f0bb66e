/** One event, or a batch: the delivery of either, for a node that need not tell them apart. */
import { BatchDelivery } from './batch-delivery.js';
import { Delivery, type Entry, type FlowHost, type FlowTerms, type ReplySink } from './delivery.js';
import type { Handled } from './step.js';

export function deliveryOf(host: FlowHost, handled: Handled, reply: ReplySink | undefined, terms: FlowTerms): Delivery {
  return Array.isArray(handled)
    ? new BatchDelivery(host, handled, reply, terms)
    : new Delivery(host, handled, reply, terms);
}

/** Runs its flows. What nobody said otherwise of takes batches, but for events of types that `gate` checks one by one. */
export function startFlows(
  delivery: Delivery,
  entries: readonly Entry[],
  gate: { checks(type: string): boolean } | undefined,
): void {
  if (delivery instanceof BatchDelivery) {
    const checked = gate?.checks(delivery.event.type) === true;
    delivery.startParts(entries, ({ batch }) => !(batch ?? !checked));
  } else {
    delivery.start(entries);
  }
}
