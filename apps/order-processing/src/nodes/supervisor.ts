import type { Shop } from '../space.js';
import { ownedState } from './owned-state.js';

/** A service that has reported as many errors needs attention; from then on, every doubling is told again. */
const errorsBeforeAttention = 5;

/** Watches the errors that services tell of, whatever the service: its name is the first part of the event's type. */
export function createSupervisor(happen: Shop) {
  const node = happen.createNode('supervisor');
  const errors = ownedState<ReadonlyMap<string, number>>(new Map());

  node.on(
    (type) => type.endsWith('.error'),
    async (event) => {
      const service = event.type.slice(0, event.type.indexOf('.'));
      const kept = errors.set((counts) => new Map(counts).set(service, (counts.get(service) ?? 0) + 1));
      const count = errors.get((counts) => counts.get(service) ?? 0);
      await kept;
      if (Number.isInteger(Math.log2(count / errorsBeforeAttention))) {
        node.broadcast({ type: 'service.degraded', payload: { service, errors: count } });
      }
    },
  );
  return node;
}
