/**
 * A generator without a consumer: it runs to its end, and what it yields is dropped. It lets the event loop turn after 10 ms,
 * and ends at its next yield once its flow has been given up.
 */
import type { Delivery } from './delivery.js';
import { FlowRecord } from './flow-record.js';
import { isPromiseLike } from './outcome.js';
import type { StreamIterator } from './stream-source.js';
import { iteratorResult } from './iterator-result.js';
import { TurnTaking } from './turn-taking.js';

/** What the generator returns, or a promise of it. Called within the flow's tracking. */
export function drain(flow: FlowRecord, iterator: StreamIterator): unknown {
  const delivery = FlowRecord.deliveryOf(flow);
  const turns = new TurnTaking(delivery.host.clock);
  for (;;) {
    const next = iterator.next();
    if (typeof next === 'object' && next !== null && isPromiseLike(next)) return goOn(flow, iterator, turns, next);
    const { done, value } = iteratorResult(next);
    if (done) return value;
    if (typeof value === 'object' && value !== null && isPromiseLike(value)) {
      return goOn(flow, iterator, turns, { done: false, value });
    }
    if (delivery.cancelled !== undefined) return iterator.return?.() && undefined;
    if (turns.isDue) return goOn(flow, iterator, turns, turned(turns));
  }
}

async function goOn(flow: FlowRecord, iterator: StreamIterator, turns: TurnTaking, first: unknown): Promise<unknown> {
  const delivery = FlowRecord.deliveryOf(flow);
  let next: unknown = first;
  for (;;) {
    const { done, value } = iteratorResult(await next);
    if (done) return value;
    try {
      await value;
    } catch (thrown) {
      // What is behind the generator's yield has failed, and not the generator: its `finally` is still to come.
      await within(flow, delivery, () => iterator.return?.());
      throw thrown;
    }
    if (delivery.cancelled !== undefined) {
      await within(flow, delivery, () => iterator.return?.());
      return undefined;
    }
    if (turns.isDue) await turned(turns);
    next = within(flow, delivery, () => iterator.next());
  }
}

/** Runs the generator's code in its flow's tracking. */
function within(flow: FlowRecord, { host }: Delivery, call: () => unknown): unknown {
  if (host.tracksPromises) return call();
  const watching = FlowRecord.watchingOf(flow);
  let outcome: unknown;
  const run = (): void => void (outcome = call());
  host.tracker.run(flow, watching === undefined ? run : () => watching.within(run, flow), undefined);
  return outcome;
}

function turned(turns: TurnTaking): Promise<{ done: false }> {
  return new Promise((resolve) => turns.after(() => resolve({ done: false })));
}
